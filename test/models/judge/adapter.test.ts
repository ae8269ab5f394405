import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { escapeForTerminal } from "../../../src/cli/escape.ts";
import { describeModel } from "../../../src/models/describe.ts";
import { judgeSchema, type JudgeOptions } from "../../../src/models/judge/settings.ts";
import type { Score } from "../../../src/models/reward-model.ts";
import { problemOf } from "../../../src/problem.ts";
import type { Conversation, Question } from "../../../src/questions/question.ts";
import { context, options, temporaryFolder } from "../support.ts";
import { ask, pointwise } from "../support.ts";
import { judged } from "./judged.ts";
import { judgeServer, no, part, token, words, type Said } from "./server.ts";

const secret = "sk-planted-4f1c9";
const rating: JudgeOptions = { protocol: "rating", logprobs: false };
const verdicts: JudgeOptions = { protocol: "pairwise", logprobs: false };
const compare = (a: Conversation, b: Conversation): Question => ({ kind: "pairwise", a, b });

const identityOf = async (spec: string, judge: JudgeOptions) =>
  (await describeModel(spec, options({ judge }), context({}))).identity;

describe("what is asked", () => {
  it("shows documents, tools and earlier turns, and text with braces as it is", async () => {
    await using server = await judgeServer(() => words("[[7]]"));
    const of: Conversation = {
      prompt: [
        { role: "user", content: "Hello {answer}" },
        { role: "assistant", content: "Hi." },
        { role: "user", content: "And the rest? $& $1" },
      ],
      documents: { template: "numbered", items: [{ id: "d", title: "Tea", text: "Tea is hot." }] },
      tools: '[{"name":"search"}]',
      response: [
        { role: "assistant", content: "{conversation}" },
        { role: "tool", content: "42" },
      ],
    };
    await judged(`judge:${server.base}#m`, rating, [pointwise(of)]);
    const [asked] = server.asked;
    expect(asked!.path).toBe("/v1/chat/completions");
    expect(part(asked!, "conversation")).toBe(
      'Tools that the assistant may call:\n[{"name":"search"}]\n\nHuman: Hello {answer}\n\nAssistant: Hi.\n\nHuman: [1] Tea: Tea is hot.\n\nAnd the rest? $& $1',
    );
    expect(part(asked!, "answer")).toBe("Assistant: {conversation}\n\ntool: 42");
  });

  it("is another model wherever the prompt or the sampling is another", async () => {
    const spec = "judge:http://localhost:1#m";
    const principles = [{ name: "p", definition: "d", negativeDefinition: "n" }];
    const all = await Promise.all([
      identityOf(spec, {}),
      identityOf("judge:http://localhost:1#n", {}),
      identityOf("judge:http://localhost:2#m", {}),
      identityOf("judge:anthropic+http://localhost:1#m", {}),
      identityOf(spec, { logprobs: false }),
      identityOf(spec, { temperature: 0.5 }),
      identityOf(spec, { temperature: null }),
      identityOf(spec, { seed: 1 }),
      identityOf(spec, { logprobs: false, maxTokens: 99 }),
      identityOf(spec, rating),
      identityOf(spec, { protocol: "critique" }),
      identityOf(spec, { protocol: "checklist", checklist: ["a?"] }),
      identityOf(spec, { protocol: "checklist", checklist: ["b?"] }),
      identityOf(spec, { protocol: "principle", principles }),
      identityOf(spec, { protocol: "principle", principles, negate: ["p"] }),
    ]);
    expect(new Set(all.map((identity) => JSON.stringify(identity))).size).toBe(all.length);
    const priced = { prices: { m: { input: 1, output: 1 } }, maxCost: 5, record: "x.jsonl" };
    expect(await identityOf(spec, priced)).toEqual(all[0]);
    expect(all[0]!["prompts"]).toMatch(/^pairwise-letter\/1 [0-9a-f]{64}$/);
  });

  it("compares only answers to one prompt", async () => {
    const [score] = await judged("judge:http://localhost:1#m", verdicts, [compare(ask("p", "a"), ask("q", "b"))]);
    expect(score).toMatchObject({ status: "failed", code: "unsupported" });
  });
});

describe("what becomes of a reply", () => {
  const replies: Record<string, Said> = {
    good: words("Good. [[9]]"),
    both: words("[[3]] or [[4]]"),
    silent: words(""),
    refused: words(null, { refusal: "I'm sorry." }),
    filtered: words("", { finish: "content_filter" }),
    cut: words("It is", { finish: "length" }),
    odd: { status: 200, json: { choices: "none" } },
  };

  it("is a score, or says why there is none, each question for itself", async () => {
    await using server = await judgeServer((asked) => replies[part(asked, "answer")]!);
    const names = Object.keys(replies);
    const scores = await judged(
      `judge:${server.base}#m`,
      rating,
      names.map((name) => pointwise(ask("p", name))),
    );
    const found = Object.fromEntries(
      names.map((name, i) => {
        const score = scores[i]!;
        return [name, score.status === "ok" ? score.value : score.status === "failed" ? score.code : score.text];
      }),
    );
    expect(found).toEqual({
      good: 9,
      both: "[[3]] or [[4]]",
      silent: "",
      refused: "refused",
      filtered: "refused",
      cut: "cut-off",
      odd: "malformed-reply",
    });
  });

  it("ends the run where log-probabilities were asked for and not given", async () => {
    await using server = await judgeServer(() => words("A"));
    await expect(judged(`judge:${server.base}#m`, {}, [compare(ask("p", "a"), ask("p", "b"))])).rejects.toMatchObject({
      code: "model",
      hint: expect.stringContaining("judge.logprobs: false") as string,
    });
  });
});

