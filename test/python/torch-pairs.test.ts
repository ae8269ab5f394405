import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkContract } from "../../src/contract.ts";
import { Scorer, type Answer } from "../../src/inference/execute.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { ModelOptions } from "../../src/models/reward-model.ts";
import type { Message } from "../../src/pairs/pair.ts";
import type { Question } from "../../src/questions/question.ts";
import { python } from "./python.ts";

interface Item {
  prompt: Message[];
  responses: [string, string];
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "rmbench-pairs-"));
let items: { fits: Item[]; long: Item[] };
/** Log-odds of the first response, per item with the responses as they are and swapped. */
let expected: Record<string, Record<string, [number, number][]>>;

beforeAll(() => {
  python([script("torch_pairs.py"), folder]);
  items = JSON.parse(readFileSync(join(folder, "items.json"), "utf8")) as typeof items;
  expected = JSON.parse(python([script("torch_pairs_expected.py"), folder])) as typeof expected;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const describeAt = (name: string, options: Partial<ModelOptions> = {}) =>
  describeModel(
    `torch:${join(folder, name)}`,
    { ...defaultModelOptions, device: "cpu", threads: 1, ...options },
    { cwd: folder, env: { ...process.env, HF_HOME: join(folder, "hub") }, signal, warn: () => {} },
  );

/** Both orders of every item. */
const questionsOf = (some: readonly Item[]): Question[] =>
  some.flatMap(({ prompt, responses: [first, second] }) => {
    const [a, b] = [first, second].map((response) => ({ prompt, documents: null, tools: null, response }));
    return [
      { kind: "pairwise", a: a!, b: b! },
      { kind: "pairwise", a: b!, b: a! },
    ] as const;
  });

async function answersOf(name: string, some: readonly Item[], options: Partial<ModelOptions> = {}): Promise<Answer[]> {
  await using scorer = new Scorer(await describeAt(name, options), memoryStore(), { signal, emit: () => {} });
  return scorer.answer(questionsOf(some));
}

function largest(answers: readonly Answer[], truth: readonly [number, number][]): number {
  const differences = answers.map(({ score }, i) =>
    score.status === "ok" ? Math.abs(score.value - truth.flat()[i]!) : Number.POSITIVE_INFINITY,
  );
  expect(differences).toHaveLength(2 * truth.length);
  return Math.max(...differences);
}

describe("log-odds beside each family's own formula, in both orders", () => {
  it.each(["PairRM", "pair-preference"])("%s", async (name) => {
    const truth = expected[name]!["fits"]!;
    const values = truth.flat();
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)).toBeGreaterThan(0.5);
    expect(largest(await answersOf(name, items.fits), truth)).toBeLessThanOrEqual(1e-4);
    const model = await describeAt(name);
    expect(model).toMatchObject({ asks: ["pairwise"], output: "bradley-terry" });
  });

  it("PairRM as RewardBench asks it, one turn as a conversation too", async () => {
    const copy = join(folder, "turns");
    await cp(join(folder, "PairRM"), copy, { recursive: true });
    await writeFile(join(copy, "rmbench.json"), JSON.stringify({ preset: "PairRM", input: "chat" }));
    expect(largest(await answersOf("turns", items.fits), expected["turns"]!["fits"]!)).toBeLessThanOrEqual(1e-4);
    expect((await describeAt("turns")).identity).not.toEqual((await describeAt("PairRM")).identity);
  });

  it("PairRM cuts what is beyond its budgets, and counts it", async () => {
    const answers = await answersOf("PairRM", items.long);
    expect(largest(answers, expected["PairRM"]!["long"]!)).toBeLessThanOrEqual(1e-4);
    expect(answers.map(({ truncated }) => truncated)).toEqual(answers.map(() => true));
    expect(answers.every(({ tokens }) => tokens <= 2048)).toBe(true);
  });

  it("the letters' model refuses what is too long, unless it may cut both responses", async () => {
    const [item] = items.long.slice(1);
    const refused = await answersOf("pair-preference", [item!]);
    expect(refused.map(({ score }) => score)).toMatchObject([{ code: "too-long" }, { code: "too-long" }]);
    const cut = await answersOf("pair-preference", [item!], { truncate: "response-right" });
    expect(cut.map(({ score, truncated }) => [score.status, truncated])).toEqual([
      ["ok", true],
      ["ok", true],
    ]);
  });
});

it.each([
  ["head-lost", /has not the head of a pair ranker.*it has head_layer\.1\.bias, head_layer\.1\.weight/],
  ["head-wrong", /head_layer\.1 of .* is 32×32, and 64 columns are needed/],
  ["body-lost", /lacks .*layer\.1\.output\.dense/],
])("%s is refused: no weight is ever random", async (name, message) => {
  await expect((await describeAt(name)).open(signal)).rejects.toThrow(message);
});

it("the contract holds of PairRM, whose texts are padded", async () => {
  const checks = await checkContract(await describeAt("PairRM"), signal);
  // The longest text is looked for among single texts only.
  expect(checks.filter(({ status }) => status === "fail" || status === "skip").map((check) => check.name)).toEqual([
    "longest text",
  ]);
});
