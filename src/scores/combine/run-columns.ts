/** Columns over all suites of a run, one suite behind the other, and back. */
import type { SuiteTables } from "../arrow.ts";
import { entryStatus, type EntryColumns } from "../table.ts";

const ok = entryStatus.indexOf("ok");

/** The column that `pick` names, over the whole run; NaN where a suite has none, and where the entry is not ok. */
export function runColumn(
  tables: SuiteTables,
  pick: (entries: EntryColumns) => ArrayLike<number> | null | undefined = (entries) => entries.value,
): Float64Array {
  const parts = [...tables.values()].map(({ entries }) => entries);
  const column = new Float64Array(parts.reduce((n, entries) => n + entries.n, 0)).fill(Number.NaN);
  let start = 0;
  for (const entries of parts) {
    const part = pick(entries);
    for (let e = 0; part !== null && part !== undefined && e < entries.n; e++) {
      if (entries.status[e] === ok) column[start + e] = part[e]!;
    }
    start += entries.n;
  }
  return column;
}

/** The tables with the entries' columns that `change` gives. @param change its `start` is where the suite begins in a run column. */
export function withEntries(
  tables: SuiteTables,
  change: (entries: EntryColumns, start: number) => Partial<EntryColumns>,
): SuiteTables {
  let start = 0;
  return new Map(
    [...tables].map(([suite, table]) => {
      const entries = { ...table.entries, ...change(table.entries, start) };
      start += table.entries.n;
      return [suite, { ...table, entries }];
    }),
  );
}

/** The tables with the rewards of a run column, which have no standard deviation. */
export function withRewards(tables: SuiteTables, value: Float64Array): SuiteTables {
  return withEntries(tables, ({ n }, start) => ({ value: value.slice(start, start + n), std: null }));
}

/** Names of the attributes in any suite, in the order of their first occurrence. */
export function attributeNames(tables: SuiteTables): string[] {
  return [...new Set([...tables.values()].flatMap(({ entries }) => Object.keys(entries.attributes)))];
}
