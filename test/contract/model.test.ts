import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkContract } from "../../src/contract.ts";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import { adapters } from "../../src/models/registry.ts";

let folder: string;
const signal = new AbortController().signal;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-contract-"));
  const module = `export default { name: "length-rm", asks: ["pointwise"], score: (all) => all.map(({ response }) => response.length) };`;
  await writeFile(join(folder, "length-rm.mjs"), module);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const folderOf = (name: string) => fileURLToPath(new URL(`../fixtures/onnx/${name}`, import.meta.url));

/** A model of every registered adapter. */
const specs: Record<string, () => string[]> = {
  onnx: () => ["tiny", `onnx:${folderOf("bert")}`, `onnx:${folderOf("llama")}`],
  transformers: () => [`transformers:${folderOf("bert")}`],
  module: () => [join(folder, "length-rm.mjs")],
  shortcut: () => ["shortcut:longest", "shortcut:random"],
};

describe("the contract of reward models", () => {
  it("is run on every registered adapter", () => {
    expect(Object.keys(specs).sort()).toEqual(adapters.map(({ name }) => name).sort());
  });

  it.each(adapters.map(({ name }) => name))("holds for %s", async (name) => {
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