describe("log-probabilities that do not list every answer", () => {
  it("understate a score, and are counted", async () => {
    const replies = [token({ A: -0.1, The: -3 }), token({ A: -0.5, B: -1 })];
    await using server = await judgeServer((_, at) => replies[at]!);
    const outside = context({});
    const both = [compare(ask("p", "a"), ask("p", "b")), compare(ask("p", "b"), ask("p", "a"))];
    const scores = await judged(`judge:${server.base}#m`, {}, both, outside);
    expect(new Set(scores.map((score) => (score.status === "ok" ? score.value : null)))).toEqual(new Set([0.5, 2.9]));
    expect(outside.warnings.join("\n")).toMatch(/1 of 2 replies list only one of the two answers/);
  });

  it("give the mean of the ratings that are listed, and are counted where much is out of sight", async () => {
    const replies = [token({ 7: Math.log(0.6), 9: Math.log(0.2) }), token({ 2: Math.log(0.995) })];
    await using server = await judgeServer((_, at) => replies[at]!);
    const outside = context({});
    const questions = ["one", "two"].map((text) => pointwise(ask("p", text)));
    const scores = await judged(`judge:${server.base}#m`, { protocol: "rating" }, questions, outside);
    const found = scores.map((score) => (score.status === "ok" ? [score.value, score.std!] : []));
    found.sort((a, b) => a[0]! - b[0]!);
    expect(found[0]).toEqual([2, 0]);
    // (0.6 · 7 + 0.2 · 9) / 0.8, and √(0.75 · 0.5² + 0.25 · 1.5²).
    expect(found[1]![0]).toBeCloseTo(7.5, 12);
    expect(found[1]![1]).toBeCloseTo(Math.sqrt(0.75), 12);
    expect(outside.warnings.join("\n")).toMatch(/1 of 2 replies leave more than 1 % of the probability out of sight/);
  });
});

describe("a server that says no", () => {
  const question = pointwise(ask("p", "answer"));
  it("is asked again where waiting helps", async () => {
    const replies = [no(429, {}, { "retry-after": "0" }), no(500, {}), no(400, {}, { "x-should-retry": "true" })];
    await using server = await judgeServer((_, at) => replies[at] ?? words("[[4]]"));
    expect(await judged(`judge:${server.base}#m`, rating, [question])).toMatchObject([{ status: "ok", value: 4 }]);
    expect(server.asked).toHaveLength(4);
  });

  it.each<[string, Said, RegExp]>([
    ["a wrong key", no(401, {}), /the key is read from OPENAI_API_KEY/],
    ["an unknown model", no(404, {}), /does the server have a model m/],
    ["an empty account", no(429, { code: "insufficient_quota" }), /nothing left to spend/],
    ["a temperature", no(400, { param: "temperature" }), /set judge\.temperature: null/],
    ["log-probabilities", no(400, { param: "logprobs" }), /set judge\.logprobs: false/],
  ])("to %s ends the run, with what to do about it", async (_, said, hint) => {
    await using server = await judgeServer(() => said);
    await expect(judged(`judge:${server.base}#m`, rating, [question])).rejects.toMatchObject({
      code: "model",
      hint: expect.stringMatching(hint) as string,
    });
    expect(server.asked).toHaveLength(1);
  });

  it("to one question leaves the others alone", async () => {
    await using server = await judgeServer((asked) =>
      part(asked, "answer") === "long" ? no(400, { message: "context length exceeded" }) : words("[[4]]"),
    );
    const questions = ["a", "long", "b"].map((text) => pointwise(ask("p", text)));
    expect(await judged(`judge:${server.base}#m`, rating, questions)).toMatchObject([
      { status: "ok" },
      { status: "failed", code: "http-400", message: expect.stringContaining("context length exceeded") as string },
      { status: "ok" },
    ]);
  });
});

