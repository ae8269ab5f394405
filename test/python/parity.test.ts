import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Scorer } from "../../src/inference/execute.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { ModelOptions, Prepared } from "../../src/models/reward-model.ts";
import type { Question } from "../../src/questions/question.ts";
import { python } from "./python.ts";

interface Expected {
  conversations: { prompt: string; response: string }[];
  scores: Record<"bert" | "llama", number[]>;
}

let folder: string;
let expected: Expected;
let questions: Question[];
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-parity-"));
  python([fileURLToPath(new URL("parity.py", import.meta.url)), folder]);
  expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as Expected;
  questions = expected.conversations.map(({ prompt, response }) => ({
    kind: "pointwise",
    of: { prompt: [{ role: "user", content: prompt }], documents: null, tools: null, response },
  }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const describeAt = (name: string, options: Partial<ModelOptions>, adapter = "onnx") =>
  describeModel(
    `${adapter}:${join(folder, name)}`,
    { ...defaultModelOptions, ...options },
    { cwd: folder, env: process.env, signal, warn: () => {} },
  );

describe.each(["bert", "llama"] as const)("a %s-like sequence classifier, exported from PyTorch", (name) => {
  it("spreads its scores, so that agreement says something", () => {
    const scores = expected.scores[name];
    const mean = scores.reduce((sum, one) => sum + one, 0) / scores.length;
    const deviation = Math.sqrt(scores.reduce((sum, one) => sum + (one - mean) ** 2, 0) / scores.length);
    expect(deviation).toBeGreaterThanOrEqual(1);
  });

  it.each([1, 2, 8, 32])("scores 500 conversations as PyTorch does one by one, at batch size %i", async (batchSize) => {
    const model = await describeAt(name, { batchSize });
    await using scorer = new Scorer(model, memoryStore(), { signal, emit: () => {} });
    const answers = await scorer.answer(questions);
    const differences = answers.map(({ score }, i) =>
      score.status === "ok" ? Math.abs(score.value - expected.scores[name][i]!) : Number.NaN,
    );
    expect(Math.max(...differences)).toBeLessThanOrEqual(1e-4);
  });

  it("scores the same from its checkpoint by torch: as from its graph by onnx:", async () => {
    const scores: number[][] = [];
    const own = { onnx: name, torch: `${name}-checkpoint` };
    for (const [adapter, dir] of Object.entries(own)) {
      const model = await describeAt(dir, { device: "cpu" }, adapter);
      await using scorer = new Scorer(model, memoryStore(), { signal, emit: () => {} });
      const answers = await scorer.answer(questions);
      scores.push(answers.map(({ score }) => (score.status === "ok" ? score.value : Number.NaN)));
    }
    const differences = scores[0]!.map((value, i) => Math.abs(value - scores[1]![i]!));
    expect(Math.max(...differences)).toBeLessThanOrEqual(1e-4);
  });

  it.each([
    [
      "the last token is cut",
      (ids: Int32Array, segment: number) => ({ ids: ids.slice(0, -1), segment: Math.min(segment, ids.length - 1) }),
    ],
    [
      "a BOS is added",
      (ids: Int32Array, segment: number) => ({ ids: Int32Array.of(ids[0]!, ...ids), segment: segment + 1 }),
    ],
    ["segment ids are dropped", (ids: Int32Array, _segment: number) => ({ ids, segment: ids.length })],
  ] as const)("moves by more than 1e-2 where %s", async (control, change) => {
    const model = await describeAt(name, {});
    const prepared = await model.prepare(questions.slice(0, 20));
    await using session = await model.open(signal);
    const changed = prepared.map((item): Prepared => {
      const { ids, segment } = item.payload as { ids: Int32Array; segment: number };
      const next = change(ids, segment);
      return { ...item, tokens: next.ids.length, payload: { ...next, length: next.ids.length } };
    });
    const values = async (items: Prepared[]) =>
      (await session.score(items, signal)).map((score) => (score.status === "ok" ? score.value : Number.NaN));
    const [before, after] = [await values(prepared), await values(changed)];
    const largest = Math.max(...before.map((value, i) => Math.abs(value - after[i]!)));
    // A causal model has no segments: nothing can be dropped.
    if (name === "llama" && control === "segment ids are dropped") expect(largest).toBe(0);
    else expect(largest).toBeGreaterThan(1e-2);
  });
});
