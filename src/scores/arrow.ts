/** `scores.arrow`: the score tables of a run, one line per scored question, written and read in record batches. */
import {
  Bool,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  List,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Uint16,
  Uint32,
  Uint8,
  Utf8,
  type Data,
  type DataType,
} from "apache-arrow";
import { DictionaryColumn, textColumn } from "../arrow/columns.ts";
import { encodeIpc } from "../arrow/ipc-writer.ts";
import { arrowItems, openArrowFile } from "../pairs/import/arrow.ts";
import { RmbenchError } from "../errors.ts";
import { ScoreTableBuilder } from "./builder.ts";
import { entryStatus, type EntryStatus, type ScoreTable } from "./table.ts";

const schemaVersion = "1";
const batchLines = 32_768;

/** The score tables of a run by suite, in the order of its report. */
export type SuiteTables = ReadonlyMap<string, ScoreTable>;

/** @returns the bytes of an Arrow IPC file, in chunks. @param identity sha256 of the model's identity. */
export function encodeScores(tables: SuiteTables, identity: string): AsyncGenerator<Uint8Array> {
  return encodeIpc(batches(tables, identity));
}

function* batches(tables: SuiteTables, identity: string): Generator<RecordBatch> {
  const tags = namesIn(tables, (table) => Object.keys(table.rows.tags));
  const shortcuts = namesIn(tables, (table) => Object.keys(table.entries.shortcuts));
  const parts: PartColumns = {
    std: [...tables.values()].some(({ entries }) => entries.std !== null),
    vector: [...tables.values()].some(({ entries }) => entries.vector !== null),
    attributes: namesIn(tables, (table) => Object.keys(table.entries.attributes)),
  };
  const dictionaries = new Map<string, DictionaryColumn>();
  const dictionary = (name: string) => {
    let column = dictionaries.get(name);
    if (column === undefined) {
      column = new DictionaryColumn(new Dictionary(new Utf8(), new Int32(), dictionaries.size));
      dictionaries.set(name, column);
    }
    return column;
  };
  const metadata = new Map([
    ["rmbench.scores", schemaVersion],
    ["rmbench.identity", identity],
    ["rmbench.suites", JSON.stringify([...tables].map(([suite, { kind }]) => ({ suite, kind })))],
  ]);
  let schema: Schema | null = null;
  for (const [suite, table] of tables) {
    for (let start = 0; start === 0 || start < table.entries.n; start += batchLines) {
      const end = Math.min(table.entries.n, start + batchLines);
      const columns = columnsOf(suite, table, start, end, dictionary, tags, shortcuts, parts);
      schema ??= new Schema(
        columns.map(([name, data, nullable]) => new Field(name, data.type, nullable)),
        metadata,
      );
      const children = columns.map(([, data]) => data);
      yield new RecordBatch(
        schema,
        makeData({ type: new Struct(schema.fields), length: end - start, nullCount: 0, children }),
      );
    }
  }
}

function namesIn(tables: SuiteTables, names: (table: ScoreTable) => string[]): string[] {
  return [...new Set([...tables.values()].flatMap(names))];
}

/** Which columns hold what some models say beside the reward. */
interface PartColumns {
  std: boolean;
  vector: boolean;
  attributes: readonly string[];
}

type Column = readonly [name: string, data: Data<DataType>, nullable: boolean];

