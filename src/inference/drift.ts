import { RmbenchError } from "../errors.ts";
import type { RewardModel, Score, Session } from "../models/reward-model.ts";
import { scoreKey, type ScoreKey } from "./key.ts";
import type { ScoreStore, Stored } from "./store.ts";

type Entry = readonly [ScoreKey, Stored];

/** Batches whose scores wait for one check. */
const block = 8;
/** Of a probe's score, or of the probes' standard deviation where that is more: what half precision moves. */
const allowed = 0.01;

/**
 * Watches that a model stays the one that the store knows. Models without probes cannot change behind their identity, and
 * their scores are stored at once. Of the others scores are held back until the probes score as before: at the first
 * batch, after every eighth and at the end of a window. A score is stored only if its model was the right one afterwards.
 */
export class Drift {
  readonly #model: RewardModel;
  readonly #identity: string;
  readonly #store: ScoreStore;
  #held: Entry[] = [];
  #batches = 0;
  #checking: Promise<void> = Promise.resolve();

  constructor(model: RewardModel, identity: string, store: ScoreStore) {
    this.#model = model;
    this.#identity = identity;
    this.#store = store;
  }

  /**
   * Scores the probes and compares them with the store's, which keeps the first.
   * @throws RmbenchError `model` where they differ by more than a hundredth, or get no score.
   */
  async check(session: Session, signal: AbortSignal): Promise<void> {
    const { probes = [], id } = this.#model;
    if (probes.length === 0) return;
    const prepared = await this.#model.prepare(probes);
    const asked = prepared.flatMap((item, i) => (item.refused === null ? [i] : []));
    const scores = await session.score(
      asked.map((i) => prepared[i]!),
      signal,
    );
    const found = scores.map((score) => valueOf(id, score));
    const fresh: Entry[] = [];
    for (const [k, i] of asked.entries()) {
      const key = scoreKey(this.#identity, probes[i]!);
      const known = this.#store.get(key)?.score;
      if (known?.status === "ok") compare(id, known.value, found[k]!, found);
      else fresh.push([key, storedOf(scores[k]!)]);
    }
    if (fresh.length > 0) await this.#store.put(fresh);
  }

  /** Stores a batch's scores, or holds them back until the next check. */
  async keep(entries: readonly Entry[], session: Session, signal: AbortSignal): Promise<void> {
    if (this.#model.probes === undefined) return this.#store.put(entries);
    this.#held.push(...entries);
    if (++this.#batches % block === 0) await this.settle(session, signal);
  }

  /** Checks, and stores what was held back before. One check at a time. */
  settle(session: Session, signal: AbortSignal): Promise<void> {
    this.#checking = this.#checking.then(async () => {
      const held = this.#held;
      if (held.length === 0) return;
      this.#held = [];
      await this.check(session, signal);
      await this.#store.put(held);
    });
    return this.#checking;
  }
}

function valueOf(id: string, score: Score): number {
  if (score.status === "ok") return score.value;
  const why = score.status === "failed" ? score.message : "its answer is no score";
  throw new RmbenchError("model", `${id} gives a probe text no score: ${why}`);
}

function storedOf(score: Score): Stored {
  if (score.status === "failed") throw new Error("a failed score is never stored");
  return { score, tokens: 0, truncated: false, droppedDocuments: 0 };
}

function compare(id: string, known: number, found: number, all: readonly number[]): void {
  if (Object.is(known, found) || Math.abs(known - found) <= allowed * Math.max(Math.abs(known), deviation(all))) return;
  throw new RmbenchError(
    "model",
    `${id} is another model than before: it scored a probe text ${known}, and now ${found}`,
    {
      hint: "what it scored since the last check is not stored. Give the new model another name or address, or keep its scores apart with --store <folder>; `rmbench store prune` forgets the old ones",
    },
  );
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
}
