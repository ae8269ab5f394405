import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeModel } from "../../../src/models/describe.ts";
import { readSources } from "../../../src/models/module/sources.ts";
import { SessionLost, type RewardModel } from "../../../src/models/reward-model.ts";
import { ask, context, options, pointwise, temporaryFolder, values } from "../support.ts";

const never = new AbortController().signal;

function write(name: string, source: string): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, source);
  return file;
}

const open = (file: string, ctx = context()) => describeModel(file, options(), ctx);

const typescript = `
import { defineModel } from "rmbench";
interface Counted { words: number }
const count = (text: string): Counted => ({ words: text.split(" ").length });
export default defineModel({
  name: "keyword-rm",
  asks: ["pointwise"],
  output: "rating",
  version: "2",
  score: async (conversations) => conversations.map(({ response }) => count(String(response)).words),
});
`;

async function scoresOf(model: RewardModel, texts: readonly string[]): Promise<number[]> {
  const prepared = await model.prepare(texts.map((text) => pointwise(ask("?", text))));
  await using session = await model.open(never);
  return values(await session.score(prepared, never));
}

const scoring = (body: string) =>
  `export default { name: "m", asks: ["pointwise"], score: (conversations) => { ${body} } };`;

test("a TypeScript file scores, wherever it lies, with `rmbench` imported from this package", async () => {
  const model = await open(write("keyword-rm.ts", typescript));
  expect(model).toMatchObject({ asks: ["pointwise"], output: "rating" });
  expect(model.identity).toMatchObject({ name: "keyword-rm", version: "2" });
  const prepared = await model.prepare([ask("Why?", "because of that"), ask("Why?", "no")].map(pointwise));
  await using session = await model.open(never);
  expect(await session.score(prepared, never)).toEqual([
    { status: "ok", value: 3 },
    { status: "ok", value: 1 },
  ]);
});

test("a JavaScript file that compares gets pairs", async () => {
  const file = write(
    "compare.mjs",
    `export default { name: "cmp", asks: ["pairwise"], compare: (pairs) => pairs.map(({ a, b }) => a.response.length - b.response.length) };`,
  );
  const model = await open(file);
  expect(model.asks).toEqual(["pairwise"]);
  const [pair, single] = await model.prepare([
    { kind: "pairwise", a: ask("?", "long one"), b: ask("?", "short") },
    pointwise(ask("?", "x")),
  ]);
  expect(single?.refused).toMatchObject({ code: "unsupported", message: "cmp answers pairwise questions only" });
  await using session = await model.open(never);
  expect(await session.score([pair!], never)).toEqual([{ status: "ok", value: 3 }]);
});

test("the file's content is part of the identity", async () => {
  const one = await open(write("a.mjs", scoring("return conversations.map(() => 1);")));
  const two = await open(write("a.mjs", scoring("return conversations.map(() => 2);")));
  expect(one.identity.file).not.toBe(two.identity.file);
  expect({ ...one.identity, file: "" }).toEqual({ ...two.identity, file: "" });
});

test("what it imports by a relative path belongs to it, and what those import; what else lies there does not", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "rm.ts");
  mkdirSync(join(folder, "lib"));
  const parts = {
    "rm.ts": `import { weigh } from "./lib/weigh.js";\n${scoring("return conversations.map(({ response }) => weigh(response));")}`,
    "lib/weigh.ts": `import factor from "../factor.json";\nexport const weigh = (text: string) => factor.value * text.length;`,
    "factor.json": `{ "value": 2 }`,
    "other.ts": "export default 1;",
  };
  for (const [name, text] of Object.entries(parts)) writeFileSync(join(folder, name), text);
  const before = await open(file);
  expect(await scoresOf(before, ["four"])).toEqual([8]);
  const changed: string[] = [];
  for (const [name, text] of Object.entries(parts)) {
    writeFileSync(join(folder, name), `${text}\n`);
    if ((await readSources(file)).sha256 !== before.identity.file) changed.push(name);
    writeFileSync(join(folder, name), text);
  }
  expect(changed).toEqual(["rm.ts", "lib/weigh.ts", "factor.json"]);
  expect((await readSources(file)).sha256).toBe(before.identity.file);
});

describe("a module that is edited while it runs gives no score under its old identity", () => {
  const versions = (n: number) => scoring(`if (conversations[0].response === "die") process.exit(1); return [${n}];`);
  test("not after a crash, and not from a session that is opened later", async () => {
    const file = write("rm.mjs", versions(1));
    const model = await open(file);
    const [fine, deadly] = await model.prepare([ask("?", "x"), ask("?", "die")].map(pointwise));
    await using session = await model.open(never);
    await expect(session.score([deadly!], never)).rejects.toBeInstanceOf(SessionLost);
    expect(await session.score([fine!], never)).toEqual([{ status: "ok", value: 1 }]);
    await expect(session.score([deadly!], never)).rejects.toBeInstanceOf(SessionLost);
    writeFileSync(file, versions(2));
    const changed = { code: "model", message: expect.stringContaining("rm.mjs changed after it was hashed") };
    await expect(session.score([fine!], never)).rejects.toMatchObject(changed);
    await expect(model.open(never)).rejects.toMatchObject(changed);
  });
  test("not through an import that it makes while it scores", async () => {
    const file = write("rm.mjs", scoring(`return import("./late.mjs").then(({ n }) => conversations.map(() => n));`));
    writeFileSync(join(file, "../late.mjs"), "export const n = 1;");
    const model = await open(file);
    const prepared = await model.prepare([pointwise(ask("?", "x"))]);
    await using session = await model.open(never);
    writeFileSync(join(file, "../late.mjs"), "export const n = 2;");
    await expect(session.score(prepared, never)).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("late.mjs changed after it was hashed"),
    });
  });
});

