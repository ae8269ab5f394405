/**
 * The score table: all scores of one model on one suite, columnar and free of text. A live run, replayed scores,
 * merged shards and a leaderboard check all enter here, so recomputing a published number is the same function as
 * computing it. `scores.arrow` holds exactly this.
 */

/** A dictionary-encoded column: `values[codes[i]]`, or null where `codes[i]` is −1. */
export interface Codes {
  readonly codes: Int32Array;
  readonly values: readonly string[];
}

/** Texts by index, in [0, length). */
export interface Texts {
  readonly length: number;
  at(i: number): string;
}

/** One row per pair, in the order of the suite. */
export interface RowColumns {
  readonly n: number;
  /** Index of the pair in the suite's file, before any selection. Increasing. */
  readonly position: Uint32Array;
  readonly id: Texts;
  readonly subset: Codes;
  readonly cluster: Codes;
  readonly direction: Codes;
  readonly tags: Readonly<Record<string, Codes>>;
  /** sha256 of the pair's content, first 16 bytes each: n × 16 bytes. */
  readonly fingerprint: Uint8Array;
  /** 1 where the suite gives none. */
  readonly weight: Float64Array;
}

/** `unmatched`: replayed scores have none for this text. */
export const entryStatus = ["ok", "unparsable", "failed", "too-long", "unmatched"] as const;
export type EntryStatus = (typeof entryStatus)[number];

/** One entry per scored question. */
export interface EntryColumns {
  readonly n: number;
  readonly row: Uint32Array;
  /** 0 chosen, 1 rejected. */
  readonly side: Uint8Array;
  readonly index: Uint16Array;
  /** 0, or 1 for a pairwise question asked with the responses swapped. */
  readonly order: Uint8Array;
  /** Index into `entryStatus`. */
  readonly status: Uint8Array;
  /** The reward (or log-odds); NaN where the status is not ok. */
  readonly value: Float64Array;
  /** Standard deviation of the reward, NaN where the model gave none; null where it never does. */
  readonly std: Float64Array | null;
  /** Rewards of the model's single objectives by name, NaN where it gave none. */
  readonly attributes: Readonly<Record<string, Float64Array>>;
  /** Values per step or per candidate: those of entry i are `values[end[i − 1]] … values[end[i] − 1]`; null: none at all. */
  readonly vector: { readonly end: Uint32Array; readonly values: Float64Array } | null;
  readonly tokens: Uint32Array;
  /** 1 where text was cut. */
  readonly truncated: Uint8Array;
  readonly droppedDocuments: Uint16Array;
  /** Length of the scored response in Unicode code points. */
  readonly length: Uint32Array;
  /** What each shortcut scorer gives the same question, by its name: metrics of a shortcut need no text. */
  readonly shortcuts: Readonly<Record<string, Float32Array>>;
}

export interface ScoreTable {
  readonly kind: "pointwise" | "pairwise" | "listwise";
  readonly rows: RowColumns;
  readonly entries: EntryColumns;
}
