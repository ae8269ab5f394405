import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Scorer } from "../../src/inference/execute.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import { checkContract } from "../../src/models/contract.ts";
import { describeModel } from "../../src/models/describe.ts";
import type { JudgeOptions } from "../../src/models/judge/settings.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { Score } from "../../src/models/reward-model.ts";
import { protocolNamed } from "../../src/protocols/registry.ts";
import type { Question } from "../../src/questions/question.ts";
import { pair, somePairs, writeSomePairs } from "../cli/pairs.ts";
import { runHere } from "../cli/in-process.ts";

interface Asked {
  path: string;
  headers: Record<string, string>;
  body: { model: string; messages: { role: string; content: string }[]; seed?: number; temperature?: number };
}

let server: ChildProcess;
let base: string;
let folder: string;
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-judge-"));
  const script = fileURLToPath(new URL("judge_server.py", import.meta.url));
  server = spawn(process.env["RMBENCH_PYTHON"] ?? "python3", [script], { stdio: ["pipe", "pipe", "inherit"] });
  const [port] = (await once(createInterface(server.stdout!), "line")) as [string];
  base = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  server.stdin!.end();
  await once(server, "exit");
  await rm(folder, { recursive: true, force: true });
});

const log = async () => (await (await fetch(`${base}/log`)).json()) as Asked[];

/** Raw logits of a model's answers for the messages of a request, by a forward pass apart from the reply's. */
async function logits({ body: { model, messages } }: Asked): Promise<number[]> {
  const reply = await fetch(`${base}/direct`, { method: "POST", body: JSON.stringify({ model, messages }) });
  return ((await reply.json()) as { logits: number[] }).logits;
}

/** Scores, and the requests that they took. */
async function judged(spec: string, judge: JudgeOptions, questions: readonly Question[]) {
  const before = (await log()).length;
  const context = { cwd: folder, env: {}, signal, warn: () => {} };
  const model = await describeModel(spec, { ...defaultModelOptions, judge }, context);
  await using scorer = new Scorer(model, memoryStore(), { signal, emit: () => {} });
  const answers = await scorer.answer(questions);
  const asked = (await log()).slice(before);
  return { scores: answers.map(({ score }) => score), tokens: answers.map((answer) => answer.tokens), asked };
}

const valueOf = (score: Score): number => (score.status === "ok" ? score.value : Number.NaN);
const pairs = somePairs(20);
const units = pairs.flatMap((one, row) => protocolNamed("pairwise").units(one, row, "pairwise", "numbered"));
const pairwise = units.map(({ question }) => question);
const pointwise = pairs.flatMap((one, row) =>
  protocolNamed("pairwise")
    .units(one, row, "pointwise", "numbered")
    .map(({ question }) => question),
);

/** The one request that shows these texts, in this order. */
function showing(asked: readonly Asked[], ...texts: readonly string[]): Asked {
  const found = asked.filter(({ body }) => {
    const content = JSON.stringify(body);
    const places = texts.map((text) => content.indexOf(text));
    return places.every((place, i) => place >= 0 && (i === 0 || place > places[i - 1]!));
  });
  expect(found).toHaveLength(1);
  return found[0]!;
}

