import { selectRows } from "../protocols/select.ts";
import { outcomeState, type OutcomeTable } from "../protocols/protocol.ts";
import type { RowColumns } from "../scores/table.ts";
import { wilson } from "../stats/proportion.ts";
import { intervalOf, proportionOf, undefinedEstimate } from "./estimate.ts";
import type { Estimate, Metric } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/**
 * Consistency on contrast sets (arXiv 2309.16155), ties counting as wrong: `c_res`, the response that belongs to an
 * instruction; `c_ins`, the instruction that belongs to a response; `c_joint`, every comparison of a set at once. No result
 * where the protocol has no such cells.
 */
export const contrast: Metric = {
  name: "contrast",
  source: "docs/metrics.md#contrast-sets; arXiv 2309.16155, C_res and C_ins",
  measure({ outcomes, rows }, { level }): Record<string, Estimate> {
    const { values } = outcomes.cell;
    const [response, instruction] = [values.indexOf("response"), values.indexOf("instruction")];
    if (response < 0 && instruction < 0) return {};
    const cellOfRow = new Map(Array.from(outcomes.row, (row, i) => [row, outcomes.cell.codes[i]!]));
    const strict = (code: number): Estimate => {
      const sample = sampleOf(
        selectRows(outcomes, (row) => cellOfRow.get(row) === code),
        rows,
      );
      return proportionOf(sample, (k) => (sample.credit[k] === 1 ? 1 : 0), level);
    };
    return {
      c_res: strict(response),
      c_ins: strict(instruction),
      c_joint: joint(outcomes, rows, response, instruction, level),
    };
  },
};

/** Sets with comparisons of both kinds, all of which carry a verdict, are one item each. */
function joint(
  outcomes: OutcomeTable,
  rows: RowColumns,
  response: number,
  instruction: number,
  level: number,
): Estimate {
  const sets = new Map<number, { response: boolean; instruction: boolean; complete: boolean; right: boolean }>();
  for (let i = 0; i < outcomes.n; i++) {
    const code = rows.cluster.codes[outcomes.row[i]!]!;
    if (code < 0) continue;
    const set = sets.get(code) ?? { response: false, instruction: false, complete: true, right: true };
    sets.set(code, set);
    const cell = outcomes.cell.codes[i]!;
    set.response ||= cell === response;
    set.instruction ||= cell === instruction;
    const state = outcomeState[outcomes.state[i]!]!;
    set.complete &&= state === "judged" || state === "tied";
    set.right &&= outcomes.credit[i] === 1;
  }
  let n = 0;
  let right = 0;
  for (const set of sets.values()) {
    if (!set.response || !set.instruction || !set.complete) continue;
    n++;
    if (set.right) right++;
  }
  if (n === 0) return undefinedEstimate(0, "empty");
  return { value: right / n, n, interval: intervalOf(wilson(right, n, level), level, "wilson") };
}
