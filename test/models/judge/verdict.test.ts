import { describe, expect, it } from "vitest";
import type { GeneratedToken, Reply } from "../../../src/models/judge/provider.ts";
import { bracketed, distribution, unfinished } from "../../../src/models/judge/verdict.ts";

const reply = (fields: Partial<Reply>): Reply => ({
  text: "",
  stop: "end",
  reason: "stop",
  tokens: null,
  usage: null,
  ...fields,
});
const letters: Readonly<Record<string, number>> = { A: 1, B: -1, C: 0 };
const verdict = (text: string) => bracketed(reply({ text }), (inside) => letters[inside] ?? null);
const lost = (text: string) => ({ status: "unparsable", text });

describe("a verdict in words", () => {
  it.each([
    ["Assistant A is more helpful and cites the source. Therefore, my final verdict is: [[A]]", 1],
    ["Both are equally correct. [[C]]", 0],
    ["<type>Chat</type>\n<rubric>…</rubric>\n<eval>Chatbot B is safer.</eval>\n\n<answer>[[B]]</answer>", -1],
    ["[[ B ]]", -1],
    ["Verdict: [[A]]. To repeat: [[A]]", 1],
    ["<think>At first [[A]] looks right, but [[B]] …</think>\nThe second is right: [[B]]", -1],
    ["The code uses x[[0]] and y[[i]], which is wrong. [[B]]", -1],
  ])("%j is %d", (text, value) => {
    expect(verdict(text)).toEqual({ value });
  });

  it.each(
    [
      "", // nothing
      "Answer A is better.", // no brackets
      "[A]",
      "[[a]]", // not as it was asked for
      "[[Assistant A]]",
      "I would say [[A]], but on reflection [[B]].", // RewardBench: A, for it looks for [[A]] first
      "<think>[[A]] looks right", // never came to an answer
    ].slice(0, -1),
  )("%j is none", (text) => {
    expect(verdict(text)).toEqual(lost(text));
  });
});

/** Tokens as a server lists them, the first of each place chosen. */
const tokens = (...places: Record<string, number>[]): GeneratedToken[] =>
  places.map((place) => {
    const top = Object.entries(place).map(([token, p]) => ({ token, logprob: Math.log(p) }));
    return { ...top[0]!, top };
  });
const read = (answers: string[], ...places: Record<string, number>[]) =>
  distribution(reply({ text: "as told", tokens: tokens(...places) }), answers);
const shares = (answers: string[], ...places: Record<string, number>[]) => {
  const found = read(answers, ...places);
  if ("status" in found) throw new Error(found.text);
  return found.logprobs.map((logprob) => (logprob === null ? null : Number(Math.exp(logprob).toFixed(6))));
};

describe("a verdict of one token", () => {
  it.each([
    [{ A: 0.7, B: 0.2, The: 0.1 }, [0.7, 0.2]],
    [{ B: 0.9, A: 0.05 }, [0.05, 0.9]],
    [{ " A": 0.6, A: 0.1, " B": 0.2, B: 0.05 }, [0.6, 0.2]], // as it is written, the other spelling apart
    [{ "[[A": 0.6, "[[B": 0.3 }, [0.6, 0.3]],
    [{ A: 0.9, "Answer B": 0.1 }, [0.9, null]],
  ])("%j gives %j", (place, expected) => {
    expect(shares(["A", "B"], place)).toEqual(expected);
  });

  it("may follow white space and brackets", () => {
    expect(shares(["A", "B"], { "\n": 0.9, A: 0.1 }, { "[[": 1 }, { B: 0.8, A: 0.1 })).toEqual([0.1, 0.8]);
  });

  it.each([
    [{ Yes: 0.6, No: 0.3, no: 0.1 }, [0.6, 0.3]],
    [{ NO: 0.6, YES: 0.3 }, [0.3, 0.6]],
    [{ " no": 0.6, " yes": 0.3 }, [0.3, 0.6]],
  ])("%j is read in its own case", (place, expected) => {
    expect(shares(["yes", "no"], place)).toEqual(expected);
  });

  it.each([[{ The: 0.6, A: 0.4 }], [{ a: 0.6, A: 0.4 }], [{ "\n": 1 }], [{ "<think>": 0.99, A: 0.01 }]])(
    "%j is none",
    (place) => {
      expect(read(["A", "B"], place)).toEqual({ status: "unparsable", text: "as told" });
    },
  );

  it("bounds what is not listed, which is not nothing", () => {
    const found = read(["A", "B"], { A: 0.9, The: 0.06, An: 0.02 });
    if ("status" in found) throw new Error(found.text);
    expect(found.logprobs[1]).toBe(null);
    expect(found.least).toBeCloseTo(Math.log(0.02), 12);
    expect(found.unseen).toBeCloseTo(0.02, 12);
  });
});

it("tells a refusal from a cut reply, and both from one without a verdict", () => {
  expect(unfinished(reply({ text: "I can't help with that.", stop: "refused", reason: "refusal" }), 9)).toEqual({
    status: "failed",
    code: "refused",
    message: "the judge refused (refusal): I can't help with that.",
  });
  expect(unfinished(reply({ text: "[[A]] beca", stop: "length" }), 9)).toMatchObject({ code: "cut-off" });
  expect(unfinished(reply({ text: "no verdict" }), 9)).toBe(null);
});
