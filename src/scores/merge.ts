import { RmbenchError } from "../errors.ts";
import { ScoreTableBuilder } from "./builder.ts";
import { entriesByRow } from "./entries-by-row.ts";
import { entryRecord, rowRecord } from "./rows.ts";
import type { ScoreTable } from "./table.ts";

/**
 * Joins the score tables of several shards of one suite; rows come in the order of their place in the suite.
 * @throws RmbenchError `data` when a pair is in two of them or they answer different kinds of question.
 */
export function mergeTables(suite: string, tables: readonly ScoreTable[]): ScoreTable {
  const kinds = [...new Set(tables.map((table) => table.kind))];
  if (kinds.length !== 1) throw new RmbenchError("data", `the shards of ${suite} hold ${kinds.join(" and ")} answers`);
  const places = tables
    .flatMap((table, t) =>
      Array.from({ length: table.rows.n }, (_, row) => ({ t, row, position: table.rows.position[row]! })),
    )
    .sort((a, b) => a.position - b.position);
  const groups = tables.map(entriesByRow);
  const shortcuts = [...new Set(tables.flatMap((table) => Object.keys(table.entries.shortcuts)))];
  const builder = new ScoreTableBuilder(kinds[0]!, shortcuts);
  for (const [i, { t, row, position }] of places.entries()) {
    const table = tables[t]!;
    if (i > 0 && places[i - 1]!.position === position) {
      throw new RmbenchError("data", `pair ${table.rows.id.at(row)} of ${suite} is in two of the runs`, {
        hint: "Merge the runs of different shards (--shard 1/n … n/n), each once.",
      });
    }
    const at = builder.addRow(rowRecord(table.rows, row));
    const { start, entry } = groups[t]!;
    for (const e of entry.subarray(start[row], start[row + 1])) {
      builder.addEntry({ ...entryRecord(table, e), row: at });
    }
  }
  return builder.build();
}
