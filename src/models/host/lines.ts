import { RmbenchError } from "../../errors.ts";

/** Cuts a stream of bytes into lines of UTF-8, and holds no more than one line of the limit. */
export class Lines {
  readonly #limit: number;
  readonly #name: string;
  #parts: Buffer[] = [];
  #length = 0;

  /**
   * @param limit bytes of the longest line.
   * @param name what errors call the writer.
   */
  constructor(limit: number, name: string) {
    this.#limit = limit;
    this.#name = name;
  }

  /** The lines that end in `chunk`, without their line feeds. @throws RmbenchError `model` at a line over the limit. */
  *add(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end));
      yield Buffer.concat(this.#parts).toString("utf8");
      this.#clear();
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #keep(part: Buffer): void {
    this.#length += part.length;
    this.#parts.push(part);
    if (this.#length <= this.#limit) return;
    const beginning = Buffer.concat(this.#parts).subarray(0, 100).toString("utf8");
    this.#clear();
    throw new RmbenchError("model", `${this.#name} wrote a line of more than ${this.#limit} bytes: \`${beginning}…\``, {
      hint: "one message is one line: end each with a line feed, and keep a batch's scores within the limit",
    });
  }

  #clear(): void {
    this.#parts = [];
    this.#length = 0;
  }
}
