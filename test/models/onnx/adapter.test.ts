import { appendFileSync, existsSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeModel } from "../../../src/models/describe.ts";
import type { ModelOptions, RewardModel, Session } from "../../../src/models/reward-model.ts";
import {
  ask,
  context,
  conversation,
  copyOf,
  expected,
  fixture,
  folderOf,
  idsOf,
  options,
  pointwise,
  values,
} from "../support.ts";

const never = new AbortController().signal;
const onnx = (folder: string, given: Partial<ModelOptions> = {}, env = process.env) =>
  describeModel(`onnx:${folder}`, options(given), context(env));
const questions = (rows: readonly { messages: { role: string; content: string }[] }[]) =>
  rows.map(({ messages }) => pointwise(conversation(messages)));

async function scoresOf(model: RewardModel, rows: Parameters<typeof questions>[0]): Promise<number[]> {
  const prepared = await model.prepare(questions(rows));
  await using session = await model.open(never);
  return values(await session.score(prepared, never));
}

describe.each(["bert", "llama"] as const)("%s", (name) => {
  const rows = expected[name];

  test("scores equal PyTorch's, bit-equal at every batch size and order", async () => {
    const model = await onnx(fixture(name));
    expect(model.limits.batching).toBe("invariant");
    const prepared = await model.prepare(questions(rows));
    expect(prepared.map(idsOf)).toEqual(rows.map(({ ids }) => ids));
    await using session = await model.open(never);
    const alone = await inBatches(session, prepared, 1);
    for (const [at, { score }] of rows.entries()) expect(Math.abs((alone[at] ?? NaN) - score)).toBeLessThan(1e-4);
    for (const size of [2, 8, 32]) expect(await inBatches(session, prepared, size)).toEqual(alone);
    const backwards = values(await session.score(prepared.toReversed(), never));
    expect(backwards.toReversed()).toEqual(alone);
    expect(session.device()).toMatchObject({ requested: "cpu", used: "CPUExecutionProvider", dtype: "fp32" });
    expect(Object.keys(session.device().nodes ?? {})).toEqual(["CPUExecutionProvider"]);
    expect(session.device().driver).toBe(cpus()[0]?.model.trim() || null);
  });
});

async function inBatches(session: Session, prepared: Awaited<ReturnType<RewardModel["prepare"]>>, size: number) {
  const scores: number[] = [];
  for (let at = 0; at < prepared.length; at += size) {
    scores.push(...values(await session.score(prepared.slice(at, at + size), never)));
  }
  return scores;
}

describe("the form of the output", () => {
  const sums = expected.bag.map((row) => row.sums);
  test.each([
    ["vector", {}, (row: number[]) => row[0]],
    ["half", {}, (row: number[]) => row[0]],
    ["external", {}, (row: number[]) => row[0]],
    ["static", {}, (row: number[]) => row[0]],
    ["vector", { sign: -1 }, (row: number[]) => -(row[0] ?? NaN)],
    ["labels", { scoreIndex: 2 }, (row: number[]) => row[2]],
    ["labels", { scoreIndex: "honesty" }, (row: number[]) => row[1]],
    ["labels", { reduction: "mean" }, (row: number[]) => row.reduce((a, b) => a + b) / 3],
  ] as const)("%s with %j", async (graph, settings, truth) => {
    const labels = { "0": "helpfulness", "1": "honesty", "2": "verbosity" };
    const scores = await scoresOf(await onnx(folderOf(graph, settings, { id2label: labels })), expected.bag);
    // fp16 has 11 bits: sums up to 9 are exact to 4e-3.
    for (const [at, row] of sums.entries())
      expect(scores[at]).toBeCloseTo(truth([...row]) ?? NaN, graph === "half" ? 1 : 4);
  });

  test("several labels without a choice are an error that lists them", async () => {
    const model = await onnx(
      folderOf("labels", {}, { id2label: { "0": "helpfulness", "1": "honesty", "2": "verbosity" } }),
    );
    await expect(model.open(never)).rejects.toMatchObject({
      code: "model",
      message: expect.stringMatching(/shape \[2, 3\].*3 values per text, and which is the reward is not said/),
      hint: expect.stringContaining("0 helpfulness, 1 honesty, 2 verbosity"),
    });
  });

  test("a token-level output is refused with an explanation of its shape", async () => {
    await expect((await onnx(folderOf("tokens"))).open(never)).rejects.toMatchObject({
      code: "model",
      message: expect.stringMatching(
        /shape \[2, (\d+), 2\] for 2 texts of \1 tokens: one vector per token, not one score per text/,
      ),
      hint: expect.stringContaining("last-token"),
    });
  });

  test("a value head is read at the last token where rmbench.json says so", async () => {
    const model = await onnx(folderOf("tokens", { reduction: "last-token", scoreIndex: 1 }));
    const scores = await scoresOf(model, expected.bag);
    // Every text ends with [SEP], so a graph that maps ids to values gives all of them the value of [SEP].
    expect(new Set(scores).size).toBe(1);
    expect(scores[0]).not.toBe(0);
  });

  test("a graph that is no text classifier is refused by the names of its inputs", async () => {
    await expect((await onnx(folderOf("strange"))).open(never)).rejects.toThrow(
      "no input `input_ids`; it has `pixels`",
    );
  });
});

