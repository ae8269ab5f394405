import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pairFormat } from "../../src/prompt/format.ts";
import { fit } from "../../src/prompt/truncate.ts";
import type { Conversation } from "../../src/questions/question.ts";

/** A tokenizer whose length anyone can check: one token per word. */
function counting() {
  const calls: Conversation[] = [];
  const encode = (conversation: Conversation) => {
    calls.push(conversation);
    const { text, pair } = pairFormat(conversation);
    const words = `${text} ${pair}`.split(/\s+/).filter((word) => word !== "");
    return { length: words.length, words: words.join(" "), conversation };
  };
  return { encode, calls };
}

const documents = {
  template: "numbered",
  items: ["one", "two", "three", "four"].map((word, at) => ({ id: `${at}`, title: "", text: `${word} ${word}` })),
};
const base: Conversation = {
  prompt: [{ role: "user", content: "what is it" }],
  documents,
  tools: null,
  response: "it is a word",
};
// Each document is three words ([i] and two more), the question three, the response four.
const dialogue: Conversation = {
  ...base,
  documents: null,
  prompt: [
    { role: "system", content: "sys" },
    { role: "user", content: "u1 u1" },
    { role: "assistant", content: "a1 a1" },
    { role: "user", content: "u2 u2" },
    { role: "assistant", content: "a2 a2" },
    { role: "user", content: "u3 u3" },
  ],
};

function fitted(conversation: Conversation, maxLength: number | null, truncate: Parameters<typeof fit>[3] = "never") {
  const { encode, calls } = counting();
  const result = fit(conversation, encode, maxLength, truncate);
  return { result, calls };
}

test.each([19, 20, null])("what fits into %s tokens is tokenised exactly once and loses nothing", (maxLength) => {
  const { result, calls } = fitted(base, maxLength);
  expect(result).toMatchObject({ truncated: false, droppedDocuments: 0, encoded: { length: 19 } });
  expect(calls).toHaveLength(1);
});

test.each([
  [18, 1, "[1] one one [2] two two [3] three three"],
  [16, 1, "[1] one one [2] two two [3] three three"],
  [15, 2, "[1] one one [2] two two"],
  [10, 3, "[1] one one"],
  [7, 4, ""],
])("documents go from the end, as few as needed: %i tokens", (maxLength, dropped, left) => {
  const { result } = fitted(base, maxLength);
  expect(result).toMatchObject({ truncated: false, droppedDocuments: dropped });
  if (!("encoded" in result)) throw new Error("too long");
  expect(result.encoded.words).toBe(`${left} what is it it is a word`.trim());
});

test("a question that does not fit without documents is too long, and nothing of it is cut", () => {
  expect(fitted(base, 6).result).toEqual({ tokens: 19, shortest: 7 });
});

// With its labels the dialogue has 20 words: sys, five turns of three, four of the response.
test.each([
  [20, ["sys", "u1 u1", "a1 a1", "u2 u2", "a2 a2", "u3 u3"], false],
  [19, ["sys", "u2 u2", "a2 a2", "u3 u3"], true],
  [14, ["sys", "u2 u2", "a2 a2", "u3 u3"], true],
  [13, ["sys", "u3 u3"], true],
  [8, ["sys", "u3 u3"], true],
])("the oldest exchanges go, never the system turn nor the last question: %i tokens", (maxLength, left, truncated) => {
  const { result } = fitted(dialogue, maxLength);
  if (!("encoded" in result)) throw new Error("too long");
  expect(result.truncated).toBe(truncated);
  expect(result.encoded.conversation.prompt.map(({ content }) => content)).toEqual(left);
});

test("documents go before turns", () => {
  const both = { ...dialogue, documents };
  expect(fitted(both, 20).result).toMatchObject({ truncated: false, droppedDocuments: 4 });
  expect(fitted(both, 19).result).toMatchObject({ truncated: true, droppedDocuments: 4 });
});

describe("a response that cannot fit", () => {
  const long = { ...base, documents: null, response: "r1 r2 r3 r4 r5" };
  test("is refused by default", () => {
    expect(fitted(long, 6).result).toEqual({ tokens: 8, shortest: 8 });
  });
  test("loses its end or its beginning where asked for, and no more than needed", () => {
    const right = fitted(long, 6, "response-right").result;
    const left = fitted(long, 6, "response-left").result;
    expect(right).toMatchObject({ truncated: true, encoded: { words: "what is it r1 r2 r3" } });
    expect(left).toMatchObject({ truncated: true, encoded: { words: "what is it r3 r4 r5" } });
  });
  test("is refused all the same where the question alone does not fit", () => {
    expect(fitted(long, 2, "response-right").result).toEqual({ tokens: 8, shortest: 8 });
  });
  test("keeps the longest part that fits, found in few encodings, however unevenly its tokens are spread", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 60 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.double({ min: 0.05, max: 0.95, noNaN: true }),
        (runs, share) => {
          // Runs of words of one length each: some of many characters a token, some of one.
          const response = runs.map(([size, count]) => `${"x".repeat(size)} `.repeat(count)).join("");
          const words = (text: unknown) =>
            String(text)
              .split(/\s+/)
              .filter((word) => word !== "");
          const maxLength = Math.max(1, Math.floor(words(response).length * share));
          let calls = 0;
          const encode = (of: Conversation) => {
            calls++;
            return Object.assign(words(of.response), { of });
          };
          const result = fit({ ...base, documents: null, response }, encode, maxLength, "response-right");
          if (!("encoded" in result)) throw new Error("an empty response always fits");
          const kept = String(result.encoded.of.response);
          expect(words(kept).length).toBeLessThanOrEqual(maxLength);
          if (kept.length < response.length) {
            expect(words(response.slice(0, kept.length + 1)).length).toBeGreaterThan(maxLength);
          }
          expect(calls).toBeLessThanOrEqual(2 + 8 + Math.ceil(Math.log2(response.length + 1)));
        },
      ),
    );
  });
  test("is never cut inside a character", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("🕒", "a", "三"), minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.constantFrom("response-left" as const, "response-right" as const),
        (response, maxLength, side) => {
          // Tokens are code points here; a lone surrogate would be one that the text does not have.
          const encode = (of: Conversation) => Object.assign([...String(of.response)], { of });
          const result = fit({ ...base, documents: null, response }, encode, maxLength, side);
          if (!("encoded" in result)) throw new Error("an empty response always fits");
          const whole = [...response];
          const kept =
            side === "response-right" ? whole.slice(0, maxLength) : whole.slice(Math.max(0, whole.length - maxLength));
          expect(String(result.encoded.of.response)).toBe(kept.join(""));
        },
      ),
    );
  });
});
