import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkContract } from "../../src/contract.ts";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import { adapters } from "../../src/models/registry.ts";
import { judgeServer, part, token, type JudgeServer } from "../models/judge/server.ts";

let folder: string;
let judge: JudgeServer;
const signal = new AbortController().signal;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-contract-"));
  const module = `export default { name: "length-rm", asks: ["pointwise"], score: (all) => all.map(({ response }) => response.length) };`;
  await writeFile(join(folder, "length-rm.mjs"), module);
});
beforeAll(async () => {
  judge = await judgeServer((asked) => {
    const margin = (part(asked, "answer_a").length - part(asked, "answer_b").length) / 100;
    return token({ A: -Math.log1p(Math.exp(-margin)), B: -Math.log1p(Math.exp(margin)) });
  });
});
afterAll(() => judge[Symbol.asyncDispose]());
afterAll(() => rm(folder, { recursive: true, force: true }));

const folderOf = (name: string) => fileURLToPath(new URL(`../fixtures/onnx/${name}`, import.meta.url));

/** A model of every registered adapter. */
const specs: Record<string, () => string[]> = {
  onnx: () => ["tiny", `onnx:${folderOf("bert")}`, `onnx:${folderOf("llama")}`],
  transformers: () => [`transformers:${folderOf("bert")}`],
  process: () => [
    `process:'${process.execPath}' '${fileURLToPath(new URL("../../docs/examples/worker.mjs", import.meta.url))}'`,
  ],
  module: () => [join(folder, "length-rm.mjs")],
  shortcut: () => ["shortcut:longest", "shortcut:random"],
  judge: () => [`judge:${judge.base}#m`],
};

/** Adapters that need more than Node, and the test of another tier that runs the contract on them. */
const elsewhere: Record<string, URL> = {
  torch: new URL("../python/torch.test.ts", import.meta.url),
  implicit: new URL("../models/implicit/served.test.ts", import.meta.url),
  ...Object.fromEntries(
    ["vllm", "sglang", "tei", "kserve", "openrlhf", "nim", "http"].map((name) => [
      name,
      new URL("../models/http/contract.test.ts", import.meta.url),
    ]),
  ),
};

describe("the contract of reward models", () => {
  it("is run on every registered adapter", () => {
    const covered = [...Object.keys(specs), ...Object.keys(elsewhere)];
    expect(covered.sort()).toEqual(adapters.map(({ name }) => name).sort());
  });

  it.each(Object.entries(elsewhere))("is run on %s in the tier that has what it needs", (name, test) => {
    const text = readFileSync(test, "utf8");
    expect(text).toContain(`the contract of ${name}:`);
    expect(text).toContain("checkContract(");
  });

  it.each(Object.keys(specs))("holds for %s", async (name) => {
    for (const spec of specs[name]!()) {
      const context = { cwd: folder, env: process.env, signal, warn: () => {} };
      const checks = await checkContract(await describeModel(spec, defaultModelOptions, context), signal);
      expect(checks.length).toBeGreaterThan(6);
      expect(
        checks.filter(({ status }) => status === "fail"),
        spec,
      ).toEqual([]);
    }
  });
});
