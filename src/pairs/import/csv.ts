import { pipeline, Readable } from "node:stream";
import { CsvError, parse } from "csv-parse";
import { messageOf, RmbenchError } from "../../errors.ts";
import { decodeUtf8, InvalidUtf8 } from "../../arrow/utf8.ts";
import { type ByteStream, peek, withoutMark } from "./bytes.ts";
import { itemOf, type SizedItem } from "./record.ts";

const delimiters = [",", ";", "\t"] as const;

/** The delimiter that occurs most often in the header, outside of quotes. */
function sniffDelimiter(head: string): string {
  const counts = new Map<string, number>(delimiters.map((delimiter) => [delimiter, 0]));
  let quoted = false;
  for (const character of head) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === "\n" || character === "\r")) break;
    else if (!quoted && counts.has(character)) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return delimiters.reduce((best, one) => ((counts.get(one) ?? 0) > (counts.get(best) ?? 0) ? one : best));
}

// The parser works on Latin-1, one character per byte, so that each field's bytes can be checked to be UTF-8.
const fieldText = (field: string): string | InvalidUtf8 => decodeUtf8(Buffer.from(field, "latin1"));

function columnsOf(name: string, header: readonly string[]): string[] {
  const columns = header.map((field) => {
    const text = fieldText(field);
    return text instanceof InvalidUtf8 ? "" : text;
  });
  const bad = columns.find((column, i) => column.trim() === "" || columns.indexOf(column) !== i);
  if (bad !== undefined) {
    const what =
      bad.trim() === "" ? "a column has no name, or a name that is not UTF-8" : `column "${bad}" occurs twice`;
    throw new RmbenchError("data", `${name}:1: ${what}`, { hint: "the first row must name every column, once" });
  }
  return columns;
}

/** Rows of a CSV stream with a header; the delimiter is `,`, `;` or a tab. Rows count from 1 behind the header. */
export async function* csvItems(name: string, source: ByteStream): AsyncGenerator<SizedItem> {
  const { head, bytes } = await peek(withoutMark(source), 64 * 1024);
  const parser = parse({
    encoding: "latin1",
    delimiter: sniffDelimiter(head.toString("latin1")),
    max_record_size: 64 * 1024 * 1024,
    skip_empty_lines: true,
  });
  pipeline(Readable.from(bytes), parser, () => undefined);
  let columns: string[] | null = null;
  let row = 0;
  try {
    for await (const fields of parser as AsyncIterable<string[]>) {
      if (columns === null) {
        columns = columnsOf(name, fields);
        continue;
      }
      row++;
      const record = Object.fromEntries(columns.map((column, i) => [column, fieldText(fields[i] ?? "")]));
      yield { item: itemOf(row, record), bytes: fields.reduce((sum, field) => sum + field.length, 0) };
    }
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = typeof cause["lines"] === "number" ? cause["lines"] : row + 2;
    throw new RmbenchError("data", `${name}:${line}: not valid CSV after row ${row} (${messageOf(cause)})`, {
      hint: "the file may be truncated, or a field with quotes, line ends or delimiters is not quoted",
      cause,
    });
  }
}
