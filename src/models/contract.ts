/**
 * The contract of every reward model, as checks that run on any implementation: in the tests on the built-in adapters,
 * in `rmbench doctor` on the user's model, and from `rmbench/contract` in the tests of a plug-in.
 */
import { messageOf } from "../errors.ts";
import type { Conversation, Question, QuestionKind } from "../questions/question.ts";
import { OutOfMemory, type Prepared, type RewardModel, type Score, type Session } from "./reward-model.ts";
import { lossOf } from "./lost.ts";
import { onBehalf } from "./user-context.ts";

export interface Check {
  name: string;
  status: "pass" | "warn" | "fail" | "skip";
  /** What was measured, with numbers. */
  detail: string;
}

const topics = [
  "rivers",
  "a borrowed ladder",
  "the number 17",
  "tea",
  "night trains",
  "moss",
  "雨と傘",
  "a lost key 🔑",
];

/** Probe conversations of varied length, script and shape: 8 prompts with a short and a long response each. */
export const probes: readonly Conversation[] = topics.flatMap((topic, i) => {
  const prompt = [{ role: "user", content: `Tell me something about ${topic}.` }];
  const short = `${topic} can be described in a few words.`;
  const long = Array.from({ length: 4 + 3 * i }, (_, k) => `Sentence ${k + 1} says a little more about ${topic}.`).join(
    " ",
  );
  return [short, long].map((response) => ({ prompt, documents: null, tools: null, response }));
});

/** Runs every check. Opens the model (several times) and closes it again. */
export async function checkContract(model: RewardModel, signal: AbortSignal): Promise<Check[]> {
  const questions = questionsFor(model);
  const checks: Check[] = [checkIdentity(model)];
  const all = await model.prepare(questions);
  if (all.length !== questions.length) {
    const detail = `${all.length} items for ${questions.length} questions`;
    return [...checks, { name: "prepare", status: "fail", detail }];
  }
  // A model of short inputs refuses the longer probes.
  const prepared = all.filter((item) => item.refused === null);
  if (prepared.length < 4) {
    const detail = `all but ${prepared.length} probes are refused: ${all.find((item) => item.refused !== null)?.refused?.message}`;
    return [...checks, { name: "prepare", status: "fail", detail }];
  }
  await using session = await model.open(signal);
  const alone: number[] = [];
  const every: Record<string, () => Promise<Check>> = {
    "finite scores": async () => {
      const scores: Score[] = [];
      for (const item of prepared) scores.push(...(await session.score([item], signal)));
      alone.push(...scores.flatMap((score) => valuesOf(model, score)));
      return checkFinite(model, scores);
    },
    "same text twice": () => checkRepeats(session, model, prepared, alone, signal),
    "same text in a new session": () => checkReopened(model, prepared, alone, signal),
    "batch invariance": () => checkBatches(session, model, prepared, alone, signal),
    padding: () => checkPadding(session, model, prepared, alone, signal),
    "longest text": () => checkLongest(model, session, signal),
    abort: () => checkAbort(model),
  };
  if (model.limits.batching === "single") {
    delete every["padding"];
    const detail = "the model says that scores depend on batch mates: every text runs alone";
    every["batch invariance"] = async () => ({ name: "batch invariance", status: "skip", detail });
  }
  let missing: string | null = null;
  for (const [name, check] of Object.entries(every)) {
    if (missing !== null) {
      checks.push({ name, status: "skip", detail: missing });
      continue;
    }
    try {
      checks.push(await check());
    } catch (error) {
      signal.throwIfAborted();
      const detail = lossOf(error);
      if (detail === null) throw error;
      checks.push({ name, status: "fail", detail });
      if (!(error instanceof OutOfMemory)) missing = `needs a model that goes on after "${name}"`;
    }
    if (name === "finite scores" && checks.at(-1)!.status === "fail") missing = "needs finite scores";
  }
  return checks;
}

/** The kind of question that the checks ask. */
function kindFor({ asks }: RewardModel): QuestionKind {
  return (["pointwise", "pairwise", "listwise"] as const).find((kind) => asks.includes(kind)) ?? "pointwise";
}

/** Questions of a kind that the model answers; comparisons are of the two responses to one prompt. */
export function questionsFor(model: RewardModel): Question[] {
  return onBehalf(model, plainQuestions(model));
}

