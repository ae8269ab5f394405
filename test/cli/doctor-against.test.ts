import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Comparison } from "../../src/run/against.ts";
import { fixture } from "../models/support.ts";
import { runHere } from "./in-process.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";

const folder = mkdtempSync(join(tmpdir(), "rmbench-against-"));
afterAll(() => rmSync(folder, { recursive: true }));

const model = fixture("llama");
const pairs = somePairs(12);
let session: InferenceSession;
let tokenizer: Tokenizer;

beforeAll(async () => {
  await writeSomePairs(join(folder, "some.arrow"), pairs);
  session = await InferenceSession.create(join(model, "model.onnx"));
  const read = (name: string): object => JSON.parse(readFileSync(join(model, name), "utf8")) as object;
  tokenizer = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
});

/** The fixture's chat template, written out. */
const render = (prompt: string, response: string) => `<s><|user|>\n${prompt}</s>\n<|assistant|>\n${response}</s>\n`;

async function score(ids: readonly number[]): Promise<number> {
  const tensor = (values: readonly number[]) =>
    new Tensor("int64", BigInt64Array.from(values, BigInt), [1, values.length]);
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => [name, tensor(name === "attention_mask" ? ids.map(() => 1) : ids)]),
  );
  const output = (await session.run(feeds))[session.outputNames[0]!]!;
  return Number((output.data as Float32Array)[0]);
}

interface Incumbent {
  text?: (prompt: string, response: string) => string;
  ids?: (withTwoBos: number[]) => number[];
  /** What a row says of itself beside its scores. */
  keys?: (i: number) => object;
}

/** RewardBench's outputs of the pairs, by a scorer that shares nothing with rmbench but the graph. */
async function outputs(file: string, { text = render, ids = ([, ...rest]) => rest, keys }: Incumbent): Promise<void> {
  const lines: string[] = [];
  for (const [i, { id, subset, prompt, chosen, rejected }] of pairs.entries()) {
    const [good, bad] = [chosen[0], rejected[0]].map((response) => text(prompt[0]!.content, String(response))) as [
      string,
      string,
    ];
    const [better, worse] = [await score(ids(tokenizer.encode(good).ids)), await score(ids(tokenizer.encode(bad).ids))];
    lines.push(
      JSON.stringify({
        ...{ prompt: prompt[0]!.content, results: better > worse ? 1 : 0 },
        ...{ scores_chosen: [better], scores_rejected: [worse], text_chosen: good, text_rejected: bad },
        ...(keys === undefined ? { subset, id } : keys(i)),
      }),
    );
  }
  writeFileSync(join(folder, file), `${lines.join("\n")}\n`);
}

async function doctor(file: string, ...more: string[]) {
  const args = [
    "doctor",
    `onnx:${model}`,
    "--against",
    file,
    "-s",
    "some.arrow",
    "--device",
    "cpu",
    "--tolerance",
    "1e-5",
  ];
  const { code, stdout, stderr } = await runHere([...args, "--json", ...more], folder);
  return { code, stderr, found: JSON.parse(stdout === "" ? "null" : stdout) as Comparison };
}

describe("rmbench doctor --against", () => {
  it("finds nothing moved where the incumbent masked its second BOS and cut nothing", async () => {
    await outputs("same.jsonl", {});
    const { code, found } = await doctor("same.jsonl");
    expect(code).toBe(0);
    expect(found).toMatchObject({ rows: 12, joined: 12, flipped: 0, moved: [], settings: [] });
  });

  it("names a second BOS", async () => {
    await outputs("two-bos.jsonl", { ids: (all) => all });
    const { code, found } = await doctor("two-bos.jsonl");
    expect(code).toBe(1);
    expect(found.settings).toEqual([
      { setting: "a second BOS that is not masked", flags: "--compat rewardbench-two-bos", items: 12 },
    ]);
    expect((await doctor("two-bos.jsonl", "--compat", "rewardbench-two-bos")).found.moved).toEqual([]);
  });

  it.each(["right", "left"] as const)("names a cut on the %s, its length, and what it moved", async (side) => {
    const length = 60;
    await outputs(`${side}.jsonl`, {
      ids: (all) => {
        if (all.length <= length) return all.slice(1);
        return side === "right" ? all.slice(1, length) : [all[0]!, ...all.slice(all.length - length + 1)];
      },
    });
    const { code, found } = await doctor(
      `${side}.jsonl`,
      "--max-length",
      String(length),
      "--truncate",
      `response-${side}`,
    );
    const long = pairs.filter(({ prompt, chosen, rejected }) =>
      [chosen[0], rejected[0]].some(
        (text) => tokenizer.encode(render(prompt[0]!.content, String(text))).ids.length > length,
      ),
    );
    expect(long.length).toBeGreaterThan(2);
    expect(long.length).toBeLessThan(12);
    expect(code).toBe(1);
    expect(found.moved.map(({ id }) => id)).toEqual(long.map(({ id }) => id));
    expect(found.settings).toEqual([
      {
        setting: `the text cut on the ${side} at ${length} tokens`,
        flags: `--compat rewardbench --truncate response-${side} --max-length ${length}`,
        items: long.length,
      },
    ]);
    expect(found.flipped).toBe(
      found.moved.filter(({ here, there }) => here.chosen > here.rejected !== there.chosen > there.rejected).length,
    );
  });

  it("names another chat template, and joins rows without ids by their texts", async () => {
    await outputs("template.jsonl", {
      text: (prompt, response) => `<s>Human: ${prompt}\nAssistant: ${response}</s>`,
      keys: () => ({}),
    });
    const { found } = await doctor("template.jsonl");
    expect(found.joined).toBe(12);
    expect(found.settings).toMatchObject([
      { setting: "another chat template: its own text scores the same", items: 12 },
    ]);
  });

  it("says so where no setting explains a score, for people too", async () => {
    await outputs("noise.jsonl", {});
    const lines = readFileSync(join(folder, "noise.jsonl"), "utf8").trim().split("\n");
    const first = JSON.parse(lines[0]!) as { scores_chosen: number[] };
    first.scores_chosen[0]! += 0.25;
    writeFileSync(join(folder, "noise.jsonl"), [JSON.stringify(first), ...lines.slice(1)].join("\n"));
    const { stdout } = await runHere(
      ["doctor", `onnx:${model}`, "--against", "noise.jsonl", "-s", "some.arrow"],
      folder,
    );
    expect(stdout).toMatch(/12 rows, 12 joined to pairs: 11 agree within 0.001, 1 moved/);
    expect(stdout).toMatch(/1 of 1 moved by none of the settings tried/);
    expect(stdout).toContain("third/pair-0");
  });

  it.each([
    [
      "strange.jsonl",
      '{"id":"x","scores_chosen":1,"scores_rejected":0}\n',
      /no row of strange.jsonl belongs to a pair of some/,
    ],
    ["scoreless.jsonl", '{"id":"x","text":"y"}\n', /line 1: no scores_chosen and scores_rejected/],
  ])("refuses %s with one clear error", async (file, text, message) => {
    writeFileSync(join(folder, file), text);
    const { code, stderr } = await doctor(file);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("is not for models that RewardBench's settings are not for", async () => {
    const args = ["doctor", `onnx:${fixture("bert")}`, "--against", "same.jsonl", "-s", "some.arrow"];
    const { code, stderr } = await runHere(args, folder);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--against finds RewardBench's setting .* has no chat template/);
  });

  it("needs the suite", async () => {
    const { code, stderr } = await runHere(["doctor", `onnx:${model}`, "--against", "same.jsonl"], folder);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/--against needs the pairs/) });
  });
});
