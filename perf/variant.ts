/**
 * One way to score the texts of a set, in a process of its own: `node --import jiti/register perf/variant.ts <plan>
 * <job.json>`. Loads the model, warms it up, then measures from the first text tokenised to the last score, and prints
 * one JSON line. Plans: `rmbench`, `rmbench-every` (identical texts scored again), `bare:<tokens>` and
 * `bare-every:<tokens>` (a loop around ONNX Runtime with length-sorted batches under that budget; 0: one text a
 * batch), `rewardbench` (dataset order, batch 8, padded to the longest, chosen and rejected apart).
 */
import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { distinct } from "../src/inference/distinct.ts";
import { Scorer } from "../src/inference/execute.ts";
import { memoryStore } from "../src/inference/memory-store.ts";
import { plan } from "../src/inference/plan.ts";
import { describeModel } from "../src/models/describe.ts";
import { buildInputs, type GraphInput } from "../src/models/onnx/batch.ts";
import { chooseGraph } from "../src/models/onnx/files.ts";
import { chooseInput } from "../src/models/onnx/reading.ts";
import { readConfig, readSettings } from "../src/models/onnx/settings.ts";
import { defaultModelOptions } from "../src/models/options.ts";
import type { ModelOptions, Session } from "../src/models/reward-model.ts";
import { loadTokenizer, type TokenIds } from "../src/models/tokenizer.ts";
import type { Question } from "../src/questions/question.ts";
import { cpuSeconds } from "./cpu.ts";
import type { Job, Measured } from "./job.ts";

const options: ModelOptions = { ...defaultModelOptions, truncate: "response-right" };
const signal = new AbortController().signal;

/** Scores texts, in their order; `computed` counts the tokens of every forward pass, padding included. */
type Score = (questions: readonly Question[]) => Promise<{ scores: number[]; computed: number }>;

const [name = "", file = ""] = process.argv.slice(2);
const job = JSON.parse(readFileSync(file, "utf8")) as Job;
const score = await open(name, job.model);
await score(job.warmUp);
const [wall, cpu] = [performance.now(), cpuSeconds()];
const { scores, computed } = await score([...job.chosen, ...job.rejected]);
const measured: Measured = {
  seconds: (performance.now() - wall) / 1000,
  cpu: cpuSeconds() - cpu,
  computed,
  mean: scores.reduce((sum, one) => sum + one, 0) / scores.length,
};
process.stdout.write(`${JSON.stringify(measured)}\n`);
process.exit(0);

async function open(plan: string, dir: string): Promise<Score> {
  if (plan === "rmbench") return rmbench(dir);
  if (plan === "rmbench-every") return rmbenchEvery(dir);
  if (plan === "rewardbench") return rewardbench(dir);
  const budget = Number(plan.split(":")[1]);
  return plan.startsWith("bare-every:") ? bareLoop(dir, budget) : onDistinct(await bareLoop(dir, budget));
}

async function rmbench(dir: string): Promise<Score> {
  const model = await describeModel(`onnx:${dir}`, options, context());
  let computed = 0;
  const emit = (event: { type: string; padded?: number }) => void (computed += event.padded ?? 0);
  const scorer = new Scorer(model, memoryStore(), { signal, emit });
  return async (questions) => {
    computed = 0;
    const answers = await scorer.answer(questions);
    return { scores: answers.map(({ score }) => (score.status === "ok" ? score.value : Number.NaN)), computed };
  };
}

/** rmbench's batches and session, without its deduplication and store. */
async function rmbenchEvery(dir: string): Promise<Score> {
  const model = await describeModel(`onnx:${dir}`, options, context());
  let session: Session | null = null;
  return async (questions) => {
    session ??= await model.open(signal);
    const open = session;
    const prepared = await model.prepare(questions);
    const batches = plan(
      prepared.map(({ tokens }) => tokens),
      model.limits,
    );
    const scores: number[] = Array.from({ length: questions.length });
    let next = 0;
    const worker = async () => {
      for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
        const items = [...batch.items];
        const answers = await open.score(
          items.map((i) => prepared[i]!),
          signal,
        );
        for (const [k, i] of items.entries()) {
          const answer = answers[k]!;
          scores[i] = answer.status === "ok" ? answer.value : Number.NaN;
        }
      }
    };
    await Promise.all(Array.from({ length: model.limits.concurrency }, worker));
    return { scores, computed: prepared.reduce((sum, { tokens }) => sum + tokens, 0) };
  };
}