function plainQuestions(model: RewardModel): Question[] {
  const kind = kindFor(model);
  if (kind === "pointwise") return probes.map((of) => ({ kind, of }));
  const twos = probes.flatMap((a, i) => (i % 2 === 0 ? [[a, probes[i + 1]!] as const] : []));
  return twos.map(([a, b]): Question => (kind === "pairwise" ? { kind, a, b } : { kind, of: [a, b] }));
}

/** One value, or of a listwise question one for each candidate; NaN where there is none. */
export function valuesOf(model: RewardModel, score: Score | undefined): readonly number[] {
  if (score?.status !== "ok") return [Number.NaN];
  return kindFor(model) === "listwise" ? (score.vector ?? [Number.NaN]) : [score.value];
}

function said(score: Score): string {
  if (score.status === "ok") return String(score.value);
  return score.status === "failed" ? score.message : `an answer that is no score: ${score.text}`;
}

function checkIdentity({ identity }: RewardModel): Check {
  const empty = Object.entries(identity).filter(([, value]) => typeof value !== "string" || value === "");
  const name = "identity";
  if (Object.keys(identity).length === 0)
    return { name, status: "fail", detail: "the identity names nothing that can change a score" };
  if (empty.length > 0) return { name, status: "fail", detail: `empty: ${empty.map(([key]) => key).join(", ")}` };
  return { name, status: "pass", detail: Object.keys(identity).join(", ") };
}

function checkFinite(model: RewardModel, scores: readonly Score[]): Check {
  const name = "finite scores";
  const values = scores.flatMap((score) => valuesOf(model, score));
  const broken = scores.filter((score) => !valuesOf(model, score).every(Number.isFinite));
  if (broken.length > 0) {
    const detail = `${broken.length} of ${scores.length} probe scores are NaN, infinite or failed; the first: ${said(broken[0]!)}`;
    return { name, status: "fail", detail };
  }
  const spread = deviation(values);
  if (spread === 0)
    return {
      name,
      status: "warn",
      detail: `all ${values.length} probe scores are ${values[0]}: the model does not read`,
    };
  return { name, status: "pass", detail: `${values.length} probe scores, standard deviation ${spread.toPrecision(3)}` };
}

async function checkRepeats(
  session: Session,
  model: RewardModel,
  prepared: readonly Prepared[],
  alone: readonly number[],
  signal: AbortSignal,
): Promise<Check> {
  const again: number[] = [];
  for (const item of prepared) again.push(...valuesOf(model, (await session.score([item], signal))[0]));
  return compared("same text twice", alone, again, 0);
}

async function checkReopened(
  model: RewardModel,
  prepared: readonly Prepared[],
  alone: readonly number[],
  signal: AbortSignal,
): Promise<Check> {
  await using second = await model.open(signal);
  const again: number[] = [];
  for (const item of prepared) again.push(...valuesOf(model, (await second.score([item], signal))[0]));
  const check = compared("same text in a new session", alone, again, tolerance(model, alone));
  await second[Symbol.asyncDispose](); // disposing twice must be harmless
  return check;
}

async function checkBatches(
  session: Session,
  model: RewardModel,
  prepared: readonly Prepared[],
  alone: readonly number[],
  signal: AbortSignal,
): Promise<Check> {
  const orders = [
    prepared.map((_, i) => i),
    prepared.map((_, i) => prepared.length - 1 - i),
    interleaved(prepared.length),
  ];
  let worst: Check | null = null;
  for (const order of orders) {
    for (const size of [2, 5, prepared.length]) {
      const values: (readonly number[])[] = Array.from({ length: prepared.length });
      for (let start = 0; start < order.length; start += size) {
        const batch = order.slice(start, start + size);
        const scores = await session.score(
          batch.map((i) => prepared[i]!),
          signal,
        );
        for (const [k, i] of batch.entries()) values[i] = valuesOf(model, scores[k]);
      }
      const check = compared("batch invariance", alone, values.flat(), tolerance(model, alone));
      if (worst === null || check.status === "fail") worst = check;
    }
  }
  return worst!;
}

