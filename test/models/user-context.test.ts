import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { questionsFor } from "../../src/models/contract.ts";
import { describeModel } from "../../src/models/describe.ts";
import { inContext } from "../../src/questions/context.ts";
import { ask, context, options, pointwise, temporaryFolder } from "./support.ts";

const never = new AbortController().signal;
const told = [{ prompt: [{ role: "user", content: "earlier" }], chosen: "better", rejected: "worse" }];
const plain = pointwise(ask("?", "answer"));
const onBehalf = inContext(plain, told);

function write(name: string, source: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), source);
  return folder;
}

const scoring = (fields: string, score: string) =>
  `export default { name: "m", asks: ["pointwise"], ${fields} score: (all) => all.map(({ context }, i) => ${score}) };`;

describe("a question on behalf of a user", () => {
  test.each(["tiny", "./plain.mjs"])("is refused by %s, which does not say that it reads the context", async (spec) => {
    const folder = write("plain.mjs", scoring("", "1"));
    const model = await describeModel(spec, options(), context(process.env, folder));
    const prepared = await model.prepare([plain, onBehalf, inContext(plain, [])]);
    expect(prepared.map(({ refused }) => refused)).toEqual([
      null,
      { code: "unsupported", message: "this model takes no context pairs of a user" },
      null,
    ]);
  });

  test("is refused by a model that compares, too", async () => {
    const folder = write(
      "compare.mjs",
      `export default { name: "c", asks: ["pairwise"], compare: (all) => all.map(() => 0) };`,
    );
    const model = await describeModel("./compare.mjs", options(), context(process.env, folder));
    const pair = { kind: "pairwise", a: ask("?", "x"), b: ask("?", "y") } as const;
    const prepared = await model.prepare([pair, inContext(pair, told)]);
    expect(prepared.map(({ refused }) => refused?.code)).toEqual([undefined, "unsupported"]);
  });

  test("reaches a file of one's own that takes it, with the whole context", async () => {
    const folder = write("takes.mjs", scoring("takesContext: true,", "JSON.stringify(context)?.length ?? -1"));
    const model = await describeModel("./takes.mjs", options(), context(process.env, folder));
    const prepared = await model.prepare([plain, onBehalf, inContext(plain, [])]);
    await using session = await model.open(never);
    const values = [-1, JSON.stringify(told).length, 2];
    // The contract is checked as it will be asked.
    expect(questionsFor(model)).toEqual(
      questionsFor({ ...model, takesContext: false }).map((question) => inContext(question, expect.any(Array))),
    );
    expect(await session.score(prepared, never)).toEqual(values.map((value) => ({ status: "ok", value })));
  });

  test("reaches a worker that takes it as the item's context", async () => {
    const folder = write(
      "worker.mjs",
      `import { createInterface } from "node:readline";
      for await (const line of createInterface({ input: process.stdin })) {
        const m = JSON.parse(line);
        if (m.type === "hello") console.log(JSON.stringify({ type: "ready", version: 1, name: "w", asks: ["pointwise"], takes_context: true }));
        else if (m.type === "score") console.log(JSON.stringify({ type: "scores", id: m.id,
          scores: m.items.map((item) => ({ value: "context" in item ? JSON.stringify(item.context).length : -1 })) }));
        else break;
      }`,
    );
    const model = await describeModel("process:node worker.mjs", options(), context(process.env, folder));
    const prepared = await model.prepare([plain, onBehalf]);
    await using session = await model.open(never);
    expect(await session.score(prepared, never)).toEqual([
      { status: "ok", value: -1 },
      { status: "ok", value: JSON.stringify(told).length },
    ]);
  });
});

test("a file of one's own may say more than the reward, and is told what is wrong with it", async () => {
  const answers = `[
    { value: 1, std: 0.5, attributes: { tone: -1 }, vector: [1, 2] },
    { value: NaN },
    { value: 1, std: "wide" },
    { std: 1 },
    { value: 1, sd: 1 },
    { value: 1, attributes: { tone: null } },
  ]`;
  const folder = write("more.mjs", scoring("", `(${answers})[i]`));
  const model = await describeModel("./more.mjs", options(), context(process.env, folder));
  const prepared = await model.prepare(Array.from({ length: 6 }, (_, i) => pointwise(ask("?", `answer ${i}`))));
  await using session = await model.open(never);
  const scores = await session.score(prepared, never);
  expect(scores.slice(0, 2)).toEqual([
    { status: "ok", value: 1, std: 0.5, attributes: { tone: -1 }, vector: [1, 2] },
    { status: "ok", value: Number.NaN },
  ]);
  const said = scores.slice(2).map((score) => (score.status === "failed" ? score.message : score.status));
  const expected = "a number is expected, or { value, std?, attributes?, vector? }";
  expect(said).toEqual([
    `m answered {"value":1,"std":"wide"} (std must be a number); ${expected}`,
    `m answered {"std":1} (value must be a number); ${expected}`,
    `m answered {"value":1,"sd":1} (has unknown keys: sd); ${expected}`,
    `m answered {"value":1,"attributes":{"tone":null}} (attributes tone must be a number); ${expected}`,
  ]);
});