describe("log-probabilities", () => {
  it("of A and B are the model's own log-odds, in both orders", async () => {
    const { scores, tokens, asked } = await judged(`judge:${base}#letters`, {}, pairwise);
    expect(asked).toHaveLength(2 * pairs.length);
    const values: number[] = [];
    for (const [i, { question }] of units.entries()) {
      if (question.kind !== "pairwise") throw new Error(question.kind);
      const request = showing(asked, String(question.a.response), String(question.b.response));
      const [a, b] = (await logits(request)) as [number, number];
      expect(Math.abs(valueOf(scores[i]!) - (a - b))).toBeLessThanOrEqual(1e-5);
      expect(tokens[i]).toBeGreaterThan(100);
      values.push(a - b);
    }
    // The judge reads: its answers differ, and the order of the answers matters to it.
    expect(new Set(values.map((value) => value.toFixed(3))).size).toBeGreaterThan(30);
    expect(values.some((value, i) => i % 2 === 0 && Math.abs(value + values[i + 1]!) > 0.1)).toBe(true);
  });

  it("of the letters of four answers are the model's own logits, but for a constant", async () => {
    const rows = somePairs(12).map((one, i) => ({
      ...one,
      rejected: [...one.rejected, `Another ${i}, which is long.`, `No ${i}.`],
    }));
    const asks = rows.flatMap((one, row) => protocolNamed("best-of-n").units(one, row, "listwise", "numbered"));
    const { scores, asked } = await judged(
      `judge:${base}#four`,
      { protocol: "ranking" },
      asks.map(({ question }) => question),
    );
    expect(asked).toHaveLength(rows.length);
    const named = new Set<number>();
    for (const [i, { question, candidate }] of asks.entries()) {
      if (question.kind !== "listwise") throw new Error(question.kind);
      const raw = await logits(showing(asked, ...question.of.map(({ response }) => String(response))));
      const score = scores[i]!;
      if (score.status !== "ok") throw new Error(JSON.stringify(score));
      const vector = score.vector!;
      expect(vector[candidate!]! - vector[0]!).toBeCloseTo(raw[candidate!]! - raw[0]!, 4);
      named.add(raw.indexOf(Math.max(...raw)));
    }
    expect(named.size).toBeGreaterThan(1);
  });

  it("of the ratings give their mean and deviation", async () => {
    const { scores, asked } = await judged(`judge:${base}#digits`, { protocol: "rating" }, pointwise);
    for (const [i, question] of pointwise.entries()) {
      if (question.kind !== "pointwise") throw new Error(question.kind);
      const raw = await logits(showing(asked, String(question.of.response)));
      const odds = raw.map((logit) => Math.exp(logit - raw[0]!));
      const total = odds.reduce((sum, one) => sum + one, 0);
      const mean = odds.reduce((sum, one, k) => sum + (k + 1) * one, 0) / total;
      const deviation = Math.sqrt(odds.reduce((sum, one, k) => sum + (k + 1 - mean) ** 2 * one, 0) / total);
      const score = scores[i]!;
      expect(score.status).toBe("ok");
      expect(Math.abs(valueOf(score) - mean)).toBeLessThanOrEqual(1e-4);
      expect(Math.abs((score.status === "ok" ? score.std! : 0) - deviation)).toBeLessThanOrEqual(1e-4);
    }
  });

  it("of yes and no give the share of a checklist", async () => {
    const checklist = ["Does it answer?", "Is it polite?", "Is it short?"];
    const { scores, asked } = await judged(`judge:${base}#words`, { protocol: "checklist", checklist }, pointwise);
    expect(asked).toHaveLength(pointwise.length * checklist.length);
    for (const [i, question] of pointwise.entries()) {
      if (question.kind !== "pointwise") throw new Error(question.kind);
      const shares: number[] = [];
      for (const item of checklist) {
        const [yes, no] = (await logits(showing(asked, String(question.of.response), item))) as [number, number];
        shares.push(Math.exp(yes) / (Math.exp(yes) + Math.exp(no)));
      }
      const score = scores[i]!;
      if (score.status !== "ok") throw new Error(JSON.stringify(score));
      expect(Math.abs(score.value - (shares[0]! + shares[1]! + shares[2]!) / 3)).toBeLessThanOrEqual(1e-5);
      expect(Object.keys(score.attributes!)).toEqual(checklist);
    }
  });

  it("come from Gemini's reply as well", async () => {
    const first = pairwise.slice(0, 8);
    const compatible = await judged(`judge:${base}#letters`, {}, first);
    const { scores, asked } = await judged(`judge:gemini+${base}#letters`, { logprobs: true }, first);
    expect(asked.every(({ path }) => path === "/v1beta/models/letters:generateContent")).toBe(true);
    expect(scores.map(valueOf)).toEqual(compatible.scores.map(valueOf));
  });

  it("of a rating follow the critique that the judge wrote", async () => {
    const { scores, asked } = await judged(`judge:${base}#critics`, { protocol: "critique", maxTokens: 8 }, pointwise);
    const second = asked.filter(({ body }) => body.messages.length === 4);
    let rated = 0;
    for (const [i, question] of pointwise.entries()) {
      if (question.kind !== "pointwise") throw new Error(question.kind);
      const score = scores[i]!;
      if (score.status === "failed") expect(score.code).toBe("cut-off");
      if (score.status !== "ok") continue;
      rated++;
      const raw = (await logits(showing(second, String(question.of.response)))).slice(0, 9);
      const total = raw.reduce((sum, logit) => sum + Math.exp(logit), 0);
      const mean = raw.reduce((sum, logit, k) => sum + (k + 1) * Math.exp(logit), 0) / total;
      expect(Math.abs(score.value - mean)).toBeLessThanOrEqual(1e-4);
    }
    expect(rated).toBeGreaterThan(3);
    // A critique that was cut, or that says nothing, is not rated.
    expect(second.length).toBeLessThan(pointwise.length);
    expect(second.every(({ body }) => body.messages[2]!.role === "assistant" && body.messages[2]!.content)).toBe(true);
  });

  it("of a rating move when a principle is negated", async () => {
    const principles = [{ name: "brief", definition: "It is brief.", negativeDefinition: "It is long." }];
    const plain = await judged(`judge:${base}#digits`, { protocol: "principle", principles }, pointwise);
    const negated = await judged(
      `judge:${base}#digits`,
      { protocol: "principle", principles, negate: ["brief"] },
      pointwise,
    );
    expect(JSON.stringify(plain.asked[0]!.body)).toContain("- brief: It is brief.");
    expect(JSON.stringify(negated.asked[0]!.body)).toContain("- brief: It is long.");
    expect(plain.scores.map(valueOf)).not.toEqual(negated.scores.map(valueOf));
  });
});

