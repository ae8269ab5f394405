import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeModel } from "../../../src/models/describe.ts";
import { ask, context, options, pointwise, temporaryFolder } from "../support.ts";

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

test("what the module prints reaches the person, never stdout", async () => {
  const ctx = context();
  const model = await open(
    write("noisy.mjs", `console.log("loaded");\n${scoring("console.log('scoring'); return [1];")}`),
    ctx,
  );
  const prepared = await model.prepare([pointwise(ask("?", "x"))]);
  await using session = await model.open(never);
  await session.score(prepared, never);
  await expect.poll(() => ctx.warnings).toEqual(["noisy.mjs: loaded", "noisy.mjs: loaded", "noisy.mjs: scoring"]);
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
      { status: "failed", code: "not-a-number", message: 'm answered "2"; a number is expected' },
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