test("NaN is an answer, and a bad item never takes its batch with it", async () => {
  const model = await onnx(folderOf("nan"));
  const prepared = await model.prepare(questions(expected.bag));
  await using session = await model.open(never);
  const scores = values(await session.score(prepared, never));
  for (const [at, row] of expected.bag.entries()) {
    if (row.tokens > 12) expect(scores[at]).toBeNaN();
    else expect(scores[at]).toBeCloseTo(row.sums[0] ?? NaN, 4);
  }
  const broken = { ...prepared[0]!, payload: { ids: Int32Array.of(2, 9999, 3), segment: 3, length: 3 } };
  const short = expected.bag.findIndex((row) => row.tokens <= 12);
  const [bad, good] = await session.score([broken, prepared[short]!], never);
  expect(bad).toMatchObject({ status: "failed", code: "runtime" });
  expect(good).toEqual({ status: "ok", value: scores[short] });
});

describe("length", () => {
  const long = ask("Is it far?", "very ".repeat(200));
  test("a response that cannot fit is refused with the numbers, and the others are prepared", async () => {
    const model = await onnx(fixture("bert"), { maxLength: 30 });
    const [first, second] = await model.prepare([pointwise(long), pointwise(ask("Hello", "Hi"))]);
    expect(first?.refused).toEqual({
      code: "too-long",
      message: expect.stringMatching(/^\d+ tokens; the limit is 30$/),
    });
    expect(second?.refused).toBeNull();
  });
  test.each(["response-left", "response-right"] as const)(
    "--truncate %s cuts to the limit and keeps special tokens",
    async (truncate) => {
      const model = await onnx(fixture("bert"), { maxLength: 30, truncate });
      const [prepared] = await model.prepare([pointwise(long)]);
      expect(prepared).toMatchObject({ refused: null, truncated: true, tokens: 30 });
      const ids = idsOf(prepared!);
      expect([ids[0], ids.at(-1)]).toEqual([2, 3]);
    },
  );
  test("documents are dropped and counted", async () => {
    const items = Array.from({ length: 20 }, (_, at) => ({
      id: `${at}`,
      title: "",
      text: "Water boils at sea level.",
    }));
    const model = await onnx(fixture("bert"));
    const of = { ...ask("At what level?", "At sea level."), documents: { template: "numbered", items } };
    const [prepared] = await model.prepare([pointwise(of)]);
    expect(prepared).toMatchObject({ refused: null, truncated: false });
    expect(prepared?.tokens).toBeLessThanOrEqual(96);
    expect(prepared?.droppedDocuments).toBeGreaterThan(0);
  });
  test.each([
    ["the position table", "bert", {}, { max_position_embeddings: 64 }, 64, "max_position_embeddings"],
    ["the tokenizer", "bert", {}, {}, 96, "model_max_length"],
    ["rmbench.json", "bert", { maxLength: 40 }, {}, 40, "maxLength of rmbench.json"],
  ])(
    "a length beyond the limit of %s is refused, one up to it is not",
    async (_, __, settings, config, limit, says) => {
      const folder = folderOf("vector", settings, config);
      expect((await onnx(folder)).limits.maxTokens).toBe(limit);
      expect((await onnx(folder, { maxLength: limit })).limits.maxTokens).toBe(limit);
      await expect(onnx(folder, { maxLength: limit + 1 })).rejects.toMatchObject({
        code: "usage",
        message: `--max-length ${limit + 1} is beyond the model's own limit of ${limit} tokens`,
        hint: expect.stringContaining(says),
      });
    },
  );
  test("rmbench.json may raise the tokenizer's limit, but not the positions", async () => {
    expect((await onnx(folderOf("vector", { maxLength: 200 }))).limits.maxTokens).toBe(200);
    await expect(onnx(folderOf("vector", { maxLength: 200 }, { max_position_embeddings: 128 }))).rejects.toMatchObject({
      code: "model",
      message: expect.stringMatching(/200 tokens, beyond the model's 128/),
    });
  });
});

test("a question that the model cannot be asked is refused, not thrown", async () => {
  const model = await onnx(fixture("bert"));
  const of = ask("Hello", "Hi");
  const tools = { ...of, tools: "[]" };
  const prepared = await model.prepare([{ kind: "pairwise", a: of, b: of }, pointwise(tools)]);
  expect(prepared.map(({ refused }) => refused?.code)).toEqual(["unsupported", "unsupported"]);
});

describe("identity", () => {
  test("weights replaced under the same size and time are other weights", async () => {
    const folder = copyOf("bert");
    const before = (await onnx(folder)).identity;
    const file = join(folder, "model.onnx");
    const { atime, mtime } = statSync(file);
    const bytes = readFileSync(file);
    const at = bytes.length - 2000;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    utimesSync(file, atime, mtime);
    const after = (await onnx(folder)).identity;
    expect(after).toEqual({ ...before, weights: after.weights });
    expect(after.weights).not.toBe(before.weights);
  });
  test("external data belongs to the weights, and is named where it is missing", async () => {
    const folder = folderOf("external");
    const data = join(folder, "external.onnx_data");
    const before = (await onnx(folder)).identity.weights;
    appendFileSync(data, "x");
    expect((await onnx(folder)).identity.weights).not.toBe(before);
    unlinkSync(data);
    await expect(onnx(folder)).rejects.toThrow("keeps its weights in external.onnx_data, which is missing");
  });
  test("each option that can change a score changes it", async () => {
    const base = await onnx(fixture("llama"));
    const cut = await onnx(fixture("llama"), { truncate: "response-right" });
    const short = await onnx(fixture("llama"), { maxLength: 64 });
    const device = await onnx(fixture("llama"), { device: "webgpu" });
    const identities = [base, cut, short, device].map(({ identity }) => JSON.stringify(identity));
    expect(new Set(identities).size).toBe(4);
    const plan = await onnx(fixture("llama"), { batchTokens: 512, batchSize: 3 });
    expect(plan.identity).toEqual(base.identity);
  });
  test("a template in rmbench.json replaces the tokenizer's", async () => {
    const folder = copyOf("llama");
    writeFileSync(
      join(folder, "rmbench.json"),
      JSON.stringify({ template: "{{ messages[-1].content }}", notice: "For tests." }),
    );
    const model = await onnx(folder);
    expect(model.notice).toBe("For tests.");
    expect(model.identity.template).not.toBe((await onnx(fixture("llama"))).identity.template);
    const [prepared] = await model.prepare([pointwise(ask("Hello", "Hi"))]);
    expect(prepared?.tokens).toBeLessThan(4);
  });
  test("files that change between hashing and loading are noticed", async () => {
    const folder = copyOf("bert");
    const model = await onnx(folder);
    appendFileSync(join(folder, "model.onnx"), " ");
    await expect(model.open(never)).rejects.toThrow("model.onnx changed after it was hashed");
  });
  test("files that change while the model runs are noticed before a score of theirs is told", async () => {
    const folder = folderOf("external", { reduction: "mean" });
    const model = await onnx(folder);
    const prepared = await model.prepare(questions(expected.bag.slice(0, 1)));
    await using session = await model.open(never);
    expect(await session.score(prepared, never)).toMatchObject([{ status: "ok" }]);
    const weights = join(folder, "external.onnx_data");
    writeFileSync(weights, Buffer.alloc(statSync(weights).size));
    await expect(session.score(prepared, never)).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("external.onnx_data changed after it was hashed"),
    });
  });
  test("the versions of the libraries that prepare a text are part of it", async () => {
    const installed = (name: string) =>
      (JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { version: string }).version;
    expect((await onnx(fixture("bert"))).identity.libraries).toBe(
      ["@huggingface/jinja", "@huggingface/tokenizers"].map((name) => `${name} ${installed(name)}`).join(", "),
    );
  });
  test("a label that names another column is another model", async () => {
    const identities = [
      { 0: "good", 1: "bad" },
      { 0: "bad", 1: "good" },
    ].map(async (id2label) => (await onnx(folderOf("labels", { scoreIndex: "good" }, { id2label }))).identity);
    const [first, second] = await Promise.all(identities);
    expect(first).not.toEqual(second);
  });
  test("a revision is refused: a folder has none", async () => {
    await expect(onnx(fixture("bert"), { revision: "v1" })).rejects.toMatchObject({ code: "usage" });
  });
});

