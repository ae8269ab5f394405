import { RmbenchError } from "../../errors.ts";
import type { Combination } from "./combination.ts";
import { parseParameters, refuseMissingAttribute, refuseUnknown } from "./parameters.ts";
import { attributeNames, runColumn, withRewards } from "./run-columns.ts";

/** Σ w_k · r_k over the objectives that have a weight; the others count nothing. */
export const weighted: Combination = {
  name: "weighted",
  summary: "weighted:<a=1,b=-0.5>(model), a weighted sum of a multi-attribute model's objectives",
  members: "one",
  plan(parameter) {
    const { words, numbers: weights } = parseParameters("weighted", parameter);
    refuseUnknown("weighted", words, []);
    const names = Object.keys(weights).sort();
    if (names.length === 0) {
      throw new RmbenchError("usage", "weighted names no attribute", {
        hint: "write weighted:helpfulness=1,verbosity=-0.5(model)",
      });
    }
    return {
      parameters: { weights: names.map((name) => `${name}=${weights[name]}`).join(",") },
      asks: ["pointwise", "pairwise"],
      wholeRun: false,
      seeded: false,
      output: () => "other",
      combine([member]) {
        const { id, tables } = member!;
        const there = attributeNames(tables);
        for (const name of names) refuseMissingAttribute("weighted", id, name, there);
        const columns = names.map((name) => runColumn(tables, ({ attributes }) => attributes[name]));
        return withRewards(
          tables,
          weightedSum(
            columns,
            names.map((name) => weights[name]!),
          ),
        );
      },
    };
  },
};

/** Σ w_k · column_k, entry by entry. @param columns at least one */
export function weightedSum(columns: readonly Float64Array[], weights: readonly number[]): Float64Array {
  return columns[0]!.map((_, i) => columns.reduce((sum, column, k) => sum + weights[k]! * column[i]!, 0));
}
