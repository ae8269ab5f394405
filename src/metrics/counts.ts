import { outcomeState } from "../protocols/protocol.ts";
import type { Estimate, Metric } from "./metric.ts";

/**
 * What the other numbers rest on: `count_rows`, `count_comparisons`, one count per outcome state (`count_judged`,
 * `count_tied`, `count_invalid`, `count_unparsable`, `count_failed`, `count_too_long`), and of the scored questions of these
 * rows those with text cut off (`count_truncated`) or documents left out (`count_dropped_documents`).
 */
export const counts: Metric = {
  name: "counts",
  source: "docs/metrics.md#counts",
  measure({ outcomes, rows, scores: { entries } }) {
    const inGroup = new Uint8Array(rows.n);
    const perState = new Float64Array(outcomeState.length);
    let rowCount = 0;
    for (let i = 0; i < outcomes.n; i++) {
      const row = outcomes.row[i]!;
      if (inGroup[row] === 0) rowCount++;
      inGroup[row] = 1;
      perState[outcomes.state[i]!]!++;
    }
    let questions = 0;
    let truncated = 0;
    let dropped = 0;
    for (let e = 0; e < entries.n; e++) {
      if (inGroup[entries.row[e]!] === 0) continue;
      questions++;
      if (entries.truncated[e] !== 0) truncated++;
      if (entries.droppedDocuments[e] !== 0) dropped++;
    }
    const count = (value: number, n: number): Estimate => ({ value, n });
    return {
      count_rows: count(rowCount, rowCount),
      count_comparisons: count(outcomes.n, outcomes.n),
      ...Object.fromEntries(
        outcomeState.map((state, s) => [`count_${state.replace("-", "_")}`, count(perState[s]!, outcomes.n)]),
      ),
      count_truncated: count(truncated, questions),
      count_dropped_documents: count(dropped, questions),
    };
  },
};
