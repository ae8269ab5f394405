import { RmbenchError } from "../../errors.ts";
import type { Combination } from "./combination.ts";
import { refuseMissingAttribute } from "./parameters.ts";
import { attributeNames, runColumn, withRewards } from "./run-columns.ts";

/** One objective of a model with several as the reward. */
export const attribute: Combination = {
  name: "attribute",
  summary: "attribute:<name>(model), one objective of a multi-attribute model as its reward",
  members: "one",
  plan(name) {
    if (name === "") {
      throw new RmbenchError("usage", "attribute names no attribute", { hint: "write attribute:helpfulness(model)" });
    }
    return {
      parameters: { attribute: name },
      asks: ["pointwise", "pairwise"],
      wholeRun: false,
      seeded: false,
      output: () => "other",
      combine([member]) {
        const { id, tables } = member!;
        refuseMissingAttribute(`attribute:${name}`, id, name, attributeNames(tables));
        return withRewards(
          tables,
          runColumn(tables, ({ attributes }) => attributes[name]),
        );
      },
    };
  },
};
