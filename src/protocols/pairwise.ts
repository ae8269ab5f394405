import { compareResponses } from "./comparisons.ts";
import type { Protocol } from "./protocol.ts";
import { questionsOfPair } from "./questions-of-pair.ts";

/** Every chosen response should beat every rejected one; a row counts once however many comparisons it has. */
export const pairwise: Protocol = {
  name: "pairwise",
  summary: "every chosen response should be rewarded above every rejected one",
  asks: ["pointwise", "pairwise"],
  units: questionsOfPair,
  judge: (scores) => compareResponses(scores),
};
