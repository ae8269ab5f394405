import { describe, expect, it } from "vitest";
import { Scorer } from "../../../src/inference/execute.ts";
import { memoryStore } from "../../../src/inference/memory-store.ts";
import { checkContract } from "../../../src/models/contract.ts";
import { describeModel } from "../../../src/models/describe.ts";
import type { JudgeOptions } from "../../../src/models/judge/settings.ts";
import type { Score } from "../../../src/models/reward-model.ts";
import type { Question } from "../../../src/questions/question.ts";
import { ask, context, options, pointwise } from "../support.ts";
import { judgeServer, part, token, words, type Asked, type Said } from "./server.ts";

const inWords: JudgeOptions = { protocol: "ranking", logprobs: false };
const inLetters: JudgeOptions = { protocol: "ranking" };
const best = (...responses: readonly string[]): Question => ({
  kind: "listwise",
  of: responses.map((response) => ask("Which?", response)),
});

async function judged(base: string, judge: JudgeOptions, questions: readonly Question[], outside = context({})) {
  const model = await describeModel(`judge:${base}#m`, options({ judge }), outside);
  await using scorer = new Scorer(model, memoryStore(), { signal: outside.signal, emit: () => {} });
  return (await scorer.answer(questions)).map(({ score }) => score);
}

const vectorOf = (score: Score | undefined) => (score?.status === "ok" ? score.vector : score);
const shown = (asked: Asked) => ["a", "b", "c", "d"].map((letter) => part(asked, `answer_${letter}`));

describe("the best of several answers", () => {
  it("is asked for once, with every answer in the order of the question, and its value is 1 by words", async () => {
    await using server = await judgeServer((asked) => words(`So: [[${"ABCD"[shown(asked).indexOf("right")]}]]`));
    const [score] = await judged(server.base, inWords, [best("no", "maybe", "right", "{letters}")]);
    expect(vectorOf(score)).toEqual([0, 0, 1, 0]);
    expect(server.asked.map(shown)).toEqual([["no", "maybe", "right", "{letters}"]]);
    const { messages } = server.asked[0]!.body;
    expect(messages!.at(-1)!.content).toContain("name the best one: A, B, C or D.");
    expect(part(server.asked[0]!, "conversation")).toBe("Human: Which?");
  });

  it("has the letters' log-probabilities; one that is not listed gets the least, and is counted", async () => {
    const replies = [token({ B: -0.2, A: -2, C: -5 }), token({ A: -0.5, C: -1, The: -4 })];
    await using server = await judgeServer((asked) => replies[Number(part(asked, "answer_a"))]!);
    const outside = context({});
    const scores = await judged(server.base, inLetters, [best("0", "x", "y"), best("1", "x", "y")], outside);
    expect(scores.map(vectorOf)).toEqual([
      [-2, -0.2, -5],
      [-0.5, -4, -1],
    ]);
    const told = outside.warnings.join("\n");
    expect(told).toMatch(/1 of 2 replies do not list every letter/);
    expect(told).toMatch(/verdicts by place: A 1, B 1;/);
  });

  it("is not asked for where it cannot be", async () => {
    const others: Question = { kind: "listwise", of: [ask("p", "a"), ask("q", "b")] };
    const many = Array.from({ length: 27 }, (_, i) => String(i));
    const scores = await judged("http://localhost:1", inWords, [
      best("one"),
      best(...many),
      others,
      pointwise(ask("p", "a")),
    ]);
    expect(scores.map((score) => (score.status === "failed" ? score.message : null))).toEqual([
      expect.stringMatching(/best of 2 to 26 different answers, and the question has 1; --judge rating/),
      expect.stringMatching(/question has 27/),
      expect.stringMatching(/different prompts/),
      expect.stringMatching(/not of pointwise questions/),
    ]);
  });

  const replies: Record<string, [Said, string]> = {
    refused: [words(null, { refusal: "I'm sorry." }), "refused"],
    cut: [words("It is", { finish: "length" }), "cut-off"],
    two: [words("[[A]] or [[B]]"), "[[A]] or [[B]]"],
    beyond: [words("[[D]]"), "[[D]]"],
    tie: [words("[[A, B]]"), "[[A, B]]"],
  };
  it.each(Object.entries(replies))("has no verdict in a reply that is %s", async (name, [said, why]) => {
    await using server = await judgeServer(() => said);
    const outside = context({});
    const score = (await judged(server.base, inWords, [best(name, "x", "y")], outside))[0]!;
    expect(score.status === "failed" ? score.code : score.status === "unparsable" ? score.text : null).toBe(why);
    expect(outside.warnings.join("\n")).not.toContain("verdicts by place");
  });
});

it("passes the contract of models, with log-probabilities and with words", async () => {
  await using server = await judgeServer((asked) => {
    const lengths = ["a", "b"].map((letter) => part(asked, `answer_${letter}`).length / 100);
    if (asked.body["logprobs"] !== true) return words(lengths[0]! > lengths[1]! ? "[[A]]" : "[[B]]");
    const total = Math.log(Math.exp(lengths[0]!) + Math.exp(lengths[1]!));
    return token({ A: lengths[0]! - total, B: lengths[1]! - total });
  });
  for (const judge of [inLetters, inWords]) {
    const model = await describeModel(`judge:${server.base}#m`, options({ judge }), context({}));
    const checks = await checkContract(model, new AbortController().signal);
    expect(checks.filter(({ status }) => status !== "pass").map(({ name }) => name)).toEqual(["longest text"]);
    expect(checks.find(({ name }) => name === "finite scores")!.detail).toMatch(/^16 probe scores/);
  }
});
