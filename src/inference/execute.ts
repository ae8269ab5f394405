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
import { planMissing } from "./plan.ts";
import { Drift } from "./drift.ts";
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

/** Single texts in a row that lost their session, with no batch answered between them, after which the model is given up. */
const mostLosses = 12;

/** What is known of a window's distinct questions, by index. */
interface Window {
  unique: readonly { key: ScoreKey; question: Question; group: number }[];
  prepared: (Prepared | undefined)[];
  answers: (Answer | undefined)[];
  /** Texts that failed on their own, but beside batches in flight that may be to blame. */
  suspects: number[];
}

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
  readonly #drift: Drift;
  #session: Session | null = null;
  #opening: Promise<Session> | null = null;
  #losses = 0;
  /** Whether a batch was answered. */
  #began = false;
  /** Padded tokens that are known to be too many: later batches are split before they are tried. */
  #tokenCap = Number.POSITIVE_INFINITY;

  constructor(model: RewardModel, store: ScoreStore, context: InferenceContext) {
    this.#model = model;
    this.#store = store;
    this.#context = context;
    this.#identity = identityHash(model.identity);
    this.#drift = new Drift(model, this.#identity, store);
  }

  /** What really ran, or null where every score was stored. */
  get session(): Session | null {
    return this.#session;
  }

  /**
   * One answer per question, in order.
   * @throws RmbenchError `model` or `machine` when the session cannot be opened or keeps dying, `incomplete` for whatever
   * ends it after a batch was answered.
   */
  async answer(questions: readonly Question[]): Promise<Answer[]> {
    try {
      return await this.#answer(questions);
    } catch (error) {
      throw this.#began && error instanceof RmbenchError ? begun(error) : error;
    }
  }

  async #answer(questions: readonly Question[]): Promise<Answer[]> {
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
    const batches = planMissing(
      asked.map((i) => ({ tokens: lengths[i]!, stored: answers[i] !== undefined, group: unique[i]!.group })),
      this.#model.limits,
    ).map((batch) => batch.map((k) => asked[k]!));
    const window: Window = { unique, prepared, answers, suspects: [] };
    await this.#runAll(batches, async (batch) => {
      await this.#prepareStored(batch, window);
      await this.#run(batch, window);
    });
    for (const i of window.suspects) await this.#run([i], window, true);
    if (this.#session !== null) await this.#drift.settle(this.#session, this.#context.signal);
    return Array.from(place, (i) => answers[i]!);
  }

  async #prepareMissing(unique: readonly { question: Question }[], answers: readonly (Answer | undefined)[]) {
    const missing = unique.flatMap((_, i) => (answers[i] === undefined ? [i] : []));
    const prepared: (Prepared | undefined)[] = Array.from({ length: unique.length });
    const items = await this.#model.prepare(missing.map((i) => unique[i]!.question));
    for (const [k, i] of missing.entries()) prepared[i] = items[k]!;
    return prepared;
  }

  async #prepareStored(batch: readonly number[], { unique, prepared }: Window) {
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

  /** @param alone no other batch is in flight, so what fails has itself to blame. */
  async #run(batch: readonly number[], window: Window, alone = false): Promise<void> {
    const { unique, prepared, answers } = window;
    // Questions to a module have no tokens: then the cap counts texts.
    const longest = Math.max(1, ...batch.map((i) => prepared[i]!.tokens));
    if (batch.length > 1 && longest * batch.length > this.#tokenCap) return this.#halve(batch, window);
    let scores: Score[];
    try {
      const session = await this.#open();
      scores = await session.score(
        batch.map((i) => prepared[i]!),
        this.#context.signal,
      );
      this.#losses = 0;
      this.#began = true;
    } catch (error) {
      this.#context.signal.throwIfAborted();
      if (!(error instanceof OutOfMemory || error instanceof SessionLost)) throw error;
      if (!alone) this.#context.emit({ type: "retry", texts: batch.length, reason: error.message });
      if (batch.length > 1) {
        if (error instanceof OutOfMemory) this.#tokenCap = Math.min(this.#tokenCap, longest * batch.length - 1);
        return this.#halve(batch, window);
      }
      if (!alone) {
        if (error instanceof SessionLost) this.#countLoss(error);
        window.suspects.push(batch[0]!);
        return;
      }
      const code = error instanceof OutOfMemory ? "out-of-memory" : "crashed";
      scores = [{ status: "failed", code, message: error.message }];
    }
    const stored: [ScoreKey, Stored][] = [];
    for (const [k, i] of batch.entries()) {
      const { truncated, droppedDocuments } = prepared[i]!;
      const { score, counted } = withoutTokens(ofAllCandidates(unique[i]!.question, scores[k]!));
      const tokens = counted ?? prepared[i]!.tokens;
      // A stored answer stays: a score never depends on what ran beside it or when.
      if (answers[i] !== undefined) continue;
      answers[i] = { score, tokens, truncated, droppedDocuments };
      if (score.status !== "failed") stored.push([unique[i]!.key, { score, tokens, truncated, droppedDocuments }]);
    }
    await this.#drift.keep(stored, this.#session!, this.#context.signal);
    const tokens = batch.reduce((sum, i) => sum + prepared[i]!.tokens, 0);
    const padded = this.#model.limits.batching === "tolerant" ? longest * batch.length : tokens;
    this.#context.emit({ type: "batch", texts: batch.length, tokens, padded });
  }

  async #halve(batch: readonly number[], window: Window): Promise<void> {
    const middle = Math.ceil(batch.length / 2);
    await this.#run(batch.slice(0, middle), window);
    await this.#run(batch.slice(middle), window);
  }

  /** A batch that dies says little, since one text of it suffices; texts that die one after the other say enough. */
  #countLoss(error: SessionLost): void {
    if (++this.#losses < mostLosses) return;
    const resume = this.#began && this.#store.lasts ? ["the same command goes on from the stored scores"] : [];
    const hint = [...(error.hint === undefined ? [] : [error.hint]), ...resume].join("; ");
    throw new RmbenchError("model", `the model died at ${mostLosses} texts in a row: ${error.message}`, {
      ...(hint !== "" && { hint }),
      cause: error,
    });
  }

  async #open(): Promise<Session> {
    this.#opening ??= this.#opened();
    this.#session = await this.#opening;
    return this.#session;
  }

  async #opened(): Promise<Session> {
    const session = await this.#model.open(this.#context.signal);
    try {
      await this.#drift.check(session, this.#context.signal);
      return session;
    } catch (error) {
      await session[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A session that failed to open has already said so where it was needed.
    const session = await this.#opening?.catch(() => null);
    await session?.[Symbol.asyncDispose]();
  }
}