describe("options that a module cannot honour are refused", () => {
  test.each([
    [{ device: "cuda" }, "--device cuda"],
    [{ dtype: "fp16" }, "--dtype fp16"],
    [{ maxLength: 128 }, "--max-length 128"],
    [{ truncate: "response-left" }, "--truncate response-left"],
    [{ revision: "v1" }, "--revision v1"],
    [{ threads: 2 }, "--threads 2"],
  ] as const)("%j", async (given, asked) => {
    const refusal = (id: string) => ({ code: "usage", message: `${id} cannot be run with ${asked}` });
    const file = write("m.mjs", scoring("return [1];"));
    await expect(describeModel(file, options(given), context())).rejects.toMatchObject(refusal(file));
    const shortcut = describeModel("shortcut:longest", options(given), context());
    await expect(shortcut).rejects.toMatchObject(refusal("shortcut:longest"));
  });
  test("batch limits are honoured", async () => {
    const given = options({ batchSize: 3, batchTokens: 50, device: "auto" });
    const { limits } = await describeModel(write("m.mjs", scoring("return [1];")), given, context());
    expect(limits).toMatchObject({ batchSize: 3, batchTokens: 50 });
  });
});

test("a text at which the module throws fails alone", async () => {
  const body = `return conversations.map(({ response }) => { if (response === "bad") throw new Error("cannot read it"); return response.length; });`;
  const model = await open(write("m.mjs", scoring(body)));
  const prepared = await model.prepare(["one", "bad", "three"].map((text) => pointwise(ask("?", text))));
  await using session = await model.open(never);
  expect(await session.score(prepared, never)).toEqual([
    { status: "ok", value: 3 },
    { status: "failed", code: "runtime", message: "cannot read it" },
    { status: "ok", value: 5 },
  ]);
});

test("what the module prints reaches the person once, never stdout", async () => {
  const ctx = context();
  const model = await open(
    write("noisy.mjs", `console.log("loaded");\n${scoring("console.log('scoring'); return [1];")}`),
    ctx,
  );
  const prepared = await model.prepare([pointwise(ask("?", "x"))]);
  await using session = await model.open(never);
  await session.score(prepared, never);
  await expect.poll(() => ctx.warnings).toEqual(["noisy.mjs: loaded", "noisy.mjs: scoring"]);
});

describe("answers that are no scores are explained, and NaN is one", () => {
  test.each([
    [
      "return [NaN, 2];",
      [
        { status: "ok", value: NaN },
        { status: "ok", value: 2 },
      ],
    ],
    [
      "return new Float32Array([0.5, -1]);",
      [
        { status: "ok", value: 0.5 },
        { status: "ok", value: -1 },
      ],
    ],
    ["return [1];", /^m answered 1 numbers for 2 questions$/],
    ["return { scores: [1, 2] };", /^m answered \{"scores":\[1,2\]\}; an array of 2 numbers is expected$/],
    ["return undefined;", /^m answered nothing; an array of 2 numbers is expected$/],
    ["throw new Error('no network');", /^no network$/],
  ])("%s", async (body, outcome) => {
    const model = await open(write("m.mjs", scoring(body)));
    const prepared = await model.prepare([ask("?", "x"), ask("?", "y")].map(pointwise));
    await using session = await model.open(never);
    const scores = await session.score(prepared, never);
    if (outcome instanceof RegExp) {
      for (const score of scores)
        expect(score).toMatchObject({ status: "failed", message: expect.stringMatching(outcome) });
    } else expect(scores).toEqual(outcome);
  });
  test("one answer that is not a number fails alone", async () => {
    const model = await open(write("m.mjs", scoring('return [1, "2"];')));
    const prepared = await model.prepare([ask("?", "x"), ask("?", "y")].map(pointwise));
    await using session = await model.open(never);
    expect(await session.score(prepared, never)).toMatchObject([
      { status: "ok", value: 1 },
      {
        status: "failed",
        code: "not-a-number",
        message: 'm answered "2"; a number is expected, or { value, std?, attributes?, vector? }',
      },
    ]);
  });
});

describe("a file that is no model is explained", () => {
  test.each([
    ["export const score = 1;", "is not a model"],
    ['export default { name: "m", asks: ["listwise"], score: () => [] };', "is not a model"],
    ['export default { name: "m", asks: ["pointwise"] };', "is not a model"],
    ["export default {", "cannot load"],
    ['import "no-such-package"; export default {};', "no-such-package"],
  ])("%s", async (source, message) => {
    await expect(open(write("m.mjs", source))).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining(message),
    });
  });
  test("a missing file", async () => {
    await expect(open("./no-such-rm.ts")).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("cannot read the model file"),
    });
  });
});

test("a deviation that is none fails its text alone", async () => {
  const entries = `[{ value: 1, std: -1 }, { value: 1, std: NaN }, { value: NaN, std: NaN }, { value: 1, std: 0 }]`;
  const model = await open(write("m.mjs", scoring(`return ${entries};`)));
  const prepared = await model.prepare(["a", "b", "c", "d"].map((text) => pointwise(ask("?", text))));
  await using session = await model.open(never);
  const scores = await session.score(prepared, never);
  const problem = expect.stringContaining("std must be 0 or more");
  expect(scores).toEqual([
    { status: "failed", code: "not-a-number", message: problem },
    { status: "failed", code: "not-a-number", message: problem },
    { status: "ok", value: Number.NaN, std: Number.NaN },
    { status: "ok", value: 1, std: 0 },
  ]);
});
