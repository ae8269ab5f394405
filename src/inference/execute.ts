import { RmbenchError } from "../errors.ts";
import {
  OutOfMemory,
  SessionLost,
  type Prepared,
  type RewardModel,
  type Score,
  type Session,
} from "../models/reward-model.ts";
import type { Question } from "../questions/question.ts";
import type { InferenceEvent } from "./events.ts";
import { distinct } from "./distinct.ts";
import { identityHash, type ScoreKey } from "./key.ts";
import { plan } from "./plan.ts";
import type { ScoreStore, Stored } from "./store.ts";

/** What became of one question. */
export interface Answer {
  score: Score;
  tokens: number;
  truncated: boolean;
  droppedDocuments: number;
}

export interface InferenceContext {
  signal: AbortSignal;
  emit: (event: InferenceEvent) => void;
}

/** Lost sessions in a row, with no batch answered between them, after which the model is given up. */
const mostLosses = 12;

/**
 * Answers windows of questions: identical questions are asked once, stored ones not at all, the others in
 * length-sorted batches. Knows neither pairs nor protocols. The session is opened at the first question that is not
 * stored and closed by `[Symbol.asyncDispose]`.
 */
export class Scorer implements AsyncDisposable {
  readonly #model: RewardModel;
  readonly #store: ScoreStore;
  readonly #context: InferenceContext;
  readonly #identity: string;
  #session: Session | null = null;
  #opening: Promise<Session> | null = null;
  #losses = 0;
  /** Padded tokens that are known to be too many: later batches are split before they are tried. */
  #tokenCap = Number.POSITIVE_INFINITY;

  constructor(model: RewardModel, store: ScoreStore, context: InferenceContext) {
    this.#model = model;
    this.#store = store;
    this.#context = context;
    this.#identity = identityHash(model.identity);
  }

  /** What really ran, or null where every score was stored. */
  get session(): Session | null {
    return this.#session;
  }

  /**
   * One answer per question, in order.
   * @throws RmbenchError `model` or `machine` when the session cannot be opened, `incomplete` when it keeps dying.
   */
  async answer(questions: readonly Question[]): Promise<Answer[]> {
    const { unique, place } = distinct(this.#identity, questions);
    const answers: (Answer | undefined)[] = unique.map(({ key }) => this.#store.get(key));
    const hits = answers.filter((answer) => answer !== undefined).length;
    this.#context.emit({ type: "window", questions: questions.length, distinct: unique.length, hits });

    const prepared = await this.#prepareMissing(unique, answers);
    const lengths = unique.map((_, i) => prepared[i]?.tokens ?? answers[i]!.tokens);
    const asked = unique.flatMap((_, i) => (prepared[i] !== undefined && prepared[i].refused !== null ? [] : [i]));
    for (const [i, item] of prepared.entries()) {
      if (item !== undefined && item.refused !== null) answers[i] = refusal(item);
    }
    const batches = this.#plan(asked, lengths, answers);
    await this.#runAll(batches, async (batch) => {
      await this.#prepareStored(batch, unique, prepared);
      await this.#run(batch, unique, prepared, answers);
    });
    return Array.from(place, (i) => answers[i]!);
  }

