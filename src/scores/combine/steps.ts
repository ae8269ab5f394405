import { RmbenchError } from "../../errors.ts";
import { nearest } from "../../nearest.ts";
import { entryStatus } from "../table.ts";
import type { Combination } from "./combination.ts";
import { withEntries } from "./run-columns.ts";

const ok = entryStatus.indexOf("ok");

/** One reward of the rewards of steps, segments or tokens. Never of an empty list. */
const reductions: Readonly<Record<string, (steps: Float64Array) => number>> = {
  min: (steps) => steps.reduce((least, step) => Math.min(least, step)),
  max: (steps) => steps.reduce((most, step) => Math.max(most, step)),
  mean: (steps) => steps.reduce((sum, step) => sum + step, 0) / steps.length,
  sum: (steps) => steps.reduce((sum, step) => sum + step, 0),
  product: (steps) => steps.reduce((product, step) => product * step, 1),
  last: (steps) => steps.at(-1)!,
};

/** The rewards of a process reward model's steps (or of segments or tokens) as one reward. */
export const steps: Combination = {
  name: "steps",
  summary: `steps:<${Object.keys(reductions).join("|")}>(model), the rewards of a process reward model's steps as one`,
  members: "one",
  plan(name) {
    const reduce = Object.hasOwn(reductions, name) ? reductions[name] : undefined;
    if (reduce === undefined) {
      const near = nearest(name, Object.keys(reductions));
      throw new RmbenchError("usage", `steps has no reduction ${JSON.stringify(name)}`, {
        hint: `${near === null ? "" : `did you mean steps:${near}? `}One of ${Object.keys(reductions).join(", ")}.`,
      });
    }
    return {
      parameters: { reduction: name },
      asks: ["pointwise"],
      wholeRun: false,
      seeded: false,
      output: () => "other",
      combine([member]) {
        const { id, tables } = member!;
        if ([...tables.values()].every(({ entries }) => entries.vector === null)) {
          throw new RmbenchError("data", `steps:${name}: ${id} gives one reward for a response, none for its steps`);
        }
        return withEntries(tables, ({ value, vector, status }) => ({
          // An entry without steps has no reward of them.
          value: value.map((_, i) => {
            const own = vector?.values.subarray(i === 0 ? 0 : vector.end[i - 1], vector.end[i]);
            return status[i] !== ok || own === undefined || own.length === 0 ? Number.NaN : reduce(own);
          }),
          std: null,
        }));
      },
    };
  },
};
