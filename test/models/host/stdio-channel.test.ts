import { describe, expect, test } from "vitest";
import { Host } from "../../../src/models/host/parent.ts";
import { stdio } from "../../../src/models/host/stdio-channel.ts";
import { OutOfMemory } from "../../../src/models/reward-model.ts";
import { failureOf, four, never, ok, open, seven, start, workerFile, type Behaviour } from "./worker.ts";

describe.concurrent("a worker over stdin and stdout", () => {
  test("batches in flight together are answered each with its own scores, whatever the order of the answers", async () => {
    await using host = await open({
      score: `if (m.items.length === 1) return void setTimeout(() =>
      say({ type: "scores", id: m.id, scores: [{ value: 4 }] }), 200);`,
    });
    const both = await Promise.all([host.run([four], never), host.run([seven, four], never)]);
    expect(both).toEqual([[ok(4)], [ok(7), ok(4)]]);
  });

  test("the worker is told the protocol, the purpose and its config, and what it says of itself is read with defaults", async () => {
    const echo = workerFile({
      hello: `say({ type: "ready", version: 1, name: JSON.stringify(m), asks: ["pairwise"], unknown: 1 });`,
    });
    await using host = await start(echo, null, { model: "über" });
    expect(JSON.parse(host.opened.name)).toEqual({
      type: "hello",
      protocol: "rmbench-stdio",
      versions: [1],
      purpose: "score",
      config: { model: "über" },
    });
    expect(host.opened).toMatchObject({
      output: "other",
      batching: "tolerant",
      max_batch: 32,
      device: null,
      identity: {},
    });
  });

  test("every kind of score is read", async () => {
    const kinds: [string, unknown][] = [
      [`{ value: -1.5 }`, ok(-1.5)],
      [`{ value: null }`, ok(Number.NaN)],
      [`{ value: "NaN" }`, ok(Number.NaN)],
      [`{ value: "-Infinity" }`, ok(Number.NEGATIVE_INFINITY)],
      [
        `{ value: 1, std: 0.5, attributes: { helpful: 2 }, vector: [1, null], tokens: 9 }`,
        { ...ok(1), std: 0.5, attributes: { helpful: 2 }, vector: [1, Number.NaN], tokens: 9 },
      ],
      [`{ error: { code: "too-long", message: "9 > 8" } }`, { status: "failed", code: "too-long", message: "9 > 8" }],
      [`{ unparsable: "A or B" }`, { status: "unparsable", text: "A or B" }],
    ];
    const scores = `[${kinds.map(([said]) => said).join()}]`;
    await using host = await open({ score: `return say({ type: "scores", id: m.id, scores: ${scores} });` });
    const items = kinds.map(() => four);
    expect(await host.run(items, never)).toEqual(kinds.map(([, score]) => score));
  });

  test.each([
    [`{ value: 1, error: { code: "x", message: "y" } }`, /item 0 \(it has both value and error\)/],
    [`{ value: null, unparsable: "A or B" }`, /item 0 \(it has both value and unparsable\)/],
    [`{ error: null }`, /item 0 \(it has none of value, error, unparsable\)/],
    [`{ value: 1, std: -1 }`, /item 0 \(std must be 0 or more/],
    [`{ value: 1, std: "NaN" }`, /item 0 \(std must be 0 or more/],
    [`{ value: true }`, /item 0 \(value must be/],
  ])("%s is no score, with the reason", async (said, reason) => {
    await using host = await open({ score: `return say({ type: "scores", id: m.id, scores: [${said}] });` });
    const error = await failureOf(host.run([four], never));
    expect(error).toMatchObject({ code: "model", message: expect.stringMatching(reason) });
  });

  test("null is what a score leaves out, and NaN has a deviation of NaN", async () => {
    const said = `{ value: 2, std: null, error: null, unparsable: null }, { value: null, std: "NaN" }, { value: 1, std: 0 }`;
    await using host = await open({ score: `return say({ type: "scores", id: m.id, scores: [${said}] });` });
    expect(await host.run([four, four, four], never)).toEqual([
      ok(2),
      { ...ok(Number.NaN), std: Number.NaN },
      { ...ok(1), std: 0 },
    ]);
  });

  test("large texts pass in both directions", async () => {
    await using host = await open({
      score: `return say({ type: "scores", id: m.id, scores: m.items.map(({ response }) => ({ unparsable: response })) });`,
    });
    const response = "aé雨🔑\n\u2028".repeat(300_000);
    expect(await host.run([{ response }], never)).toEqual([{ status: "unparsable", text: response }]);
  });

  describe("what is not of the protocol is one error, with what was written and what to do", () => {
    const scoring: [string, string, RegExp, RegExp][] = [
      ["a print", `console.log("loss 0.3");`, /w printed to stdout, .*: `loss 0\.3`/, /stderr/],
      ["a printed number", `console.log(3);`, /w printed to stdout, .*: `3`/, /stderr/],
      [
        "a cut object",
        `console.log('{"type":"scores",');`,
        /not JSON .*: `\{"type":"scores",`/,
        /one JSON object a line/,
      ],
      [
        "NaN of Python",
        `console.log('{"type": "scores", "id": 0, "scores": [{"value": NaN}]}');`,
        /not JSON .*NaN/,
        /allow_nan=False/,
      ],
      [
        "an unknown type",
        `say({ type: "result", id: m.id });`,
        /no message has this type\): .*"result"/,
        /process-protocol/,
      ],
      [
        "too few scores",
        `return say({ type: "scores", id: m.id, scores: [] });`,
        /w answered 0 scores for 1 items/,
        /in order/,
      ],
      [
        "too many",
        `return say({ type: "scores", id: m.id, scores: [{ value: 1 }, { value: 2 }] });`,
        /2 scores for 1/,
        /./,
      ],
      [
        "another id",
        `return say({ type: "scores", id: 77, scores: [{ value: 1 }] });`,
        /batch 77, .*unanswered: 0/,
        /its id/,
      ],
      [
        "no score",
        `return say({ type: "scores", id: m.id, scores: [{ score: 1 }] });`,
        /item 0 \(it has none of value, error, unparsable\): `\{"score":1\}`/,
        /"value"/,
      ],
      ["a text as score", `return say({ type: "scores", id: m.id, scores: [{ value: "3" }] });`, /item 0/, /"value"/],
      ["ready again", `await on.hello(m);`, /said `ready` a second time/, /^/],
    ];
    test.each(scoring.filter(([what]) => what !== "an answer again"))(
      "%s while scoring",
      async (_, score, message, hint) => {
        await using host = await open({ score });
        const error = await failureOf(host.run([four], never));
        expect(error).toMatchObject({ code: "model", message: expect.stringMatching(message) });
        expect((error as { hint?: string }).hint ?? "").toMatch(hint);
      },
    );

    const opening: [string, Behaviour, string, RegExp][] = [
      ["a print at the start", { start: `console.log("Loading weights…");` }, "model", /`Loading weights…`/],
      [
        "another version",
        { hello: `say({ type: "ready", version: 2, name: "w", kinds: 1 });` },
        "model",
        /w speaks version 2 of rmbench-stdio; this rmbench speaks 1/,
      ],
      [
        "ready without asks",
        { hello: `say({ type: "ready", version: 1, name: "w" });` },
        "model",
        /asks must be a list\): /,
      ],
      [
        "a refusal",
        { hello: `say({ type: "error", code: "model", message: "no such head" });` },
        "model",
        /^w: no such head$/,
      ],
      [
        "a refusal of the machine",
        { hello: `say({ type: "error", code: "machine", message: "no CUDA", hint: "use the CPU" });` },
        "machine",
        /^w: no CUDA$/,
      ],
      [
        "scores unasked",
        { hello: `say({ type: "scores", id: 0, scores: [] });` },
        "model",
        /batch 0.*unanswered: none/,
      ],
      [
        "an early end",
        { start: `console.error("ModuleNotFoundError: torch"); process.exit(3);` },
        "machine",
        /while loading, the process of w died \(exit code 3\); it last printed:\nModuleNotFoundError: torch/,
      ],
    ];
    test.each(opening)("%s", async (_, behaviour, code, message) => {
      expect(await failureOf(open(behaviour))).toMatchObject({ code, message: expect.stringMatching(message) });
    });

    test("an answer that comes twice, from the next batch on", async () => {
      await using host = await open({
        score: `const answer = JSON.stringify({ type: "scores", id: m.id, scores: [{ value: 1 }] }) + "\\n";
              process.stdout.write(answer + answer); return;`,
      });
      expect(await host.run([four], never)).toEqual([ok(1)]);
      expect(await failureOf(host.run([four], never))).toMatchObject({
        code: "model",
        message: expect.stringMatching(/batch 0, which it was not asked \(unanswered: none\)/),
      });
    });

    test("a line that is over-long", async () => {
      await using host = await open({
        score: `const part = "x".repeat(2 ** 20); for (let k = 0; k < 65; k++) process.stdout.write(part); return;`,
      });
      expect(await failureOf(host.run([four], never))).toMatchObject({
        code: "model",
        message: expect.stringMatching(/w wrote a line of more than 67108864 bytes: `xxx/),
      });
    });

    test("a command that is not there", async () => {
      const worker = stdio({
        command: "no-such-program",
        args: [],
        cwd: process.cwd(),
        env: process.env,
        config: {},
        purpose: "score",
      });
      expect(await failureOf(Host.open(worker, { name: "w" }, never))).toMatchObject({
        code: "model",
        message: expect.stringMatching(/cannot start w: .*no-such-program ENOENT/),
        hint: expect.stringContaining("PATH"),
      });
    });
  });

  test("a batch that does not fit is OutOfMemory and the worker goes on; a single text gets a new worker", async () => {
    const tooMuch = `if (m.items.length > 1 || m.items[0].response === "seventy")
    return say({ type: "error", id: m.id, code: "out-of-memory", message: "CUDA out of memory" });`;
    await using host = await open({ score: tooMuch });
    const { pid } = host;
    expect(await failureOf(host.run([four, four], never))).toEqual(new OutOfMemory("CUDA out of memory"));
    expect(await host.run([four], never)).toEqual([ok(4)]);
    expect(host.pid).toBe(pid);
    expect(await failureOf(host.run([seven], never))).toBeInstanceOf(OutOfMemory);
    expect(await host.run([four], never)).toEqual([ok(4)]);
    expect(host.pid).not.toBe(pid);
  });

  test("an internal error fails the texts of its batch; a refusal of a batch is thrown", async () => {
    await using host = await open({
      score: `if (m.items.length > 1) return say({ type: "error", id: m.id, code: "internal", message: "shape" });
            if (m.items[0].response === "seventy") return say({ type: "error", id: m.id, code: "model", message: "gone" });`,
    });
    const failed = { status: "failed", code: "runtime", message: "shape" };
    expect(await host.run([four, four], never)).toEqual([failed, failed]);
    await expect(host.run([seven], never)).rejects.toMatchObject({ code: "model", message: "w: gone" });
    expect(await host.run([four], never)).toEqual([ok(4)]);
  });
});