async function checkPadding(
  session: Session,
  model: RewardModel,
  prepared: readonly Prepared[],
  alone: readonly number[],
  signal: AbortSignal,
): Promise<Check> {
  const longest = prepared.reduce((best, item, i) => (item.tokens > prepared[best]!.tokens ? i : best), 0);
  const padded: number[] = [];
  for (const item of prepared)
    padded.push(...valuesOf(model, (await session.score([item, prepared[longest]!], signal))[0]));
  return compared("padding", alone, padded, tolerance(model, alone));
}

/** The longest text that fits must be scored, and one that is longer must be refused or cut, never passed on. */
async function checkLongest(model: RewardModel, session: Session, signal: AbortSignal): Promise<Check> {
  const name = "longest text";
  const limit = model.limits.maxTokens;
  if (limit === null) return { name, status: "skip", detail: "the model names no longest input" };
  if (!model.asks.includes("pointwise")) return { name, status: "skip", detail: "the model compares" };
  const ofWords = async (count: number) => {
    const response = Array.from({ length: count }, () => "tea").join(" ");
    return (await model.prepare([{ kind: "pointwise", of: { ...probes[0]!, response } }]))[0]!;
  };
  let [fits, exceeds] = [1, limit + 1];
  while (exceeds - fits > 1) {
    const middle = Math.floor((fits + exceeds) / 2);
    const item = await ofWords(middle);
    if (item.refused === null && !item.truncated) fits = middle;
    else exceeds = middle;
  }
  const [last, over] = [await ofWords(fits), await ofWords(exceeds)];
  if (last.tokens > limit)
    return { name, status: "fail", detail: `a text of ${last.tokens} tokens passed the limit of ${limit}` };
  if (over.refused === null && !over.truncated)
    return { name, status: "fail", detail: `a text over ${limit} tokens was neither refused nor cut` };
  const [score] = await session.score([last], signal);
  if (score?.status !== "ok") return { name, status: "fail", detail: `a text of ${last.tokens} tokens got no score` };
  const fate = over.refused === null ? "cut" : "refused";
  return { name, status: "pass", detail: `${last.tokens} of ${limit} tokens scored; longer ones are ${fate}` };
}

async function checkAbort(model: RewardModel): Promise<Check> {
  const name = "abort";
  const abort = new AbortController();
  const reason = new Error("stop");
  const session = await model.open(abort.signal);
  try {
    abort.abort(reason);
    const [item] = await model.prepare(questionsFor(model).slice(0, 1));
    await session.score([item!], abort.signal);
    return { name, status: "warn", detail: "a batch was scored after the abort (harmless where batches are short)" };
  } catch (error) {
    const detail =
      error === reason ? "an aborted session scores no further batch" : `stops with another error: ${messageOf(error)}`;
    return { name, status: error === reason ? "pass" : "warn", detail };
  } finally {
    await session[Symbol.asyncDispose]();
  }
}

/** Exact where the model says so, else a thousandth of the spread of its scores. */
function tolerance(model: RewardModel, values: readonly number[]): number {
  return model.limits.batching === "invariant" ? 0 : 1e-3 * deviation(values);
}

function compared(name: string, expected: readonly number[], found: readonly number[], allowed: number): Check {
  let largest = 0;
  let moved = 0;
  let flipped = 0;
  for (const [i, value] of expected.entries()) {
    const difference = Object.is(value, found[i]) ? 0 : Math.abs(value - found[i]!);
    if (difference > 0 || Number.isNaN(difference)) moved++;
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
    const j = i + 1;
    if (i % 2 === 0 && j < expected.length && Math.sign(value - expected[j]!) !== Math.sign(found[i]! - found[j]!))
      flipped++;
  }
  const detail = `${moved} of ${expected.length} scores moved, by at most ${largest.toPrecision(3)} (allowed ${allowed.toPrecision(3)}); ${flipped} of ${Math.floor(expected.length / 2)} verdicts flipped`;
  return { name, status: largest <= allowed ? "pass" : "fail", detail };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
}

/** 0, n−1, 1, n−2, …: long and short texts next to each other. */
function interleaved(n: number): number[] {
  return Array.from({ length: n }, (_, i) => (i % 2 === 0 ? i / 2 : n - 1 - (i - 1) / 2));
}