/** What ends the scoring after it began leaves it incomplete, whatever it is. */
function begun(error: RmbenchError): RmbenchError {
  if (error.code === "incomplete" || error.code === "internal") return error;
  return new RmbenchError("incomplete", error.message, { ...(error.hint && { hint: error.hint }), cause: error });
}

/** The score, or a failure where it has not one value for each candidate of a listwise question. */
function ofAllCandidates(question: Question, score: Score): Score {
  if (question.kind !== "listwise" || score.status !== "ok") return score;
  const [values, candidates] = [score.vector?.length ?? 0, question.of.length];
  if (values === candidates) return score;
  const message = `the model gave ${values} values (vector) for ${candidates} candidates`;
  return { status: "failed", code: "malformed", message };
}

/** The count of tokens has a place of its own in an answer. */
function withoutTokens(score: Score): { score: Score; counted: number | undefined } {
  if (score.status !== "ok" || score.tokens === undefined) return { score, counted: undefined };
  const { tokens: counted, ...rest } = score;
  return { score: rest, counted };
}

function refusal({ tokens, truncated, droppedDocuments, refused }: Prepared): Answer {
  return {
    score: { status: "failed", code: refused!.code, message: refused!.message },
    tokens,
    truncated,
    droppedDocuments,
  };
}
