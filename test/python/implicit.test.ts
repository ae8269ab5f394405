import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkContract } from "../../src/contract.ts";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { ModelOptions, Prepared, RewardModel, Score } from "../../src/models/reward-model.ts";
import type { Question } from "../../src/questions/question.ts";
import { runHere } from "../cli/in-process.ts";
import { python } from "./python.ts";

const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "rmbench-implicit-"));
const at = (name: string) => join(folder, name);
let texts: { prompt: string; response: string }[];
let expected: Record<string, number[][]>;
let questions: Question[];

beforeAll(() => {
  python([fileURLToPath(new URL("implicit_lm.py", import.meta.url)), folder]);
  ({ texts, logprobs: expected } = JSON.parse(readFileSync(at("expected.json"), "utf8")) as {
    texts: typeof texts;
    logprobs: typeof expected;
  });
  questions = texts.map(({ prompt, response }) => ({
    kind: "pointwise",
    of: { prompt: [{ role: "user", content: prompt }], documents: null, tools: null, response },
  }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const describeAt = (
  policy: string,
  implicit: NonNullable<ModelOptions["implicit"]>,
  given: Partial<ModelOptions> = {},
) =>
  describeModel(
    `implicit:${at(policy)}`,
    { ...defaultModelOptions, device: "cpu", threads: 1, ...given, implicit },
    { cwd: folder, env: process.env, signal, warn: () => {} },
  );

async function scoresOf(model: RewardModel, asked = questions): Promise<(Score & { status: "ok" })[]> {
  const prepared: Prepared[] = await model.prepare(asked);
  await using session = await model.open(signal);
  return (await session.score(prepared, signal)).map((score) => {
    if (score.status !== "ok") throw new Error(JSON.stringify(score));
    return score;
  });
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const largest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

describe("rewards beside log-probabilities of whole texts by transformers", () => {
  it("log-ratio to the reference, with what it is made of", async () => {
    const model = await describeAt("policy", { reference: at("reference") });
    expect(model.output).toBe("log-ratio");
    const scores = await scoresOf(model);
    const [policy, reference] = [expected["policy"]!, expected["reference"]!];
    const truth = policy.map((tokens, i) => sum(tokens) - sum(reference[i]!));
    expect(Math.max(...truth) - Math.min(...truth)).toBeGreaterThan(5);
    expect(
      largest(
        scores.map(({ value }) => value),
        truth,
      ),
    ).toBeLessThanOrEqual(1e-4);
    for (const [i, { attributes }] of scores.entries()) {
      expect(Object.keys(attributes!)).toEqual(["policy_logprob", "reference_logprob", "log_ratio", "response_tokens"]);
      expect(attributes!["response_tokens"]).toBe(policy[i]!.length);
      const parts = [attributes!["policy_logprob"]!, attributes!["reference_logprob"]!, attributes!["log_ratio"]!];
      expect(largest(parts, [sum(policy[i]!), sum(reference[i]!), truth[i]!])).toBeLessThanOrEqual(1e-4);
    }
  });

  it("the norm without a reference", async () => {
    const scores = await scoresOf(await describeAt("policy", { reference: "none", reduction: "norm" }));
    const truth = expected["policy"]!.map((tokens) => -Math.hypot(...tokens));
    expect(
      largest(
        scores.map(({ value }) => value),
        truth,
      ),
    ).toBeLessThanOrEqual(1e-4);
    expect(Object.keys(scores[0]!.attributes!)).toEqual(["policy_logprob", "response_tokens"]);
  });

  // Logits that are capped, and that are scaled: the second is none of what the worker knows, so it takes the model's own.
  it.each(["gemma2", "cohere"])("%s", async (name) => {
    const scores = await scoresOf(await describeAt(name, { reference: "none" }));
    const truth = expected[name]!.map(sum);
    expect(
      largest(
        scores.map(({ value }) => value),
        truth,
      ),
    ).toBeLessThanOrEqual(1e-4);
  });

  it("in half precision within its rounding", async () => {
    const scores = await scoresOf(await describeAt("policy", { reference: "none" }, { dtype: "bf16" }));
    const truth = expected["policy"]!.map(sum);
    const difference = largest(
      scores.map(({ value }) => value),
      truth,
    );
    expect(difference).toBeGreaterThan(1e-3);
    expect(difference).toBeLessThan(0.05 * Math.max(...truth.map(Math.abs)));
  });
});

describe("what is no pair of language models", () => {
  it("is refused, and says what to do", async () => {
    await expect(describeAt("policy", {})).rejects.toMatchObject({ hint: expect.stringContaining("reference=none") });
    await expect(describeAt("policy", { reference: at("stranger") })).rejects.toThrow(/has another tokenizer/);
    const classifier = await describeAt("classifier", { reference: "none" });
    await expect(classifier.open(signal)).rejects.toThrow(
      /lacks lm_head\.weight, so its probabilities would be random/,
    );
    const reward = await describeAt("policy", { reference: at("classifier") });
    await expect(reward.open(signal)).rejects.toThrow(/lacks lm_head\.weight/);
  });

  it("both models' weights, and every setting, are in the identity", async () => {
    const identities = await Promise.all(
      (
        [
          { reference: at("reference") },
          { reference: at("policy") },
          { reference: "none" },
          { reference: at("reference"), beta: 0.1 },
          { reference: at("reference"), reduction: "average" },
          { reference: at("reference"), divergence: "js" },
        ] as const
      ).map(async (implicit) => JSON.stringify((await describeAt("policy", implicit)).identity)),
    );
    expect(new Set(identities).size).toBe(identities.length);
    expect(identities[0]).toMatch(/"policy weights":"[0-9a-f]{64}".*"reference weights":"[0-9a-f]{64}"/);
  });
});

describe("the contract of implicit:", () => {
  it("holds", async () => {
    const checks = await checkContract(await describeAt("policy", { reference: "none" }), signal);
    expect(checks.length).toBeGreaterThan(6);
    expect(checks.filter(({ status }) => status === "fail" || status === "skip")).toEqual([]);
  });
});

it("runs from the command line, with the shares of falling and joint log-ratios in the report", async () => {
  const suite = texts.map(({ prompt, response }, i) => ({
    id: String(i),
    prompt,
    chosen: response,
    rejected: texts[(i + 4) % texts.length]!.response,
  }));
  await writeFile(at("pairs.jsonl"), suite.map((line) => JSON.stringify(line)).join("\n"));
  const env = { RMBENCH_PYTHON: process.env["RMBENCH_PYTHON"] ?? "python3", PATH: process.env["PATH"] ?? "" };
  const imported = await runHere(["data", "import", "pairs.jsonl", "-o", "pairs.arrow"], folder, env);
  expect(imported.code, imported.stderr).toBe(0);
  const outcome = await runHere(
    [
      "run",
      "-m",
      "implicit:./policy",
      "-s",
      "pairs.arrow",
      "--implicit",
      "reference=./reference",
      "--device",
      "cpu",
      "--out",
      "out",
    ],
    folder,
    env,
  );
  expect(outcome.code, outcome.stderr).toBe(0);
  const report = JSON.parse(readFileSync(at("out/report.json"), "utf8")) as {
    suites: { metrics: Record<string, { value: number; n: number }> }[];
    model: { output: string };
  };
  const ratio = (i: number) => sum(expected["policy"]![i]!) - sum(expected["reference"]![i]!);
  const { log_ratio_chosen_falling: falling, attribute_log_ratio_accuracy: accuracy } = report.suites[0]!.metrics;
  expect(falling!.n).toBe(texts.length);
  expect(falling!.value).toBeCloseTo(texts.filter((_, i) => ratio(i) < 0).length / texts.length, 9);
  expect(accuracy!.value).toBe(report.suites[0]!.metrics["accuracy"]!.value);
});