function columnsOf(
  suite: string,
  table: ScoreTable,
  start: number,
  end: number,
  dictionary: (name: string) => DictionaryColumn,
  tags: readonly string[],
  shortcuts: readonly string[],
  parts: PartColumns,
): Column[] {
  const { rows, entries } = table;
  const n = end - start;
  const row = (k: number) => entries.row[start + k]!;
  const texts = (value: (k: number) => string | null) => Array.from({ length: n }, (_, k) => value(k));
  const coded = (name: string, column: { codes: Int32Array; values: readonly string[] } | undefined): Column => [
    name,
    dictionary(name).append(
      texts((k) => {
        const code = column?.codes[row(k)] ?? -1;
        return code < 0 ? null : column!.values[code]!;
      }),
    ),
    true,
  ];
  const named = (name: string, value: (k: number) => string): Column => [
    name,
    dictionary(name).append(texts(value)),
    false,
  ];
  const hex = (k: number) => Buffer.from(rows.fingerprint.subarray(row(k) * 16, row(k) * 16 + 16)).toString("hex");
  const flags = new Uint8Array((n + 7) >> 3);
  for (let k = 0; k < n; k++) if (entries.truncated[start + k] === 1) flags[k >> 3]! |= 1 << (k & 7);
  return [
    named("suite", () => suite),
    coded("subset", rows.subset),
    ["id", textColumn(texts((k) => rows.id.at(row(k)))), false],
    [
      "position",
      numbers(
        new Uint32(),
        Uint32Array.from({ length: n }, (_, k) => rows.position[row(k)]!),
      ),
      false,
    ],
    coded("cluster", rows.cluster),
    coded("direction", rows.direction),
    [
      "weight",
      numbers(
        new Float64(),
        Float64Array.from({ length: n }, (_, k) => rows.weight[row(k)]!),
      ),
      false,
    ],
    ["fingerprint", textColumn(texts(hex)), false],
    named("side", (k) => (entries.side[start + k] === 0 ? "chosen" : "rejected")),
    ["index", numbers(new Uint16(), entries.index.slice(start, end)), false],
    ["order", numbers(new Uint8(), entries.order.slice(start, end)), false],
    named("status", (k) => entryStatus[entries.status[start + k]!]!),
    ["reward", numbers(new Float64(), entries.value.slice(start, end)), false],
    ...partColumns(table.entries, start, end, parts),
    ["tokens", numbers(new Uint32(), entries.tokens.slice(start, end)), false],
    ["truncated", makeData({ type: new Bool(), length: n, nullCount: 0, data: flags }), false],
    ["dropped_documents", numbers(new Uint16(), entries.droppedDocuments.slice(start, end)), false],
    ["length", numbers(new Uint32(), entries.length.slice(start, end)), false],
    ...tags.map((name) => coded(`tag.${name}`, rows.tags[name])),
    ...shortcuts.map((name): Column => {
      const column = entries.shortcuts[name]?.slice(start, end) ?? new Float32Array(n).fill(Number.NaN);
      return [`shortcut.${name}`, numbers(new Float32(), column), false];
    }),
  ];
}

function partColumns(
  { std, attributes, vector }: ScoreTable["entries"],
  start: number,
  end: number,
  parts: PartColumns,
): Column[] {
  const slice = (column: Float64Array | null | undefined): Data<DataType> =>
    numbers(new Float64(), column?.slice(start, end) ?? new Float64Array(end - start).fill(Number.NaN));
  return [
    ...(parts.std ? [["std", slice(std), false] as const] : []),
    ...parts.attributes.map((name) => [`attribute.${name}`, slice(attributes[name]), false] as const),
    ...(parts.vector ? [["vector", lists(vector, start, end), false] as const] : []),
  ];
}

function lists(vector: ScoreTable["entries"]["vector"], start: number, end: number): Data<DataType> {
  const first = start === 0 ? 0 : (vector?.end[start - 1] ?? 0);
  const valueOffsets = Int32Array.from({ length: end - start + 1 }, (_, k) =>
    k === 0 || vector === null ? 0 : vector.end[start + k - 1]! - first,
  );
  const values = vector?.values.slice(first, first + valueOffsets.at(-1)!) ?? new Float64Array(0);
  const child = makeData({ type: new Float64(), length: values.length, nullCount: 0, data: values });
  const type = new List(new Field("value", new Float64(), false));
  return makeData({ type, length: end - start, nullCount: 0, valueOffsets, child });
}

function numbers(
  type: Uint8 | Uint16 | Uint32 | Float32 | Float64,
  data: ArrayBufferView & { length: number },
): Data<DataType> {
  return makeData({ type: type as Float64, length: data.length, nullCount: 0, data: data as Float64Array });
}

/** What `scores.arrow` says of itself. */
export interface StoredScores {
  /** sha256 of the model's identity. */
  identity: string;
  tables: SuiteTables;
}

