import { StringDecoder } from "node:string_decoder";

/** Of the trace that Node prints after the line that says why it ended. */
const nativeFrame = /^\s*\d+: 0x[0-9a-f]+ /;

/** The last lines that a process printed, for the error that says how it died. */
export class LastLines {
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #decoder = new StringDecoder("utf8");
  #kept: string[] = [];
  #partial = "";

  /** @param onLine told every line. */
  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const lines = (this.#partial + this.#decoder.write(chunk)).split("\n");
    this.#partial = (lines.pop() ?? "").slice(-2000);
    for (const line of lines) this.#onLine?.(line);
    this.#kept = [...this.#kept, ...lines.filter((line) => !nativeFrame.test(line))].slice(-12);
  }

  /** The lines as the end of a sentence; empty where nothing was printed. */
  text(): string {
    const lines = [...this.#kept, this.#partial].filter((line) => line.trim() !== "");
    return lines.length === 0 ? "" : `; it last printed:\n${lines.join("\n")}`;
  }
}
