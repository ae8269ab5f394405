import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { runHere } from "./in-process.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";

let folder: string;
const put = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-broken-"));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(4));
  const score = (body: string) => `export default { name: "x", asks: ["pointwise"], score: (all) => { ${body} } };`;
  put("nan-rm.mjs", score("return all.map(() => NaN);"));
  put("throwing-rm.mjs", score('throw new Error("no GPU left");'));
  put("late-rm.ts", 'import { readFileSync } from "node:fs";\n\nreadFileSync("words.txt");\n');
  const tiny = join(root, "fixtures/models/tiny");
  for (const name of ["tiny", "cut-graph", "cut-tokenizer", "odd-settings"])
    cpSync(tiny, join(folder, name), { recursive: true });
  put("cut-graph/model.onnx", readFileSync(join(tiny, "model.onnx")).subarray(0, 3000));
  put("cut-tokenizer/tokenizer.json", readFileSync(join(tiny, "tokenizer.json")).subarray(0, 300));
  put("odd-settings/rmbench.json", '{"maxLength": "long", "maxLenth": 3}');
  rmSync(join(folder, "tiny/config.json"), { force: true });
  mkdirSync(join(folder, "out"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const flags = ["--store", "none", "--out"];
const score = (model: string, ...more: string[]) =>
  runHere(["run", "--model", model, "--suite", "some.arrow", ...flags, "out/run", ...more], folder);

describe("rmbench doctor on a model that gives no numbers", () => {
  it.each([
    ["nan-rm", "the first: NaN"],
    ["throwing-rm", "the first: no GPU left"],
  ])("%s: says what the first probe came to, and measures nothing further", async (name, first) => {
    const { code, stdout } = await runHere(["doctor", `./${name}.mjs`, "--store", "none"], folder);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^FAIL +finite scores: 16 of 16/m)]);
    expect(stdout).toContain(first);
    for (const check of ["same text twice", "same text in a new session", "batch invariance", "padding"])
      expect(stdout).toMatch(new RegExp(`^SKIP +${check}: `, "m"));
    expect(stdout).not.toMatch(/texts\/s|verdicts flipped/);
  });

  it("names the providers of this machine beside the one that ran, and says what an abort does", async () => {
    const { stdout } = await runHere(["doctor", "tiny", "--store", "none"], folder);
    expect(stdout).toMatch(/^device +CPUExecutionProvider/m);
    expect(stdout).toMatch(/^providers +cpu\b/m);
    expect(stdout).toMatch(/^(PASS|WARN) +abort: (an aborted session scores no further batch|a batch was scored)/m);
  });
});

describe("a model that cannot be opened", () => {
  it.each<[string, RegExp, RegExp]>([
    ["onnx:", /names nothing after/, /onnx:<folder/],
    ["onnx:tiny/model.onnx", /is a file, and a model is a folder/, /name its folder: .*tiny\n/],
    ["onnx:none", /there is no model folder/, /check the path/],
    ["onnx:cut-graph", /cannot load .*model\.onnx/, /cut off/],
    ["onnx:cut-tokenizer", /tokenizer\.json is not JSON/, /cut off/],
    ["onnx:odd-settings", /maxLength must be a number; it has unknown keys: maxLenth/, /fields are .*maxLength/],
    ["transformers:./tiny", /there is no config\.json/, /onnx:\.\/tiny/],
    ["./late-rm.ts", /words\.txt'.*late-rm\.ts:3:/, /./],
  ])("%s says so with what to do", async (model, message, hint) => {
    const { code, stderr } = await score(model);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(stderr).toMatch(hint);
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe("rmbench store info", () => {
  it("leaves out models that have no scores in it", async () => {
    const run = ["run", "--suite", "some.arrow", "--store", "kept", "--out"];
    expect((await runHere([...run, "out/throws", "--model", "./throwing-rm.mjs"], folder)).code).toBe(3);
    await runHere([...run, "out/longest", "--model", "shortcut:longest"], folder);
    const { stdout } = await runHere(["store", "info", "--store", "kept"], folder);
    expect(stdout).toMatch(/ 1 model\n.* 8 {2}shortcut:longest\n$/);
  });
});

describe("texts without a score", () => {
  it("are told with the first of them and the remedy", async () => {
    const { code, stderr } = await score("onnx:tiny", "--max-length", "8");
    expect(code).toBe(3);
    expect(stderr).toMatch(/some: 8 texts without a score, first third\/pair-0 \(chosen\): \d+ tokens; the limit is 8/);
    expect(stderr).toContain("--truncate response-right");
  });
});
