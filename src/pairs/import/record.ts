import { messageOf, RmbenchError } from "../../errors.ts";
import { InvalidUtf8 } from "../../arrow/utf8.ts";

/** One row of a source, by column, before anything is known about its layout. */
export type SourceRecord = Readonly<Record<string, unknown>>;

export type ProblemKind = "malformed" | "non-utf8" | "null" | "type" | "unsupported";

/** What is wrong with one row; thrown by layouts, yielded by readers, so that a reader can go on behind it. */
export class RowProblem extends Error {
  override readonly name = "RowProblem";
  constructor(
    readonly kind: ProblemKind,
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

/** A row as read: a record, or what is wrong with it. `row` counts from 1, in the source's own unit. */
export type SourceItem = { row: number; record: SourceRecord } | { row: number; problem: RowProblem };

export const formats = ["jsonl", "json", "csv", "parquet", "arrow"] as const;
export type Format = (typeof formats)[number];

/** A file (or stdin) opened as rows. */
export interface RecordSource {
  /** As it is named in messages. */
  readonly name: string;
  readonly format: Format;
  /** What `row` counts: lines of JSONL, items of a JSON array, rows elsewhere (a CSV's header not counted). */
  readonly unit: "line" | "item" | "row";
  /** Arrow schema metadata; empty for other formats. */
  readonly metadata: ReadonlyMap<string, string>;
  /** What to know about the reading, with the number of rows that it concerns; filled while the rows are read. */
  readonly notes: Map<string, number>;
  /** Windows of rows in order. Throws `RmbenchError("data")` where the source cannot be read on. */
  items(): AsyncIterable<readonly SourceItem[]>;
}

/** `file.jsonl:12`, or `file.parquet row 12` where there are no lines. */
export function place(source: Pick<RecordSource, "name" | "unit">, row: number): string {
  return source.unit === "line" ? `${source.name}:${row}` : `${source.name} ${source.unit} ${row}`;
}

/** The error that ends a command at a bad row. */
export function errorAt(source: Pick<RecordSource, "name" | "unit">, row: number, problem: RowProblem): RmbenchError {
  return new RmbenchError("data", `${place(source, row)}: ${problem.message}`, { hint: problem.remedy });
}

/** Why a row that `JSON.parse` refused is not JSON. */
export function notJson(text: string, cause: unknown, remedy: string, note = ""): RowProblem {
  const number = /([:,[]\s*)-?(NaN|Infinity)(?=\s*[,}\]])/g;
  const found = number.exec(text)?.[2];
  if (found !== undefined && parses(text.replaceAll(number, "$1null"))) {
    return new RowProblem("malformed", `${found} is not JSON, though Python writes it`, "write null for it");
  }
  return new RowProblem("malformed", `not valid JSON (${messageOf(cause)}${note})`, remedy);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function holdsInvalid(value: unknown): boolean {
  if (value instanceof InvalidUtf8) return true;
  if (Array.isArray(value)) return value.some(holdsInvalid);
  if (value !== null && typeof value === "object" && !ArrayBuffer.isView(value)) {
    return Object.values(value).some(holdsInvalid);
  }
  return false;
}

/** A row whose texts were decoded column by column: a problem where a column is not UTF-8. */
export function itemOf(row: number, record: SourceRecord): SourceItem {
  for (const [column, value] of Object.entries(record)) {
    if (holdsInvalid(value)) return { row, problem: notUtf8(`column "${column}"`) };
  }
  return { row, record };
}

export function notUtf8(where: string): RowProblem {
  return new RowProblem(
    "non-utf8",
    `${where} is not valid UTF-8`,
    "convert the file to UTF-8 (for example with iconv)",
  );
}

/** An item with the bytes that it took, as readers of text formats yield it. */
export interface SizedItem {
  item: SourceItem;
  bytes: number;
}

const windowRows = 256;
const windowBytes = 4 * 1024 * 1024;

/** Gathers items into windows. What was read before the source broke comes out before its error. */
export async function* windowed(items: AsyncIterable<SizedItem>): AsyncGenerator<SourceItem[]> {
  let window: SourceItem[] = [];
  let size = 0;
  let broken: { error: unknown } | null = null;
  try {
    for await (const { item, bytes } of items) {
      window.push(item);
      size += bytes;
      if (window.length < windowRows && size < windowBytes) continue;
      yield window;
      window = [];
      size = 0;
    }
  } catch (error) {
    broken = { error };
  }
  if (window.length > 0) yield window;
  if (broken !== null) throw broken.error;
}
