import { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { describeModel } from "../../../src/models/describe.ts";
import type { RewardModel } from "../../../src/models/reward-model.ts";
import { expandModels } from "../../../src/run/expand.ts";
import type { Question } from "../../../src/questions/question.ts";
import { start, workerFile, type Behaviour } from "../host/worker.ts";
import { ask, context, options, pointwise, temporaryFolder } from "../support.ts";

const never = new AbortController().signal;
const ready = (more: string) => `say({ type: "ready", version: 1, name: "w", asks: ["pointwise"], ${more} });`;

async function describeWorker(behaviour: Behaviour, given = {}) {
  const file = workerFile(behaviour);
  const model = await describeModel("process:node worker.mjs", options(given), context(process.env, dirname(file)));
  return { file, model };
}

async function scoresOf(model: RewardModel, questions: readonly Question[]) {
  const prepared = await model.prepare(questions);
  await using session = await model.open(never);
  return { scores: await session.score(prepared, never), device: session.device() };
}

describe.concurrent("a model behind process:", () => {
  test("is what its worker says, with defaults for what it leaves out", async () => {
    const { model } = await describeWorker({});
    expect(model).toMatchObject({
      id: "process:node worker.mjs",
      asks: ["pointwise"],
      output: "other",
      notice: null,
      limits: { maxTokens: null, batchSize: 32, batching: "tolerant", sharesPrefixes: false },
    });
    expect(await scoresOf(model, [pointwise(ask("?", "four"))])).toEqual({
      scores: [{ status: "ok", value: 4 }],
      device: { requested: "cpu", used: "the worker", nodes: null, driver: null, dtype: null, runtime: null },
    });
  });

  test("says all that it can say", async () => {
    const { model } = await describeWorker(
      {
        hello: ready(`output: "bradley-terry", batching: "single", shares_prefixes: true, max_batch: 8, notice: "a toy",
          identity: { weights: "abc" }, device: { used: "cuda:0", dtype: "bf16", runtime: "torch 2.7" }`),
      },
      { batchSize: 20 },
    );
    expect(model).toMatchObject({
      output: "bradley-terry",
      notice: "a toy",
      identity: { adapter: "process 1", name: "w", "worker weights": "abc" },
      limits: { batching: "single", sharesPrefixes: true, batchSize: 8 },
    });
    const { device } = await scoresOf(model, [pointwise(ask("?", "four"))]);
    expect(device).toEqual({
      requested: "cpu",
      used: "cuda:0",
      nodes: null,
      driver: null,
      dtype: "bf16",
      runtime: "torch 2.7",
    });
  });

  test("is asked to describe itself, and then to score", async () => {
    const { file, model } = await describeWorker({ hello: `appendFileSync("log", m.purpose + "\\n"); ${ready("")}` });
    await scoresOf(model, [pointwise(ask("?", "four"))]);
    expect(readFileSync(join(dirname(file), "log"), "utf8")).toBe("describe\nscore\n");
  });

  test("gets the questions that it asked for, as they are, and no others", async () => {
    const { model } = await describeWorker({
      hello: `say({ type: "ready", version: 1, name: "w", asks: ["pairwise", "listwise"] });`,
      score: `return say({ type: "scores", id: m.id, scores: m.items.map((item) => ({ unparsable: JSON.stringify(item) })) });`,
    });
    const [a, b] = [ask("?", "yes"), ask("?", "no")];
    const questions: Question[] = [
      { kind: "pairwise", a, b },
      { kind: "listwise", of: [b, a] },
    ];
    const { scores } = await scoresOf(model, questions);
    expect(scores.map((score) => score.status === "unparsable" && JSON.parse(score.text))).toEqual([
      { a, b },
      { candidates: [b, a] },
    ]);
    const [refused] = await model.prepare([pointwise(a)]);
    expect(refused?.refused).toEqual({
      code: "unsupported",
      message: "w answers pairwise and listwise questions only",
    });
  });

  test.each([
    [{ device: "cuda" }, "--device cuda"],
    [{ dtype: "fp16" }, "--dtype fp16"],
    [{ maxLength: 128 }, "--max-length 128"],
  ] as const)("takes none of rmbench's own options: %j", async (given, asked) => {
    await expect(describeWorker({}, given)).rejects.toMatchObject({
      code: "usage",
      message: `process:node worker.mjs cannot be run with ${asked}`,
    });
  });

  test("that says nothing is told of heartbeats, which a worker of rmbench's own is not", async () => {
    const silent = { hello: "await later(60_000);" };
    const error = { code: "machine", message: expect.stringContaining("said nothing for 1 s") };
    await expect(describeWorker(silent, { timeout: 1 })).rejects.toMatchObject({
      ...error,
      hint: "let it send heartbeats, or give it longer with --timeout <seconds>",
    });
    await expect(start(workerFile(silent), 1)).rejects.toMatchObject({
      ...error,
      hint: "give it longer with --timeout <seconds>",
    });
  });

  test("is a command, not a glob", async () => {
    const spec = "process:python3 rm.py --data *.txt";
    expect(await expandModels([spec], temporaryFolder())).toEqual([spec]);
  });
});

describe.concurrent("the identity", () => {
  const source = readFileSync(workerFile({}), "utf8");
  const identityOf = async (command: string, cwd: string) =>
    (await describeModel(`process:${command}`, options(), context(process.env, cwd))).identity;

  test("holds the bytes of the script and every argument, and not where the script lies", async () => {
    const folder = temporaryFolder();
    const script = join(folder, "worker.mjs");
    writeFileSync(script, source);
    const first = await identityOf("node worker.mjs --x 1", folder);
    expect(first["command"]).toMatch(/^node sha256:[0-9a-f]{64} --x 1$/);
    mkdirSync(join(folder, "elsewhere"));
    copyFileSync(script, join(folder, "elsewhere/moved.mjs"));
    expect(await identityOf("node elsewhere/moved.mjs --x 1", folder)).toEqual(first);
    expect(await identityOf("node worker.mjs --x 2", folder)).not.toEqual(first);
    appendFileSync(script, "\n");
    expect(await identityOf("node worker.mjs --x 1", folder)).not.toEqual(first);
  });

  test("and the model's name hold no secret of the command, which the worker gets all the same", async () => {
    const file = workerFile({
      hello: `say({ type: "ready", version: 1, name: process.argv.at(-1).length + " long", asks: ["pointwise"] });`,
    });
    const spec = "process:node worker.mjs --url https://me:hush@host/ --hf-token=hush --api-key hush-hush";
    const model = await describeModel(spec, options(), context(process.env, dirname(file)));
    expect(model.identity["name"]).toBe("9 long");
    expect(JSON.stringify([model.id, model.identity])).not.toContain("hush");
    expect(model.id).toBe("process:node worker.mjs --url https://host/ --hf-token=*** --api-key ***");
  });

  test("must hold while it runs: an edited script and a worker that says otherwise are refused", async () => {
    const { file, model } = await describeWorker({});
    const prepared = await model.prepare([pointwise(ask("?", "four"))]);
    await using session = await model.open(never);
    expect(await session.score(prepared, never)).toEqual([{ status: "ok", value: 4 }]);
    appendFileSync(file, "\n");
    await expect(session.score(prepared, never)).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("worker.mjs changed after it was hashed"),
    });
    const other = await describeWorker({ hello: ready(`identity: { weights: m.purpose }`) });
    await expect(scoresOf(other.model, [pointwise(ask("?", "four"))])).rejects.toMatchObject({
      code: "model",
      message: expect.stringMatching(/the worker said that it is .*"describe".*when it was started again .*"score"/),
    });
  });
});

test("the example in Node scores as its formula says", async () => {
  const folder = fileURLToPath(new URL("../../../docs/examples/", import.meta.url));
  const model = await describeModel("process:node worker.mjs", options(), context(process.env, folder));
  const { scores } = await scoresOf(
    model,
    ["one two two three", "x"].map((text) => pointwise(ask("?", text))),
  );
  expect(scores).toEqual([
    { status: "ok", value: (Math.log(5) * 3) / 4 },
    { status: "ok", value: Math.log(2) },
  ]);
});
