import { RmbenchError } from "../errors.ts";
import { compareResponses } from "./comparisons.ts";
import type { Protocol } from "./protocol.ts";
import { questionsOfPair } from "./questions-of-pair.ts";

/**
 * Pairs that point in two directions, such as refuse and comply: judged like `pairwise`, but a row must say its direction,
 * for only the two sides together tell a model that reads from one that always does the same.
 */
export const twoSided: Protocol = {
  name: "two-sided",
  summary: "pairs in two directions (refuse and comply, abstain and answer), reported side by side and balanced",
  asks: ["pointwise", "pairwise"],
  units(pair, row, ask, documentTemplate) {
    if (pair.direction === null) {
      throw new RmbenchError("data", `row ${row} (subset ${pair.subset}, id ${pair.id}) has no direction`, {
        hint: "set its direction (refuse or comply, abstain or answer, …), or judge the suite by the pairwise protocol",
      });
    }
    return questionsOfPair(pair, row, ask, documentTemplate);
  },
  judge: (scores) => compareResponses(scores),
};
