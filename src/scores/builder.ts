import type { Answer } from "../inference/execute.ts";
import type { ScoreParts } from "../models/reward-model.ts";
import type { Unit } from "../questions/question.ts";
import { CodesColumn, Column, ListColumn, SparseColumn, TextColumn } from "./columns.ts";
import { entryStatus, type EntryStatus, type ScoreTable } from "./table.ts";

/** What the score table keeps of a pair. */
export interface RowRecord {
  position: number;
  id: string;
  subset: string;
  cluster: string | null;
  direction: string | null;
  tags: Readonly<Record<string, string>>;
  /** 16 bytes. */
  fingerprint: Uint8Array;
  weight: number | null;
}

/** One scored question, as the table keeps it. */
export interface EntryRecord extends Pick<ScoreParts, "std" | "attributes" | "vector"> {
  row: number;
  side: 0 | 1;
  index: number;
  order: 0 | 1;
  status: EntryStatus;
  value: number;
  tokens: number;
  truncated: boolean;
  droppedDocuments: number;
  length: number;
  shortcuts: Readonly<Record<string, number>>;
}

function entryColumns(expected: number) {
  return {
    row: new Column(Uint32Array, expected),
    side: new Column(Uint8Array, expected),
    index: new Column(Uint16Array, expected),
    order: new Column(Uint8Array, expected),
    status: new Column(Uint8Array, expected),
    value: new Column(Float64Array, expected),
    tokens: new Column(Uint32Array, expected),
    truncated: new Column(Uint8Array, expected),
    droppedDocuments: new Column(Uint16Array, expected),
    length: new Column(Uint32Array, expected),
  };
}

/** Builds a score table row by row: pairs first, then their entries, both in the order of the suite. */
export class ScoreTableBuilder {
  readonly #kind: ScoreTable["kind"];
  readonly #ids = new TextColumn();
  readonly #subset: CodesColumn;
  readonly #cluster: CodesColumn;
  readonly #direction: CodesColumn;
  readonly #tags = new Map<string, CodesColumn>();
  readonly #position: Column<Uint32Array>;
  readonly #weight: Column<Float64Array>;
  readonly #fingerprint: Column<Uint8Array>;
  readonly #entry: ReturnType<typeof entryColumns>;
  readonly #shortcuts: ReadonlyMap<string, Column<Float32Array>>;
  readonly #attributes = new Map<string, SparseColumn>();
  #std: SparseColumn | null = null;
  #vector: ListColumn | null = null;

  /** @param expected rows that will come, as far as is known: a million of them must not be copied as they grow */
  constructor(kind: ScoreTable["kind"], shortcuts: readonly string[], expected = 0) {
    this.#kind = kind;
    this.#subset = new CodesColumn(expected);
    this.#cluster = new CodesColumn(expected);
    this.#direction = new CodesColumn(expected);
    this.#position = new Column(Uint32Array, expected);
    this.#weight = new Column(Float64Array, expected);
    this.#fingerprint = new Column(Uint8Array, 16 * expected);
    // A pair has two responses, most often.
    this.#entry = entryColumns(2 * expected);
    this.#shortcuts = new Map(shortcuts.map((name) => [name, new Column(Float32Array, 2 * expected)]));
  }

  get rows(): number {
    return this.#ids.length;
  }

  /** @returns the row's index, which its entries name. */
  addRow(row: RowRecord): number {
    const at = this.#ids.length;
    this.#ids.push(row.id);
    this.#position.push(row.position);
    this.#subset.push(row.subset);
    this.#cluster.push(row.cluster);
    this.#direction.push(row.direction);
    this.#weight.push(row.weight ?? 1);
    for (const byte of row.fingerprint) this.#fingerprint.push(byte);
    for (const [name, value] of Object.entries(row.tags)) {
      let codes = this.#tags.get(name);
      if (codes === undefined) this.#tags.set(name, (codes = new CodesColumn()));
      codes.padTo(at);
      codes.push(value);
    }
    return at;
  }

  addEntry(entry: EntryRecord): void {
    const columns = this.#entry;
    const at = columns.row.length;
    if (entry.std !== undefined) (this.#std ??= new SparseColumn()).set(at, entry.std);
    if (entry.vector !== undefined) (this.#vector ??= new ListColumn()).set(at, entry.vector);
    for (const [name, value] of Object.entries(entry.attributes ?? {})) {
      let column = this.#attributes.get(name);
      if (column === undefined) this.#attributes.set(name, (column = new SparseColumn()));
      column.set(at, value);
    }
    columns.row.push(entry.row);
    columns.side.push(entry.side);
    columns.index.push(entry.index);
    columns.order.push(entry.order);
    columns.status.push(entryStatus.indexOf(entry.status));
    columns.value.push(entry.status === "ok" ? entry.value : Number.NaN);
    columns.tokens.push(entry.tokens);
    columns.truncated.push(entry.truncated ? 1 : 0);
    columns.droppedDocuments.push(Math.min(entry.droppedDocuments, 0xffff));
    columns.length.push(entry.length);
    for (const [name, column] of this.#shortcuts) column.push(entry.shortcuts[name] ?? Number.NaN);
  }

  build(): ScoreTable {
    const n = this.#ids.length;
    const entries = this.#entry;
    const count = entries.row.length;
    return {
      kind: this.#kind,
      rows: {
        n,
        id: this.#ids,
        position: this.#position.take(),
        subset: this.#subset.build(n),
        cluster: this.#cluster.build(n),
        direction: this.#direction.build(n),
        tags: Object.fromEntries(
          [...this.#tags].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, codes]) => [name, codes.build(n)]),
        ),
        fingerprint: this.#fingerprint.take(),
        weight: this.#weight.take(),
      },
      entries: {
        n: count,
        row: entries.row.take(),
        side: entries.side.take(),
        index: entries.index.take(),
        order: entries.order.take(),
        status: entries.status.take(),
        value: entries.value.take(),
        std: this.#std?.take(count) ?? null,
        attributes: Object.fromEntries([...this.#attributes].map(([name, column]) => [name, column.take(count)])),
        vector: this.#vector?.take(count) ?? null,
        tokens: entries.tokens.take(),
        truncated: entries.truncated.take(),
        droppedDocuments: entries.droppedDocuments.take(),
        length: entries.length.take(),
        shortcuts: Object.fromEntries([...this.#shortcuts].map(([name, column]) => [name, column.take()])),
      },
    };
  }
}

/** The entry of an answered unit. */
export function entryOf(
  unit: Unit,
  answer: Answer,
  length: number,
  shortcuts: Readonly<Record<string, number>>,
): EntryRecord {
  const { score } = answer;
  return {
    row: unit.row,
    side: unit.side === "chosen" ? 0 : 1,
    index: unit.index,
    order: unit.order,
    status: statusOf(score),
    value: score.status === "ok" ? score.value : Number.NaN,
    ...(score.status === "ok" && partsOf(score)),
    tokens: answer.tokens,
    truncated: answer.truncated,
    droppedDocuments: answer.droppedDocuments,
    length,
    shortcuts,
  };
}

function partsOf({ std, attributes, vector }: ScoreParts): Pick<ScoreParts, "std" | "attributes" | "vector"> {
  return {
    ...(std !== undefined && { std }),
    ...(attributes !== undefined && { attributes }),
    ...(vector !== undefined && { vector }),
  };
}

/** Two kinds of failure are counted apart: a text that does not fit, and one without a replayed score. */
function statusOf(score: Answer["score"]): EntryStatus {
  if (score.status !== "failed") return score.status;
  return score.code === "too-long" || score.code === "unmatched" ? score.code : "failed";
}
