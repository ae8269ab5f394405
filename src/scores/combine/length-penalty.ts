import { RmbenchError } from "../../errors.ts";
import type { Combination } from "./combination.ts";
import { numberOf } from "./parameters.ts";
import { withEntries } from "./run-columns.ts";

/**
 * r − λ · |y|, with |y| in Unicode code points of the response (RLHF Workflow, arXiv 2405.07863, has tokens or characters;
 * the formula is from memory). The example among combinations.
 */
export const lengthPenalty: Combination = {
  name: "length-penalty",
  summary: "length-penalty:<λ>(model), the reward less λ for each Unicode code point of the response",
  members: "one",
  plan(parameter) {
    if (parameter === "") {
      throw new RmbenchError("usage", "length-penalty names no λ", { hint: "write length-penalty:0.001(model)" });
    }
    const lambda = numberOf("length-penalty", "λ", parameter);
    return {
      parameters: { lambda: String(lambda), unit: "code points" },
      asks: ["pointwise"],
      wholeRun: false,
      seeded: false,
      output: ([inner]) => inner!,
      combine: ([member]) =>
        withEntries(member!.tables, ({ value, length }) => ({
          value: value.map((reward, i) => reward - lambda * length[i]!),
        })),
    };
  },
};