describe("settings that do not go together", () => {
  it.each<[string, JudgeOptions, RegExp]>([
    ["judge:http://h#m", { protocol: "checklist" }, /needs judge\.checklist/],
    ["judge:http://h#m", { protocol: "principle" }, /needs judge\.principles/],
    [
      "judge:http://h#m",
      { protocol: "principle", principles: [{ name: "p", definition: "d", negativeDefinition: "n" }], negate: ["q"] },
      /names q, which is no principle/,
    ],
    ["judge:anthropic#m", { logprobs: true }, /gives no log-probabilities/],
    ["judge:http://h#m", { maxCost: 1 }, /needs the price of m/],
    [
      "judge:http://h#m",
      { checklist: ["a?"] },
      /judge\.checklist is set, which the judge protocol pairwise does not read/,
    ],
    ["judge:http://h#m", { negate: ["a"] }, /judge\.negate is set/],
  ])("%s %j", async (spec, judge, message) => {
    await expect(describeModel(spec, options({ judge }), context({}))).rejects.toThrow(message);
  });

  it("are refused in one section of a file", () => {
    const message = (judge: object) => judgeSchema.safeParse(judge).error?.issues.map(problemOf);
    expect(message({ protocol: "rating", negate: ["a"] })).toEqual([
      "the protocol rating does not read it: it is for principle",
    ]);
    expect(message({ protocol: "checklist", checklist: ["a?"] })).toBeUndefined();
    expect(message({ checklist: ["a?"], negate: ["a"] })).toBeUndefined();
  });

  it("say what to write in one line, which a terminal shows as it is", async () => {
    const failing = describeModel("judge:http://h#m", options({ judge: { maxCost: 1 } }), context({}));
    const { hint } = (await failing.catch((error: unknown) => error)) as { hint: string };
    expect(escapeForTerminal(hint)).toBe(hint);
    expect(hint).toContain('judge: { prices: { "m": { input: …, output: … } } }');
  });

  it("names the variable that has the key, where the service needs one", async () => {
    const model = await describeModel("judge:anthropic#m", options(), context({}));
    await expect(model.open(new AbortController().signal)).rejects.toThrow(/ANTHROPIC_API_KEY is not set/);
  });
});

describe("recorded replies", () => {
  const questions = ["one", "two", "three"].map((name) => pointwise(ask("p", name)));

  it("answer again without a server, and keep no secret, even one that the server repeats", async () => {
    const outside = context({ OPENAI_API_KEY: secret }, temporaryFolder());
    let live: Score[];
    let spec: string;
    {
      await using server = await judgeServer((asked) =>
        words(`${asked.headers.authorization} [[${part(asked, "answer").length}]]`),
      );
      spec = `judge:${server.base}#m`;
      live = await judged(spec, { ...rating, record: "replies.jsonl" }, questions, outside);
      expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(`Bearer ${secret}`));
    }
    expect(live.map((score) => (score.status === "ok" ? score.value : null))).toEqual([3, 3, 5]);
    expect(await judged(spec, { ...rating, replay: "replies.jsonl" }, questions, outside)).toEqual(live);
    const files = readdirSync(outside.cwd);
    expect(files).toEqual(["replies.jsonl"]);
    expect(readFileSync(join(outside.cwd, files[0]!), "utf8")).not.toContain(secret);
    expect(outside.warnings.join()).not.toContain(secret);

    const other = [...questions, pointwise(ask("p", "four"))];
    await expect(judged(spec, { ...rating, replay: "replies.jsonl" }, other, outside)).rejects.toThrow(
      /holds no reply to request [0-9a-f]{12} \(3 others\)/,
    );
    await expect(
      judged(spec, { ...rating, temperature: 1, replay: "replies.jsonl" }, questions, outside),
    ).rejects.toThrow(/holds no reply/);
  });

  it("must be there, and be what they say", async () => {
    const outside = context({}, temporaryFolder());
    await expect(judged("judge:http://h#m", { ...rating, replay: "none.jsonl" }, questions, outside)).rejects.toThrow(
      /none\.jsonl cannot be read/,
    );
    const fixture = import.meta.filename;
    await expect(judged("judge:http://h#m", { ...rating, replay: fixture }, questions, outside)).rejects.toThrow(
      /adapter\.test\.ts:1 is no recorded reply/,
    );
  });
});

it("shows its key nowhere, not even where the server's error repeats it", async () => {
  for (const [variable, provider] of [
    ["OPENAI_API_KEY", ""],
    ["ANTHROPIC_API_KEY", "anthropic+"],
    ["GEMINI_API_KEY", "gemini+"],
  ]) {
    await using server = await judgeServer(({ headers }) => ({
      status: 400,
      json: { error: { message: `bad key ${JSON.stringify(headers)}`, type: "invalid_request_error" } },
    }));
    const outside = context({ [variable!]: secret });
    const spec = `judge:${provider}${server.base}#m`;
    const said = await judged(spec, verdicts, [compare(ask("p", "a"), ask("p", "b"))], outside).then(
      (scores) => JSON.stringify(scores),
      (error: unknown) => `${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`,
    );
    expect(JSON.stringify(server.asked[0]!.headers)).toContain(secret);
    expect(said).toContain("bad key");
    expect(said).not.toContain(secret);
    expect(outside.warnings.join()).not.toContain(secret);
    expect(JSON.stringify(await identityOf(spec, { logprobs: false }))).not.toContain(secret);
  }
});
