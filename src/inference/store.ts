/**
 * Where scores live between runs: content-addressed, shared by suites and runs, acknowledged only when on disk.
 * `lmdb-store.ts` is the one that runs use; `memory-store.ts` the one for `--store none`. Both pass
 * `test/contract/store.test.ts`.
 */
import type { Score } from "../models/reward-model.ts";
import type { ScoreKey } from "./key.ts";

/** An answer worth keeping, with what preparing its question found out. Failures are never stored. */
export interface Stored {
  score: Exclude<Score, { status: "failed" }>;
  /** Input length in tokens. */
  tokens: number;
  truncated: boolean;
  droppedDocuments: number;
}

export interface ScoreStore extends AsyncDisposable {
  /** Whether another command finds what this one put. */
  readonly lasts: boolean;
  /** @throws RmbenchError `machine` when the store is damaged. */
  get(key: ScoreKey): Stored | undefined;
  /** Notes that a model uses the store, for `rmbench store info|prune`. @param identity as `identityHash` gives it. */
  remember(identity: string, model: string, at: Date): Promise<void>;
  /** Resolves when the entries would survive a power cut. The first answer to a key stays: later ones are dropped. */
  put(entries: readonly (readonly [ScoreKey, Stored])[]): Promise<void>;
}
