import type { ScoreTable } from "../scores/table.ts";

/** Entries of each row: those of row r are `entry[start[r]] … entry[start[r + 1] − 1]`, in the order of the table. */
export interface EntriesByRow {
  readonly start: Uint32Array;
  readonly entry: Uint32Array;
}

/** Groups the entries of a score table by row, in O(rows + entries). */
export function entriesByRow({ rows, entries }: ScoreTable): EntriesByRow {
  const start = new Uint32Array(rows.n + 1);
  for (let e = 0; e < entries.n; e++) start[entries.row[e]! + 1]!++;
  for (let r = 0; r < rows.n; r++) start[r + 1]! += start[r]!;
  const next = start.slice();
  const entry = new Uint32Array(entries.n);
  for (let e = 0; e < entries.n; e++) entry[next[entries.row[e]!]!++] = e;
  return { start, entry };
}
