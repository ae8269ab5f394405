import { RmbenchError } from "../../errors.ts";
import { decodeUtf8, InvalidUtf8 } from "../../arrow/utf8.ts";
import { type ByteStream, withoutMark } from "./bytes.ts";
import { notJson, notUtf8, RowProblem, type SizedItem, type SourceRecord } from "./record.ts";

const code = (character: string): number => character.charCodeAt(0);
const [open, close, openObject, closeObject, quote, backslash, comma] = ["[", "]", "{", "}", '"', "\\", ","].map(code);
const isSpace = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

type State = "start" | "before-first" | "before-item" | "item" | "after-item" | "end";

/** Splits the items of a JSON array out of a byte stream, without holding more than one of them. */
class ArraySplitter {
  #state: State = "start";
  #depth = 0;
  #inString = false;
  #escaped = false;
  #held: Buffer[] = [];
  item = 0;
  line = 1;

  constructor(readonly name: string) {}

  fail(what: string): RmbenchError {
    const at = this.item === 0 ? `${this.name}:${this.line}` : `${this.name}:${this.line} (item ${this.item})`;
    return new RmbenchError("data", `${at}: ${what}`, {
      hint: "a JSON file of pairs is one array of objects; the file may be truncated or damaged",
    });
  }

  *push(buffer: Buffer): Generator<Buffer> {
    let start = 0;
    for (let i = 0; i < buffer.length; i++) {
      const byte = buffer[i] as number;
      if (byte === 10) this.line++;
      if (this.#state === "item") {
        if (this.#inString) {
          if (this.#escaped) this.#escaped = false;
          else if (byte === backslash) this.#escaped = true;
          else if (byte === quote) this.#inString = false;
        } else if (byte === quote) this.#inString = true;
        else if (byte === openObject || byte === open) this.#depth++;
        else if ((byte === closeObject || byte === close) && --this.#depth === 0) {
          yield Buffer.concat([...this.#held, buffer.subarray(start, i + 1)]);
          this.#held = [];
          this.#state = "after-item";
        }
        continue;
      }
      if (isSpace(byte)) continue;
      start = this.#between(byte, i);
    }
    if (this.#state === "item") this.#held.push(buffer.subarray(start));
  }

  /** A byte outside of an item; returns where an item starts. */
  #between(byte: number, i: number): number {
    if (this.#state === "start" && byte === open) this.#state = "before-first";
    else if ((this.#state === "before-first" || this.#state === "after-item") && byte === close) this.#state = "end";
    else if (this.#state === "after-item" && byte === comma) this.#state = "before-item";
    else if ((this.#state === "before-first" || this.#state === "before-item") && byte === openObject) {
      this.#state = "item";
      this.#depth = 1;
      this.item++;
    } else {
      const seen = JSON.stringify(String.fromCharCode(byte));
      if (this.#state === "end") throw this.fail(`${seen} follows the end of the array`);
      if (this.#state === "after-item") throw this.fail(`expected "," or "]" after the item, found ${seen}`);
      if (this.#state === "start") throw this.fail(`expected "[", found ${seen}`);
      throw this.fail(`expected an object as the next item, found ${seen}`);
    }
    return i;
  }

  finish(): void {
    if (this.#state !== "end") throw this.fail("the array ends before it is complete");
  }
}

function parseItem(bytes: Buffer): SourceRecord | RowProblem {
  const text = decodeUtf8(bytes);
  if (text instanceof InvalidUtf8) return notUtf8("the item");
  try {
    return JSON.parse(text) as SourceRecord;
  } catch (cause) {
    return notJson(text, cause, "each item must be one JSON object");
  }
}

/** Items of a JSON array, streamed. Rows count items from 1. */
export async function* jsonItems(name: string, bytes: ByteStream): AsyncGenerator<SizedItem> {
  const splitter = new ArraySplitter(name);
  for await (const chunk of withoutMark(bytes)) {
    for (const raw of splitter.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))) {
      const parsed = parseItem(raw);
      const row = splitter.item;
      yield {
        item: parsed instanceof RowProblem ? { row, problem: parsed } : { row, record: parsed },
        bytes: raw.length,
      };
    }
  }
  splitter.finish();
}
