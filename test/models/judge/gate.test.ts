/** What a judge costs whose every request goes wrong, or costs more than it should. */
import { describe, expect, it } from "vitest";
import type { JudgeOptions } from "../../../src/models/judge/settings.ts";
import { ask, pointwise } from "../support.ts";
import { judged } from "./judged.ts";
import { judgeServer, no, token, words, type Said } from "./server.ts";

const rating: JudgeOptions = { protocol: "rating", logprobs: false };

it("is no verdict where its log-probabilities are above 0, as probabilities are not", async () => {
  await using server = await judgeServer(() => token({ A: 2, B: 1 }));
  const scores = await judged(`judge:${server.base}#m`, {}, [{ kind: "pairwise", a: ask("p", "a"), b: ask("p", "b") }]);
  expect(scores).toMatchObject([
    {
      status: "failed",
      code: "malformed-reply",
      message: 'the judge\'s reply is malformed: the token "A" has the log-probability 2, and none is above 0',
    },
  ]);
});

describe("a server that says no", () => {
  const many = Array.from({ length: 60 }, (_, i) => pointwise(ask("p", `answer ${i}`)));

  it.each<[string, Said, JudgeOptions]>([
    ["a key that is refused", no(401, {}), rating],
    ["a setting that is refused", no(400, { param: "temperature" }), rating],
    ["log-probabilities that are not given", words("7"), { protocol: "rating" }],
  ])("is asked once, however many questions there are: %s", async (_, said, judge) => {
    await using server = await judgeServer(() => said);
    await expect(judged(`judge:${server.base}#m`, judge, many)).rejects.toMatchObject({ code: "model" });
    expect(server.asked).toHaveLength(1);
  });

  it.each<[string, Said, string | undefined]>([
    [
      "a refusal",
      no(400, { message: "Unsupported value: 'temperature' does not support 0 with this model." }),
      "set judge.temperature: null in the configuration",
    ],
    [
      "a list",
      { status: 422, json: { detail: [{ loc: ["body", "seed"] }] } },
      "set judge.seed: null in the configuration",
    ],
    ["a word", no(400, { message: "top_logprobs is not allowed" }), "set judge.logprobs: false in the configuration"],
    ["no word", no(400, { message: "bad" }), undefined],
    ["another shape", { status: 200, json: { choices: [] } }, undefined],
  ])("to everything, by %s, is given up after 12 in a row", async (_, said, hint) => {
    await using server = await judgeServer(() => said);
    await expect(judged(`judge:${server.base}#m`, rating, many)).rejects.toMatchObject({
      code: "incomplete",
      message: expect.stringMatching(/12 requests in a row brought no reply that can be read, the last: /) as string,
      hint,
    });
    expect(server.asked).toHaveLength(12);
  });

  it("after a reply keeps what was scored, and counts anew", async () => {
    await using server = await judgeServer((_, at) => (at === 11 ? words("[[4]]") : no(400, { message: "bad" })));
    await expect(judged(`judge:${server.base}#m`, rating, many)).rejects.toMatchObject({ code: "incomplete" });
    // 11, the one, 12 more, and those that were in flight beside the last of them.
    expect(server.asked.length).toBeGreaterThanOrEqual(24);
    expect(server.asked.length).toBeLessThan(40);
  });

  it("to texts that are too long, or that a filter stops, says nothing of other texts", async () => {
    const [long, filtered] = [{ message: "maximum context length is 8" }, { code: "content_filter" }];
    await using server = await judgeServer((_, at) => no(400, at % 2 === 0 ? long : filtered));
    const scores = await judged(`judge:${server.base}#m`, rating, many);
    expect(scores.filter(({ status }) => status === "failed")).toHaveLength(60);
  });

  it("names the setting also where there are few questions", async () => {
    await using server = await judgeServer(() => no(400, { message: "unknown field seed" }));
    const [score] = await judged(`judge:${server.base}#m`, rating, many.slice(0, 1));
    expect(score).toMatchObject({ message: expect.stringContaining("(set judge.seed: null in") as string });
  });
});

describe("a limit of spending", () => {
  it.each([0.25, 1, 1.5])("is never passed by a server that counts %d tokens a byte", async (perByte) => {
    let spent = 0;
    await using server = await judgeServer((asked) => {
      const counts = { prompt_tokens: Math.ceil(Buffer.byteLength(JSON.stringify(asked.body)) * perByte) };
      spent += (2 * counts.prompt_tokens + 8 * 20) / 1e6;
      const { json } = words("[[4]]");
      return { status: 200, json: { ...(json as object), usage: { ...counts, completion_tokens: 20 } } };
    });
    const questions = Array.from({ length: 60 }, (_, i) => pointwise(ask("p", `answer ${i} `.repeat(1 + (i % 40)))));
    const priced = { ...rating, maxTokens: 50, maxCost: 0.02, prices: { m: { input: 2, output: 8 } } };
    await expect(judged(`judge:${server.base}#m`, priced, questions)).rejects.toMatchObject({ code: "incomplete" });
    expect(spent).toBeLessThanOrEqual(0.02);
    // What is left is less than one request may cost.
    expect(spent).toBeGreaterThan(0.02 - 0.01);
    expect(server.asked.length).toBeGreaterThan(2);
  });
});
