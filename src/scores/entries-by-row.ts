import type { ScoreTable } from "./table.ts";

/** Entries of each row: those of row r are `entry[start[r]] … entry[start[r + 1] − 1]`, in the order of the table. */
export interface EntriesByRow {
  readonly start: Uint32Array;
  readonly entry: Uint32Array;
}

const known = new WeakMap<ScoreTable, EntriesByRow>();

/** Groups the entries of a score table by row, in O(rows + entries), once. */
export function entriesByRow(scores: ScoreTable): EntriesByRow {
  const grouped = known.get(scores) ?? group(scores);
  known.set(scores, grouped);
  return grouped;
}

function group({ rows, entries }: ScoreTable): EntriesByRow {
  const start = new Uint32Array(rows.n + 1);
  for (let e = 0; e < entries.n; e++) start[entries.row[e]! + 1]!++;
  for (let r = 0; r < rows.n; r++) start[r + 1]! += start[r]!;
  const next = start.slice();
  const entry = new Uint32Array(entries.n);
  for (let e = 0; e < entries.n; e++) entry[next[entries.row[e]!]!++] = e;
  return { start, entry };
}
