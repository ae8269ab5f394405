import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expandModels, expandSuites, loadSuites } from "../../src/run/expand.ts";
import { bundledSuiteIds } from "../../src/suites/load.ts";
import { somePairs, writeSomePairs } from "../cli/pairs.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "rmbench-expand-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

describe("expandModels", () => {
  it("gives checkpoints in the order of training: checkpoint-2 before checkpoint-10", async () => {
    for (const step of [10, 2, 1, 100]) await mkdir(join(cwd, `checkpoint-${step}`));
    expect(await expandModels(["onnx:checkpoint-*"], cwd)).toEqual(
      [1, 2, 10, 100].map((step) => `onnx:checkpoint-${step}`),
    );
    expect(await expandModels(["onnx:checkpoint-{10,2}"], cwd)).toEqual(["onnx:checkpoint-2", "onnx:checkpoint-10"]);
  });

  it("names folders from here where they are here, and from the root where a pattern leads out of here", async () => {
    for (const name of ["a", "b"]) await mkdir(join(cwd, "in", name), { recursive: true });
    const from = join(cwd, "elsewhere/deep");
    await mkdir(from, { recursive: true });
    const whole = ["a", "b"].map((name) => `onnx:${join(cwd, "in", name)}`);
    expect(await expandModels([`onnx:${cwd}/in/*`], from)).toEqual(whole);
    expect(await expandModels([`onnx:${cwd}/in/*`], cwd)).toEqual(["onnx:in/a", "onnx:in/b"]);
    expect(await expandModels(["onnx:../../in/*"], from)).toEqual(["onnx:../../in/a", "onnx:../../in/b"]);
  });

  it("keeps the order in which models are named, and leaves URLs and plain names alone", async () => {
    const specs = ["shortcut:longest", "tei:http://host/[x]", "tiny", "./my-rm.ts"];
    expect(await expandModels(specs, cwd)).toEqual(specs);
  });

  it("refuses a model that two names lead to, and a glob that matches nothing", async () => {
    await mkdir(join(cwd, "ck-1"));
    await expect(expandModels(["onnx:ck-1", "onnx:ck-*"], cwd)).rejects.toMatchObject({ code: "usage" });
    await expect(expandModels(["onnx:none-*"], cwd)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining("none-*"),
    });
  });
});

describe("suites", () => {
  it("are all bundled ones for `bundled`, and none twice", async () => {
    expect(await expandSuites(["bundled"])).toEqual(await bundledSuiteIds());
    await expect(expandSuites(["safety", "bundled"])).rejects.toMatchObject({ code: "usage" });
  });

  it("are refused where two have one id, whatever they are named", async () => {
    for (const folder of ["a", "b"]) {
      await mkdir(join(cwd, folder));
      await writeSomePairs(join(cwd, folder, "Some Pairs.arrow"), somePairs(2));
    }
    await writeSomePairs(join(cwd, "other.arrow"), somePairs(2));
    expect((await loadSuites(["a/Some Pairs.arrow", "other.arrow"], cwd)).map(({ id }) => id)).toEqual([
      "some-pairs",
      "other",
    ]);
    await expect(loadSuites(["a/Some Pairs.arrow", "other.arrow", "b/Some Pairs.arrow"], cwd)).rejects.toMatchObject({
      code: "usage",
      message: "the suites a/Some Pairs.arrow and b/Some Pairs.arrow have the same id, some-pairs",
    });
  });
});