/** @throws RmbenchError `data` when the file is missing, damaged, or no score table of ours. */
export async function readScores(file: string): Promise<StoredScores> {
  const arrow = await openArrowFile(file, file);
  const version = arrow.schema.metadata.get("rmbench.scores");
  if (version !== schemaVersion) {
    await arrow.close();
    throw new RmbenchError(
      "data",
      `${file} is no score table of rmbench (version ${version ?? "none"}, expected ${schemaVersion})`,
      {
        hint: "Name a run's folder, or its scores.arrow.",
      },
    );
  }
  const suites = JSON.parse(arrow.schema.metadata.get("rmbench.suites") ?? "[]") as {
    suite: string;
    kind: ScoreTable["kind"];
  }[];
  const columns = arrow.schema.fields.map((field) => field.name);
  const shortcuts = columns.filter((name) => name.startsWith("shortcut.")).map((name) => name.slice(9));
  const tags = columns.filter((name) => name.startsWith("tag.")).map((name) => name.slice(4));
  const attributes = columns.filter((name) => name.startsWith("attribute.")).map((name) => name.slice(10));
  const builders = new Map(suites.map(({ suite, kind }) => [suite, new ScoreTableBuilder(kind, shortcuts)]));
  let last: { suite: string; position: number; row: number } | null = null;
  for await (const window of arrowItems(arrow)) {
    for (const item of window) {
      if ("problem" in item) throw new RmbenchError("data", `${file}: line ${item.row} of the score table is damaged`);
      const line = item.record as unknown as ScoreLine;
      const builder = builders.get(line.suite);
      if (builder === undefined)
        throw new RmbenchError("data", `${file}: line ${item.row} names the unknown suite ${line.suite}`);
      if (last === null || last.suite !== line.suite || last.position !== line.position) {
        last = { suite: line.suite, position: line.position, row: builder.addRow(rowOf(line, tags)) };
      }
      builder.addEntry(entryOf(line, last.row, shortcuts, attributes));
    }
  }
  return {
    identity: arrow.schema.metadata.get("rmbench.identity") ?? "",
    tables: new Map([...builders].map(([suite, builder]) => [suite, builder.build()])),
  };
}

interface ScoreLine
  extends Record<`tag.${string}`, string | null>, Record<`shortcut.${string}` | `attribute.${string}`, number> {
  suite: string;
  subset: string | null;
  id: string;
  position: number;
  cluster: string | null;
  direction: string | null;
  weight: number;
  fingerprint: string;
  side: "chosen" | "rejected";
  index: number;
  order: number;
  status: EntryStatus;
  reward: number;
  std?: number;
  vector?: readonly number[];
  tokens: number;
  truncated: boolean;
  dropped_documents: number;
  length: number;
}

function rowOf(line: ScoreLine, tags: readonly string[]): Parameters<ScoreTableBuilder["addRow"]>[0] {
  const { position, id, cluster, direction, weight } = line;
  const named = tags.flatMap((name) => {
    const value = line[`tag.${name}`];
    return value === null || value === undefined ? [] : [[name, value] as const];
  });
  return {
    position,
    id,
    subset: line.subset ?? "",
    cluster,
    direction,
    tags: Object.fromEntries(named),
    fingerprint: Buffer.from(line.fingerprint, "hex"),
    weight,
  };
}

function entryOf(
  line: ScoreLine,
  row: number,
  shortcuts: readonly string[],
  attributes: readonly string[],
): Parameters<ScoreTableBuilder["addEntry"]>[0] {
  const named = attributes.flatMap((name): [string, number][] => {
    const value = line[`attribute.${name}`]!;
    return Number.isNaN(value) ? [] : [[name, value]];
  });
  return {
    row,
    side: line.side === "chosen" ? 0 : 1,
    index: line.index,
    order: line.order === 0 ? 0 : 1,
    status: line.status,
    value: line.reward,
    ...(line.std !== undefined && !Number.isNaN(line.std) && { std: line.std }),
    ...(line.vector !== undefined && line.vector.length > 0 && { vector: line.vector }),
    ...(named.length > 0 && { attributes: Object.fromEntries(named) }),
    tokens: line.tokens,
    truncated: line.truncated,
    droppedDocuments: line.dropped_documents,
    length: line.length,
    shortcuts: Object.fromEntries(shortcuts.map((name) => [name, line[`shortcut.${name}`]!])),
  };
}
