import { outcomeState } from "../protocols/protocol.ts";
import { rowsOf } from "../protocols/select.ts";
import { entriesByRow } from "../scores/entries-by-row.ts";
import type { Estimate, Metric } from "./metric.ts";

/**
 * What the other numbers rest on: `count_rows`, `count_comparisons`, one count per outcome state (`count_judged`,
 * `count_tied`, `count_invalid`, `count_unparsable`, `count_failed`, `count_too_long`, `count_unmatched`), and of the scored questions of these
 * rows those with text cut off (`count_truncated`) or documents left out (`count_dropped_documents`).
 */
export const counts: Metric = {
  name: "counts",
  source: "docs/metrics.md#counts",
  measure({ outcomes, scores }) {
    const { start, entry } = entriesByRow(scores);
    const { truncated: isTruncated, droppedDocuments } = scores.entries;
    const perState = new Float64Array(outcomeState.length);
    for (let i = 0; i < outcomes.n; i++) perState[outcomes.state[i]!]!++;
    const ownRows = rowsOf(outcomes);
    let questions = 0;
    let truncated = 0;
    let dropped = 0;
    for (const row of ownRows) {
      for (let position = start[row]!; position < start[row + 1]!; position++) {
        const e = entry[position]!;
        questions++;
        if (isTruncated[e] !== 0) truncated++;
        if (droppedDocuments[e] !== 0) dropped++;
      }
    }
    const count = (value: number, n: number): Estimate => ({ value, n });
    return {
      count_rows: count(ownRows.length, ownRows.length),
      count_comparisons: count(outcomes.n, outcomes.n),
      ...Object.fromEntries(
        outcomeState.map((state, s) => [`count_${state.replace("-", "_")}`, count(perState[s]!, outcomes.n)]),
      ),
      count_truncated: count(truncated, questions),
      count_dropped_documents: count(dropped, questions),
    };
  },
};
