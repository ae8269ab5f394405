import { SuiteFingerprint } from "../pairs/fingerprint.ts";
import type { Codes, RowColumns, ScoreTable } from "./table.ts";
import { entryStatus } from "./table.ts";
import type { EntryRecord, RowRecord } from "./builder.ts";

/** The value of row i, or null. */
function codeValue(column: Codes, i: number): string | null {
  const code = column.codes[i]!;
  return code < 0 ? null : column.values[code]!;
}

/** Row i of a table as a record. */
export function rowRecord(rows: RowColumns, i: number): RowRecord {
  const tags: Record<string, string> = {};
  for (const [name, column] of Object.entries(rows.tags)) {
    const value = codeValue(column, i);
    if (value !== null) tags[name] = value;
  }
  return {
    position: rows.position[i]!,
    id: rows.id.at(i),
    subset: codeValue(rows.subset, i) ?? "",
    cluster: codeValue(rows.cluster, i),
    direction: codeValue(rows.direction, i),
    tags,
    fingerprint: rows.fingerprint.subarray(i * 16, i * 16 + 16),
    weight: rows.weight[i]!,
  };
}

/** Entry i of a table as a record. */
export function entryRecord({ entries }: ScoreTable, i: number): EntryRecord {
  const shortcuts: Record<string, number> = {};
  for (const [name, column] of Object.entries(entries.shortcuts)) shortcuts[name] = column[i]!;
  return {
    row: entries.row[i]!,
    side: entries.side[i] === 0 ? 0 : 1,
    index: entries.index[i]!,
    order: entries.order[i] === 0 ? 0 : 1,
    status: entryStatus[entries.status[i]!]!,
    value: entries.value[i]!,
    ...partsOf(entries, i),
    tokens: entries.tokens[i]!,
    truncated: entries.truncated[i] === 1,
    droppedDocuments: entries.droppedDocuments[i]!,
    length: entries.length[i]!,
    shortcuts,
  };
}

/** What the model said beside the reward of entry i. */
function partsOf({ std, attributes, vector }: ScoreTable["entries"], i: number): Partial<EntryRecord> {
  const named = Object.entries(attributes).flatMap(([name, column]): [string, number][] =>
    Number.isNaN(column[i]!) ? [] : [[name, column[i]!]],
  );
  const values = vector?.values.subarray(i === 0 ? 0 : vector.end[i - 1], vector.end[i]) ?? [];
  return {
    ...(std !== null && !Number.isNaN(std[i]!) && { std: std[i]! }),
    ...(named.length > 0 && { attributes: Object.fromEntries(named) }),
    ...(values.length > 0 && { vector: Array.from(values) }),
  };
}

/** The content fingerprint of the rows' pairs in their order, as `SuiteFingerprint` gives it for the pairs themselves. */
export function tableFingerprint(rows: RowColumns): string {
  const suite = new SuiteFingerprint();
  for (let i = 0; i < rows.n; i++) {
    suite.addKnown(codeValue(rows.subset, i) ?? "", rows.id.at(i), rows.fingerprint.subarray(i * 16, i * 16 + 16));
  }
  return suite.digest();
}