async function bareLoop(dir: string, budget: number): Promise<Score> {
  const { encode, forward } = await bareModel(dir);
  return async (questions) => {
    const rows = questions.map(encode);
    const limits = budget === 0 ? { batchTokens: 1, batchSize: 1 } : { batchTokens: budget, batchSize: 512 };
    const batches = plan(
      rows.map(({ length }) => length),
      limits,
    );
    const scores: number[] = Array.from({ length: rows.length });
    for (const { items } of batches) {
      const logits = await forward(Array.from(items, (i) => rows[i]!));
      for (const [k, i] of items.entries()) scores[i] = logits[k]!;
    }
    return { scores, computed: batches.reduce((sum, { padded }) => sum + padded, 0) };
  };
}

/** `rewardbench/rewardbench.py`: a DataLoader without shuffling, batches of 8 tokenised with `padding=True`. */
async function rewardbench(dir: string): Promise<Score> {
  const { encode, forward } = await bareModel(dir);
  return async (questions) => {
    const scores: number[] = [];
    let computed = 0;
    const half = Math.ceil(questions.length / 2);
    for (const side of [questions.slice(0, half), questions.slice(half)]) {
      for (let at = 0; at < side.length; at += 8) {
        const rows = side.slice(at, at + 8).map(encode);
        computed += rows.length * Math.max(...rows.map(({ length }) => length));
        scores.push(...(await forward(rows)));
      }
    }
    return { scores, computed };
  };
}

/** Identical texts once. */
function onDistinct(score: Score): Score {
  return async (questions) => {
    const { unique, place } = distinct("", questions);
    const { scores, computed } = await score(unique.map(({ question }) => question));
    return { scores: Array.from(place, (i) => scores[i]!), computed };
  };
}

/** Tokenizer and graph, and nothing between them; the runtime's own number of threads. */
async function bareModel(dir: string) {
  const [settings, config, tokenizer] = await Promise.all([readSettings(dir), readConfig(dir), loadTokenizer(dir)]);
  const { format, maxLength } = chooseInput(dir, settings, config, tokenizer, options);
  const session = await InferenceSession.create((await chooseGraph(dir, null)).path, { logSeverityLevel: 3 });
  const inputs = session.inputMetadata.map((input): GraphInput => {
    if (!input.isTensor) throw new Error(`${input.name} is not a tensor`);
    return { name: input.name, type: input.type, shape: input.shape };
  });
  const output = session.outputNames[0]!;
  const padId = config.pad_token_id ?? tokenizer.padId ?? 0;
  return {
    encode: (question: Question): TokenIds => {
      if (question.kind !== "pointwise") throw new Error("only single responses");
      const row = tokenizer.encode(format(question.of));
      if (maxLength === null || row.length <= maxLength) return row;
      const ids = row.ids.slice(0, maxLength);
      ids[maxLength - 1] = row.ids[row.length - 1]!;
      return { ids, length: maxLength, segment: Math.min(row.segment, maxLength) };
    },
    forward: async (rows: readonly TokenIds[]): Promise<number[]> => {
      const feeds = [...buildInputs(inputs, rows, padId)].map(
        ([name, { type, data, dims }]) => [name, new Tensor(type, data, dims)] as const,
      );
      const logits = (await session.run(Object.fromEntries(feeds), [output]))[output]!;
      return Array.from(logits.data as Float32Array);
    },
  };
}

function context() {
  return { cwd: process.cwd(), env: process.env, signal, warn: () => {} };
}