describe("verdicts in words", () => {
  const verdicts: JudgeOptions = { logprobs: false, maxTokens: 24 };
  const told = (scores: readonly Score[]) => scores.map((score) => JSON.stringify(score));

  it("are scores, replies without one are none, and a cut reply is neither", async () => {
    // At temperature 1, over some seeds, the model says a bit of everything.
    const scores: Score[] = [];
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      const drawn: JudgeOptions = { ...verdicts, temperature: 1, seed, maxTokens: 10 };
      scores.push(...(await judged(`judge:${base}#verdicts`, drawn, pairwise.slice(0, 8))).scores);
    }
    expect(scores).toHaveLength(64);
    for (const score of scores) {
      if (score.status === "ok") expect([1, 0, -1]).toContain(score.value);
      else if (score.status === "failed") expect(score.code).toBe("cut-off");
      else expect(new Set(score.text.match(/\[\[[ABC]\]\]/g)).size).not.toBe(1);
    }
    const statuses = new Set(scores.map(({ status }) => status));
    expect([...statuses].sort()).toEqual(["failed", "ok", "unparsable"]);
  });

  it("repeat with temperature 0, and with a seed at another", async () => {
    const first = pairwise.slice(0, 12);
    const at = async (judge: JudgeOptions) =>
      told((await judged(`judge:${base}#verdicts`, { ...verdicts, ...judge }, first)).scores);
    expect(await at({})).toEqual(await at({}));
    const seeded = await at({ temperature: 0.7, seed: 7 });
    expect(await at({ temperature: 0.7, seed: 7 })).toEqual(seeded);
    expect(await at({ temperature: 0.7, seed: 8 })).not.toEqual(seeded);
  });

  it("are the same from Anthropic, whose messages have neither seed nor log-probabilities", async () => {
    const compatible = await judged(`judge:${base}#verdicts`, verdicts, pairwise);
    const { scores, asked } = await judged(`judge:anthropic+${base}#verdicts`, verdicts, pairwise);
    expect(asked.every(({ path, headers }) => path === "/v1/messages" && headers["anthropic-version"])).toBe(true);
    expect(told(scores)).toEqual(told(compatible.scores));
  });
});

it("meets the contract of reward models", async () => {
  const context = { cwd: folder, env: {}, signal, warn: () => {} };
  for (const [name, protocol] of [
    ["letters", "pairwise"],
    ["digits", "rating"],
  ] as const) {
    const options = { ...defaultModelOptions, judge: { protocol } };
    const checks = await checkContract(await describeModel(`judge:${base}#${name}`, options, context), signal);
    expect(checks.filter(({ status }) => status === "fail")).toEqual([]);
  }
});

it("is run from the command line, with its cost before and after, and its replies replayed without a server", async () => {
  const cwd = await mkdtemp(join(folder, "cli-"));
  await writeSomePairs(join(cwd, "some.arrow"), [...pairs, pair({ id: "last" })]);
  const { writeFile } = await import("node:fs/promises");
  await writeFile(join(cwd, "rmbench.config.yaml"), "judge:\n  prices:\n    digits: { input: 1, output: 2 }\n");
  const run = (...more: readonly string[]) =>
    runHere(
      [
        "run",
        "-m",
        `judge:${base}#digits`,
        "-s",
        "some.arrow",
        "--judge",
        "rating",
        "--store",
        "none",
        "--json",
        ...more,
      ],
      cwd,
    );
  const dry = await run("--dry-run");
  expect(dry.stdout).toMatch(/42 questions, about \d+ input and at most 168 output tokens: at most about 0\.\d+ USD/);
  const live = await run("--record", "replies.jsonl");
  expect(live.stderr).toMatch(/42 questions, about \d+ input .* USD/);
  expect(live.stderr).toMatch(/42 requests, \d+ input and 168 output tokens: 0\.\d+ USD/);
  expect(live.code, live.stderr).toBe(0);
  const replayed = await run("--replay", "replies.jsonl", "--out", "replayed");
  const told = (json: string) => ({ ...(JSON.parse(json) as Record<string, unknown>), execution: null });
  expect(told(replayed.stdout)).toEqual(told(live.stdout));
  expect((await readFile(join(cwd, "replies.jsonl"), "utf8")).trim().split("\n")).toHaveLength(42);
});
