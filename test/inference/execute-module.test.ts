import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Scorer } from "../../src/inference/execute.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { ModelOptions } from "../../src/models/reward-model.ts";
import { question } from "./models.ts";

const folder = mkdtempSync(join(tmpdir(), "rmbench-execute-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const texts = Array.from({ length: 60 }, (_, i) => `text ${i}`);

/** A scorer with a module in a process of its own: the score is the length of the response. */
async function scoring(body: string, given: Partial<ModelOptions> = {}, store = memoryStore()) {
  const file = join(mkdtempSync(join(folder, "rm-")), "rm.mjs");
  const source = (version: string) => `// ${version}
import { appendFileSync } from "node:fs";
export default { name: "rm", asks: ["pointwise"], score: async (all) => {
  const texts = all.map(({ response }) => response);
  appendFileSync(${JSON.stringify(`${file}.log`)}, JSON.stringify(texts) + "\\n");
  ${body}
  return texts.map((text) => text.length);
} };`;
  writeFileSync(file, source("first"));
  const model = await describeModel(
    file,
    { ...defaultModelOptions, ...given },
    { cwd: folder, env: process.env, signal, warn: () => {} },
  );
  const scorer = new Scorer(model, store, { signal, emit: () => {} });
  const calls = () =>
    readFileSync(`${file}.log`, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as string[]);
  const edit = () => writeFileSync(file, source("second"));
  return { scorer, calls, edit };
}

const outcomes = async (scorer: Scorer, asked: readonly string[]) =>
  (await scorer.answer(asked.map(question))).map(({ score }) =>
    score.status === "ok" ? score.value : score.status === "failed" ? score.code : score.status,
  );

describe("a module whose process dies", () => {
  it.each([1, 64])(
    "at its first text costs that text alone, in batches of %i",
    { timeout: 60_000 },
    async (batchSize) => {
      const body = `if (texts.includes("text 0")) process.exit(1);`;
      const { scorer } = await scoring(body, { batchSize });
      await using _ = scorer;
      const expected = texts.map((text) => (text === "text 0" ? "crashed" : text.length));
      expect(await outcomes(scorer, texts)).toEqual(expected);
    },
  );

  it("takes no text with it that waited behind the deadly one in the same process", { timeout: 60_000 }, async () => {
    const body = `await new Promise((done) => setTimeout(done, 20)); if (texts.includes("deadly")) process.exit(1);`;
    const { scorer, calls } = await scoring(body, { batchSize: 1 });
    await using _ = scorer;
    expect(await outcomes(scorer, ["deadly", "one", "three"])).toEqual(["crashed", 3, 5]);
    // Once beside others, and once alone, which is what condemns it.
    expect(calls().filter((batch) => batch.includes("deadly"))).toHaveLength(2);
  });
});

it("ends the run as incomplete where the model was edited after it scored, and keeps no score of the edit", async () => {
  const store = memoryStore();
  const { scorer, calls, edit } = await scoring("", { batchSize: 4 }, store);
  await using _ = scorer;
  expect(await outcomes(scorer, ["a", "bb"])).toEqual([1, 2]);
  const before = calls().length;
  edit();
  await expect(outcomes(scorer, ["a", "ccc"])).rejects.toMatchObject({
    code: "incomplete",
    message: expect.stringContaining("rm.mjs changed after it was hashed"),
  });
  expect(calls().length).toBeLessThanOrEqual(before + 1);
  expect(await outcomes(scorer, ["a", "bb"])).toEqual([1, 2]); // stored
  await expect(outcomes(scorer, ["ccc"])).rejects.toMatchObject({ code: "incomplete" }); // not stored
});

it("ends with the model's own error where it was edited before anything was scored", async () => {
  const { scorer, edit } = await scoring("");
  await using _ = scorer;
  edit();
  await expect(outcomes(scorer, ["a"])).rejects.toMatchObject({ code: "model" });
});
