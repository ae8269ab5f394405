/** Small suites and score tables in memory, for tests of protocols and metrics. */
import type { PreferencePair } from "../../src/pairs/pair.ts";
import type { Protocol } from "../../src/protocols/protocol.ts";
import { TextColumn } from "../../src/scores/columns.ts";
import type { Question, QuestionKind, Unit } from "../../src/questions/question.ts";
import { entryStatus, type Codes, type EntryStatus, type RowColumns, type ScoreTable } from "../../src/scores/table.ts";

/** A pair with one text on each side; `fields` change what a test is about. */
export function pair(id: string, fields: Partial<PreferencePair> = {}): PreferencePair {
  return {
    id,
    subset: "all",
    cluster: null,
    direction: null,
    tags: {},
    prompt: [{ role: "user", content: `question ${id}` }],
    documents: null,
    tools: null,
    chosen: [`good ${id}`],
    rejected: [`bad ${id}`],
    rejectedPrompt: null,
    grades: null,
    steps: null,
    strength: null,
    user: null,
    language: null,
    weight: null,
    images: null,
    ...fields,
  };
}

export function codes(column: readonly (string | null)[]): Codes {
  const values = [...new Set(column.filter((value) => value !== null))];
  return { codes: Int32Array.from(column, (value) => (value === null ? -1 : values.indexOf(value))), values };
}

function rowsOf(pairs: readonly PreferencePair[]): RowColumns {
  return {
    n: pairs.length,
    position: Uint32Array.from(pairs, (_, i) => i),
    id: TextColumn.of(pairs.map((p) => p.id)),
    subset: codes(pairs.map((p) => p.subset)),
    cluster: codes(pairs.map((p) => p.cluster)),
    direction: codes(pairs.map((p) => p.direction)),
    tags: {},
    fingerprint: new Uint8Array(16 * pairs.length),
    weight: Float64Array.from(pairs, (p) => p.weight ?? 1),
  };
}

export type Answer = number | Exclude<EntryStatus, "ok">;

/** Asks every question of a protocol and keeps the answers as a score table. */
export function tableOf(
  protocol: Protocol,
  pairs: readonly PreferencePair[],
  answer: (question: Question, unit: Unit) => Answer,
  ask: QuestionKind = "pointwise",
): ScoreTable {
  const units = pairs.flatMap((p, row) => protocol.units(p, row, ask, "plain"));
  const answers = units.map((unit) => answer(unit.question, unit));
  const textOf = ({ question }: Unit): string => {
    const response = question.kind === "pointwise" ? question.of.response : "";
    return typeof response === "string" ? response : "";
  };
  return {
    kind: ask,
    rows: rowsOf(pairs),
    entries: {
      n: units.length,
      row: Uint32Array.from(units, (unit) => unit.row),
      side: Uint8Array.from(units, (unit) => (unit.side === "chosen" ? 0 : 1)),
      index: Uint16Array.from(units, (unit) => unit.index),
      order: Uint8Array.from(units, (unit) => unit.order),
      status: Uint8Array.from(answers, (a) => entryStatus.indexOf(typeof a === "number" ? "ok" : a)),
      value: Float64Array.from(answers, (a) => (typeof a === "number" ? a : Number.NaN)),
      tokens: new Uint32Array(units.length),
      truncated: new Uint8Array(units.length),
      droppedDocuments: new Uint16Array(units.length),
      length: Uint32Array.from(units, (unit) => Array.from(textOf(unit)).length),
      std: null,
      attributes: {},
      vector: null,
      shortcuts: {},
    },
  };
}

/** The same table with its rewards changed; entries that carry none stay as they are. */
export function withValues(table: ScoreTable, change: (value: number, entry: number) => number): ScoreTable {
  return { ...table, entries: { ...table.entries, value: table.entries.value.map(change) } };
}
