import { RmbenchError } from "../../errors.ts";
import { decodeUtf8, InvalidUtf8 } from "../../arrow/utf8.ts";
import { type ByteStream, withoutMark } from "./bytes.ts";
import { notJson, notUtf8, RowProblem, type SizedItem, type SourceRecord } from "./record.ts";

const maxLineBytes = 64 * 1024 * 1024;

/** Lines of a byte stream, split at LF alone: U+2028, U+2029 and U+0085 are ordinary characters in JSON strings. */
async function* lines(name: string, bytes: ByteStream): AsyncGenerator<{ line: number; bytes: Buffer; last: boolean }> {
  let rest: Buffer[] = [];
  let held = 0;
  let line = 0;
  for await (const chunk of withoutMark(bytes)) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let end = buffer.indexOf(10); end !== -1; end = buffer.indexOf(10, start)) {
      const piece = buffer.subarray(start, end);
      yield { line: ++line, bytes: held === 0 ? piece : Buffer.concat([...rest, piece]), last: false };
      rest = [];
      held = 0;
      start = end + 1;
    }
    if (start < buffer.length) {
      rest.push(buffer.subarray(start));
      held += buffer.length - start;
    }
    if (held > maxLineBytes) {
      throw new RmbenchError("data", `${name}:${line + 1}: the line is longer than 64 MiB`, {
        hint: "JSONL needs one row per line; is this one large JSON document?",
      });
    }
  }
  if (held > 0) yield { line: ++line, bytes: Buffer.concat(rest), last: true };
}

function parseLine(text: string, last: boolean): SourceRecord | RowProblem {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const cut = last ? "; the last line has no line end, so the file may be truncated" : "";
    return notJson(text, cause, "each line must be one JSON object", cut);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    const what = value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
    return new RowProblem("malformed", `the line holds ${what}, not an object`, "each line must be one JSON object");
  }
  return value as SourceRecord;
}

/** Rows of a JSONL stream. Blank lines and a byte order mark at the start of the file are skipped. */
export async function* jsonlItems(name: string, bytes: ByteStream): AsyncGenerator<SizedItem> {
  for await (const { line: row, bytes: raw, last } of lines(name, bytes)) {
    const text = decodeUtf8(raw);
    if (text instanceof InvalidUtf8) yield { item: { row, problem: notUtf8("the line") }, bytes: raw.length };
    else if (text.trim() !== "") {
      const record = parseLine(text, last);
      yield { item: record instanceof RowProblem ? { row, problem: record } : { row, record }, bytes: raw.length };
    }
  }
}