describe("what is wrong with a folder is said", () => {
  test.each([
    ["nowhere", () => "/nowhere/at/all", {}, "there is no model folder /nowhere/at/all"],
    ["no dtype of that name", () => fixture("bert"), { dtype: "fp12" }, "there is no dtype `fp12`"],
    [
      "no file of that dtype",
      () => fixture("bert"),
      { dtype: "fp16" },
      "has no model_fp16.onnx for dtype fp16; it has model.onnx (fp32)",
    ],
  ])("%s", async (_, folder, given, message) => {
    await expect(onnx(folder(), given)).rejects.toThrow(message);
  });
  test("a misspelt field of rmbench.json", async () => {
    await expect(onnx(folderOf("vector", { scoreindex: 1 }))).rejects.toThrow(
      /rmbench\.json is malformed: .*scoreindex/,
    );
  });
  test("a truncated graph", async () => {
    const folder = copyOf("bert");
    writeFileSync(join(folder, "model.onnx"), readFileSync(join(folder, "model.onnx")).subarray(0, 5000));
    await expect((await onnx(folder)).open(never)).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("cannot load"),
    });
  });
});

describe("a device that cannot be had is an error with its reason and its remedy, never a fallback", () => {
  const { platform, arch } = process;
  const notBuilt = new RegExp(`onnxruntime-node for ${platform}/${arch} has cpu\\b`);
  const installed = (provider: string) =>
    existsSync(`node_modules/onnxruntime-node/bin/napi-v6/${platform}/${arch}/libonnxruntime_providers_${provider}.so`);
  const cuda = platform === "linux" && arch === "x64" ? /: \w+: Failed to load shared library$/ : notBuilt;
  const script = "`ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js`";
  test.for([
    { device: "dml", absent: platform !== "win32", reason: notBuilt, remedy: "Windows only" },
    { device: "coreml", absent: platform !== "darwin", reason: notBuilt, remedy: "macOS with Apple silicon only" },
    { device: "cuda", absent: !installed("cuda"), reason: cuda, remedy: `CUDA 12 and cuDNN 9, then run ${script}` },
    { device: "tensorrt", absent: !installed("tensorrt"), reason: cuda, remedy: `TensorRT, then run ${script}` },
    {
      device: "webgpu",
      // Only Vulkan can be told to find no driver.
      absent: platform === "linux",
      reason: /: Failed to get a WebGPU adapter: [\w ]+$/,
      remedy: "Vulkan (libvulkan.so.1 and an ICD) on Linux",
    },
  ] as const)("$device", async ({ device, absent, reason, remedy }, { skip }) => {
    skip(!absent, "it can be had here");
    const env = { ...process.env, VK_ICD_FILENAMES: "/nowhere.json", VK_DRIVER_FILES: "/nowhere.json" };
    const model = await onnx(fixture("bert"), { device }, env);
    const error: unknown = await model.open(never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "machine", message: expect.stringMatching(reason) });
    expect(error).toMatchObject({
      message: expect.stringContaining(`the device \`${device}\` cannot be had: `),
      hint: expect.stringContaining(remedy),
    });
    expect(error).toMatchObject({ hint: expect.stringMatching(/; or run on `--device cpu`$/) });
  });
});
