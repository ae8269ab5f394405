import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { appendFile, cp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkContract } from "../../src/contract.ts";
import { Scorer } from "../../src/inference/execute.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { ModelOptions, Score } from "../../src/models/reward-model.ts";
import type { Question } from "../../src/questions/question.ts";
import { python } from "./python.ts";

interface Said {
  value: number;
  vector?: number[];
  attributes?: number[];
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const interpreter = process.env["RMBENCH_PYTHON"] ?? "python3";
const signal = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), "rmbench-torch-"));
let texts: { prompt: string; response: string }[];
let expected: Record<string, Said[]>;

beforeAll(() => {
  python([script("torch_heads.py"), folder]);
  ({ texts, scores: expected } = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as {
    texts: typeof texts;
    scores: typeof expected;
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const describeAt = (dir: string, options: Partial<ModelOptions> = {}) =>
  describeModel(
    `torch:${dir}`,
    { ...defaultModelOptions, device: "cpu", threads: 1, ...options },
    { cwd: folder, env: { ...process.env, HF_HOME: join(folder, "hub") }, signal, warn: () => {} },
  );

const questionsOf = (change: (response: string) => string = (response) => response): Question[] =>
  texts.map(({ prompt, response }) => ({
    kind: "pointwise",
    of: { prompt: [{ role: "user", content: prompt }], documents: null, tools: null, response: change(response) },
  }));

async function scoresOf(
  name: string,
  options: Partial<ModelOptions> = {},
  questions = questionsOf(),
): Promise<Score[]> {
  await using scorer = new Scorer(await describeAt(join(folder, name), options), memoryStore(), {
    signal,
    emit: () => {},
  });
  return (await scorer.answer(questions)).map(({ score }) => score);
}

const valuesOf = (scores: readonly Score[]) =>
  scores.map((score) => {
    if (score.status !== "ok") throw new Error(JSON.stringify(score));
    return score.value;
  });

const largest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

describe("scores beside each family's own formula", () => {
  it.each([
    "plain",
    "pad-is-end",
    "sharded",
    "INF-ORM",
    "GRM",
    "ArmoRM",
    "QRM",
    "Nemotron",
    "InternLM2",
    "Beaver-reward",
    "Beaver-cost",
    "Starling-34B",
  ])("%s", async (name) => {
    const truth = expected[name]!;
    expect(deviation(truth.map(({ value }) => value))).toBeGreaterThanOrEqual(1);
    const scores = await scoresOf(name);
    expect(
      largest(
        valuesOf(scores),
        truth.map(({ value }) => value),
      ),
    ).toBeLessThanOrEqual(1e-4);
    for (const [i, { attributes }] of truth.entries()) {
      if (attributes === undefined) continue;
      const score = scores[i]!;
      const said = score.status === "ok" ? Object.values(score.attributes ?? {}) : [];
      expect(said).toHaveLength(attributes.length);
      expect(largest(said, attributes)).toBeLessThanOrEqual(1e-3);
    }
  });

  it.each(["Qwen2.5-Math-PRM", "math-shepherd", "RLHFlow-PRM", "Skywork-o1-PRM"])("%s, step by step", async (name) => {
    const truth = expected[name]!;
    const lines = (response: string) => response.replaceAll("\n\n", "\n");
    const scores = await scoresOf(name, {}, name === "math-shepherd" ? questionsOf(lines) : questionsOf());
    expect(deviation(truth.map(({ value }) => value))).toBeGreaterThanOrEqual(0.1);
    expect(new Set(truth.map(({ vector }) => vector?.length)).size).toBeGreaterThan(1);
    for (const [i, { value, vector }] of truth.entries()) {
      const score = scores[i]!;
      if (score.status !== "ok") throw new Error(JSON.stringify(score));
      expect(score.vector).toHaveLength(vector!.length);
      expect(largest(score.vector!, vector!)).toBeLessThanOrEqual(1e-4);
      expect(score.value).toBe(Math.min(...score.vector!));
      expect(Math.abs(score.value - value)).toBeLessThanOrEqual(1e-4);
    }
  });

  it("names ArmoRM's objectives", async () => {
    const [score] = await scoresOf("ArmoRM", {}, questionsOf().slice(0, 1));
    expect(score?.status === "ok" && Object.keys(score.attributes ?? {})[4]).toBe("helpsteer-verbosity");
  });

  it("refuses a text in which the step marker stands already", async () => {
    const [score] = await scoresOf("Qwen2.5-Math-PRM", {}, questionsOf((text) => `${text}<extra_0>`).slice(0, 1));
    expect(score).toMatchObject({ status: "failed", code: "unsupported" });
  });

  it.each(["bf16", "fp16"])("scores in %s within its precision, and says so", async (dtype) => {
    const model = await describeAt(join(folder, "plain"), { dtype });
    await using session = await model.open(signal);
    const values = valuesOf(await session.score(await model.prepare(questionsOf()), signal));
    const truth = expected["plain"]!.map(({ value }) => value);
    expect(largest(values, truth)).toBeGreaterThan(1e-5);
    expect(largest(values, truth)).toBeLessThan(0.25);
    expect(session.device()).toMatchObject({ requested: "cpu", used: "cpu", dtype });
    expect(session.device().runtime).toMatch(/^torch .*, transformers /);
  });

  it.each(["eager", "sdpa"] as const)("scores with --attention %s", async (attention) => {
    const values = valuesOf(await scoresOf("plain", { attention }));
    const truth = expected["plain"]!.map(({ value }) => value);
    expect(largest(values, truth)).toBeLessThanOrEqual(1e-4);
    const [one, other] = [
      await describeAt(join(folder, "plain"), { attention }),
      await describeAt(join(folder, "plain")),
    ];
    expect(one.identity).not.toEqual(other.identity);
  });
});

describe("what is no reward model, or not to be had", () => {
  const opened = async (name: string, options: Partial<ModelOptions> = {}) =>
    (await describeAt(join(folder, name), options)).open(signal);

  it("names the weights that are missing", async () => {
    await expect(opened("no-head")).rejects.toThrow(/LlamaForCausalLM.*lacks score\.weight.*random/);
    await expect(opened("head-lost")).rejects.toThrow(/lacks score\.weight/);
    await expect(opened("layer-lost")).rejects.toThrow(/lacks .*layers\.1\.mlp\.up_proj\.weight/);
    await expect(opened("wrong-head")).rejects.toThrow(/v_head\.weight/);
  });

  it("asks which of two labels is the reward, and takes the answer", async () => {
    await expect(opened("two-labels")).rejects.toMatchObject({
      code: "model",
      hint: expect.stringContaining("bad, good"),
    });
    const answered = join(folder, "two-labels-answered");
    await cp(join(folder, "two-labels"), answered, { recursive: true });
    const values = async (settings: object) => {
      await writeFile(join(answered, "rmbench.json"), JSON.stringify(settings));
      return valuesOf(await scoresOf("two-labels-answered"));
    };
    const [good, bad] = [await values({ scoreIndex: "good" }), await values({ scoreIndex: 0 })];
    const differences = await values({ reduction: "difference", sign: -1 });
    expect(
      largest(
        differences,
        good.map((value, i) => bad[i]! - value),
      ),
    ).toBeLessThanOrEqual(1e-4);
  });

  it("runs code that comes with a checkpoint only where that is allowed", async () => {
    await expect(opened("own-code")).rejects.toMatchObject({ hint: expect.stringContaining("--trust-remote-code") });
    const values = valuesOf(await scoresOf("own-code", { trustRemoteCode: true }));
    const truth = expected["own-code"]!.map(({ value }) => value);
    expect(largest(values, truth)).toBeLessThanOrEqual(1e-4);
    const identity = async () => (await describeAt(join(folder, "own-code"), { trustRemoteCode: true })).identity;
    const before = await identity();
    await appendFile(join(folder, "own-code", "my_rm.py"), "# changed\n");
    expect(await identity()).not.toEqual(before);
  });

  it("refuses a device that cannot be had, and an unknown preset", async () => {
    const hasCuda = python(["-c", "import torch; print(torch.cuda.is_available())"]).trim() === "True";
    if (!hasCuda) await expect(opened("plain", { device: "cuda" })).rejects.toMatchObject({ code: "machine" });
    await expect(opened("plain", { device: "mps" })).rejects.toMatchObject({ code: "machine" });
    await expect(describeAt(join(folder, "plain"), { device: "coreml" })).rejects.toMatchObject({ code: "usage" });
    const copy = join(folder, "unknown-preset");
    await cp(join(folder, "plain"), copy, { recursive: true });
    await writeFile(join(copy, "rmbench.json"), JSON.stringify({ preset: "ArmorRM" }));
    await expect(describeAt(copy)).rejects.toMatchObject({ hint: expect.stringContaining("did you mean ArmoRM?") });
  });

  it("notices weights that changed after they were hashed", async () => {
    const copy = join(folder, "changing");
    await cp(join(folder, "plain"), copy, { recursive: true });
    const model = await describeAt(copy);
    await cp(join(folder, "pad-is-end", "model.safetensors"), join(copy, "model.safetensors"));
    await expect(model.open(signal)).rejects.toThrow(/changed after it was hashed/);
  });
});

it("makes tokenizer.json once where a checkpoint has a slow tokenizer", async () => {
  const copy = join(folder, "slow");
  await cp(join(folder, "plain"), copy, { recursive: true });
  // A tokenizer of the kind that has no tokenizer.json: BERT's vocabulary file.
  for (const name of ["tokenizer.json", "tokenizer_config.json", "chat_template.jinja"])
    await rm(join(copy, name), { force: true });
  const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "river", "stone", ".", "a", "##b"];
  await writeFile(join(copy, "vocab.txt"), words.join("\n"));
  await writeFile(join(copy, "tokenizer_config.json"), JSON.stringify({ tokenizer_class: "BertTokenizer" }));
  const model = await describeAt(copy);
  const [prepared] = await model.prepare([
    {
      kind: "pointwise",
      of: { prompt: [{ role: "user", content: "river stone" }], documents: null, tools: null, response: "ab." },
    },
  ]);
  expect([...(prepared!.payload as { ids: Int32Array }).ids]).toEqual([2, 5, 6, 3, 8, 9, 7, 3]);
  const made = JSON.parse(
    await readFile(join(folder, "hub", "hub", "rmbench-tokenizers", (await names())[0]!, "tokenizer.json"), "utf8"),
  ) as object;
  expect(made).toHaveProperty("model");
  async function names() {
    return (await import("node:fs/promises")).readdir(join(folder, "hub", "hub", "rmbench-tokenizers"));
  }
});

it("gives the scores of whole texts where prefixes are shared, for five kinds of causal models", () => {
  const { models, groups } = JSON.parse(python([script("torch_prefixes.py")])) as {
    models: Record<string, { differences: Record<string, number>; deviation: number }>;
    groups: [number[], number][];
  };
  expect(Object.keys(models)).toEqual(["llama", "qwen2", "gpt2", "gemma2", "mistral, window 16", "gemma2, window 16"]);
  for (const [name, { differences, deviation: spread }] of Object.entries(models)) {
    expect(spread, name).toBeGreaterThanOrEqual(1);
    expect(Object.keys(differences)).toHaveLength(7);
    for (const [kind, difference] of Object.entries(differences)) {
      expect(difference, `${name}: ${kind}`).toBeLessThanOrEqual(1e-4);
    }
  }
  expect(groups).toEqual([
    [[0, 1], 100],
    [[2], 0],
    [[3], 0],
  ]);
});

describe.each(["plain", "ArmoRM"])("the contract of torch: on %s", (name) => {
  it("holds", async () => {
    const checks = await checkContract(await describeAt(join(folder, name)), signal);
    expect(checks.length).toBeGreaterThan(6);
    expect(checks.filter(({ status }) => status === "fail" || status === "skip")).toEqual([]);
  });
});

describe("the worker", () => {
  it("ends with its input, and keeps what others print from its messages", () => {
    const worker = script("../../src/models/torch/worker/main.py");
    const config = {
      dir: join(folder, "plain"),
      dtype: "fp32",
      device: "cpu",
      head: { kind: "classifier" },
      rule: {},
      sign: 1,
    };
    const hello = { type: "hello", protocol: "rmbench-stdio", versions: [1], purpose: "score", config };
    // site-packages of its own, whose code prints when torch is imported.
    const site = join(folder, "site");
    mkdirSync(site, { recursive: true });
    execFileSync(interpreter, [
      "-c",
      `open(${JSON.stringify(join(site, "sitecustomize.py"))}, "w").write("import os, threading\\nthreading.Timer(1, lambda: os.write(1, b'stray\\\\n')).start()")`,
    ]);
    const out = execFileSync(
      interpreter,
      [
        "-c",
        `
import json, os, subprocess, sys
child = subprocess.Popen([sys.executable, ${JSON.stringify(worker)}], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": ${JSON.stringify(site)}})
child.stdin.write((${JSON.stringify(JSON.stringify(hello))} + "\\n").encode()); child.stdin.flush()
lines = []
while not lines or lines[-1]["type"] != "ready": lines.append(json.loads(child.stdout.readline()))
child.stdin.close()
print(child.wait(20), [line["type"] for line in lines if line["type"] != "heartbeat"], child.stdout.read())
`,
      ],
      { encoding: "utf8" },
    );
    expect(out.trim()).toBe("0 ['ready'] b''");
  });
});