  async #prepareMissing(unique: readonly { question: Question }[], answers: readonly (Answer | undefined)[]) {
    const missing = unique.flatMap((_, i) => (answers[i] === undefined ? [i] : []));
    const prepared: (Prepared | undefined)[] = Array.from({ length: unique.length });
    const items = await this.#model.prepare(missing.map((i) => unique[i]!.question));
    for (const [k, i] of missing.entries()) prepared[i] = items[k]!;
    return prepared;
  }

  /** Batches over all questions of the window; where batch mates cannot move a score, stored ones are left out. */
  #plan(asked: readonly number[], lengths: readonly number[], answers: readonly (Answer | undefined)[]): number[][] {
    const { batching, batchTokens, batchSize } = this.#model.limits;
    const items = batching === "tolerant" ? asked : asked.filter((i) => answers[i] === undefined);
    return plan(
      items.map((i) => lengths[i]!),
      { batchTokens, batchSize: batching === "single" ? 1 : batchSize },
    )
      .map((batch) => Array.from(batch.items, (k) => items[k]!))
      .filter((batch) => batch.some((i) => answers[i] === undefined));
  }

  async #prepareStored(
    batch: readonly number[],
    unique: readonly { question: Question }[],
    prepared: (Prepared | undefined)[],
  ) {
    const stored = batch.filter((i) => prepared[i] === undefined);
    if (stored.length === 0) return;
    const items = await this.#model.prepare(stored.map((i) => unique[i]!.question));
    for (const [k, i] of stored.entries()) prepared[i] = items[k]!;
  }

  async #runAll(batches: number[][], run: (batch: number[]) => Promise<void>): Promise<void> {
    if (batches.length === 0) return;
    let next = 0;
    let failed = false;
    const worker = async () => {
      while (next < batches.length && !failed) {
        this.#context.signal.throwIfAborted();
        const batch = batches[next++]!;
        try {
          await run(batch);
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    };
    const workers = Array.from({ length: Math.min(this.#model.limits.concurrency, batches.length) }, worker);
    const settled = await Promise.allSettled(workers);
    for (const result of settled) if (result.status === "rejected") throw result.reason;
  }

  async #run(
    batch: readonly number[],
    unique: readonly { key: ScoreKey }[],
    prepared: readonly (Prepared | undefined)[],
    answers: (Answer | undefined)[],
  ): Promise<void> {
    const longest = Math.max(...batch.map((i) => prepared[i]!.tokens));
    if (batch.length > 1 && longest * batch.length > this.#tokenCap)
      return this.#halve(batch, unique, prepared, answers);
    let scores: Score[];
    try {
      const session = await this.#open();
      scores = await session.score(
        batch.map((i) => prepared[i]!),
        this.#context.signal,
      );
      this.#losses = 0;
    } catch (error) {
      this.#context.signal.throwIfAborted();
      if (!(error instanceof OutOfMemory || error instanceof SessionLost)) throw error;
      if (error instanceof SessionLost && ++this.#losses >= mostLosses) {
        throw new RmbenchError("incomplete", `the model died ${mostLosses} times in a row: ${error.message}`, {
          hint: "Try a smaller --batch-tokens or another --device; repeat the command to go on from the stored scores.",
          cause: error,
        });
      }
      this.#context.emit({ type: "retry", texts: batch.length, reason: error.message });
      if (batch.length > 1) {
        if (error instanceof OutOfMemory) this.#tokenCap = Math.min(this.#tokenCap, longest * batch.length - 1);
        return this.#halve(batch, unique, prepared, answers);
      }
      const code = error instanceof OutOfMemory ? "out-of-memory" : "crashed";
      scores = [{ status: "failed", code, message: error.message }];
    }
    const stored: [ScoreKey, Stored][] = [];
    for (const [k, i] of batch.entries()) {
      const { tokens, truncated, droppedDocuments } = prepared[i]!;
      const score = scores[k]!;
      // A stored answer stays: a score never depends on what ran beside it or when.
      if (answers[i] !== undefined) continue;
      answers[i] = { score, tokens, truncated, droppedDocuments };
      if (score.status !== "failed") stored.push([unique[i]!.key, { score, tokens, truncated, droppedDocuments }]);
    }
    await this.#store.put(stored);
    const tokens = batch.reduce((sum, i) => sum + prepared[i]!.tokens, 0);
    const padded = this.#model.limits.batching === "tolerant" ? longest * batch.length : tokens;
    this.#context.emit({ type: "batch", texts: batch.length, tokens, padded });
  }

  async #halve(
    batch: readonly number[],
    unique: readonly { key: ScoreKey }[],
    prepared: readonly (Prepared | undefined)[],
    answers: (Answer | undefined)[],
  ): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#run(batch.slice(0, middle), unique, prepared, answers);
    await this.#run(batch.slice(middle), unique, prepared, answers);
  }

  async #open(): Promise<Session> {
    this.#opening ??= this.#model.open(this.#context.signal);
    this.#session = await this.#opening;
    return this.#session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A session that failed to open has already said so where it was needed.
    const session = await this.#opening?.catch(() => null);
    await session?.[Symbol.asyncDispose]();
  }
}

function refusal({ tokens, truncated, droppedDocuments, refused }: Prepared): Answer {
  return {
    score: { status: "failed", code: refused!.code, message: refused!.message },
    tokens,
    truncated,
    droppedDocuments,
  };
}
