import { Column } from "./columns.ts";
import type { ReplayedScore, ScoreParts } from "./replay.ts";
import { entryStatus } from "./table.ts";

/** Replayed scores in typed arrays, for a million pairs have two million. */
export class ReplayedColumns {
  readonly #value = new Column(Float64Array);
  readonly #tokens = new Column(Uint32Array);
  readonly #status = new Column(Uint8Array);
  readonly #truncated = new Column(Uint8Array);
  readonly #droppedDocuments = new Column(Uint16Array);
  /** Most files have none. */
  readonly #parts = new Map<number, ScoreParts>();

  get length(): number {
    return this.#value.length;
  }

  push({ status, value, tokens, truncated, droppedDocuments, parts }: ReplayedScore): void {
    if (parts !== undefined) this.#parts.set(this.length, parts);
    this.#value.push(value);
    this.#tokens.push(tokens);
    this.#status.push(entryStatus.indexOf(status));
    this.#truncated.push(truncated ? 1 : 0);
    this.#droppedDocuments.push(droppedDocuments);
  }

  at(place: number): ReplayedScore {
    return {
      status: entryStatus[this.#status.at(place)] as ReplayedScore["status"],
      value: this.#value.at(place),
      tokens: this.#tokens.at(place),
      truncated: this.#truncated.at(place) === 1,
      droppedDocuments: this.#droppedDocuments.at(place),
      parts: this.#parts.get(place),
    };
  }
}
