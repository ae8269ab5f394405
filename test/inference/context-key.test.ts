import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { identityHash, promptKey, scoreKey } from "../../src/inference/key.ts";
import type { ContextPair } from "../../src/pairs/pair.ts";
import { inContext } from "../../src/questions/context.ts";
import type { Question } from "../../src/questions/question.ts";

const identity = identityHash({ adapter: "test" });
const conversation = { prompt: [{ role: "user", content: "Q" }], documents: null, tools: null, response: "A" };
const question: Question = { kind: "pointwise", of: conversation };
const told = (chosen: ContextPair["chosen"], rejected = "worse"): ContextPair => ({
  prompt: [{ role: "user", content: "earlier" }],
  chosen,
  rejected,
});

test("a question without context keeps the key that it always had", () => {
  const digest = createHash("sha256")
    .update(identity)
    .update(JSON.stringify(["pointwise", [[["user", "Q"]], null, null, "A"]]))
    .digest();
  expect(scoreKey(identity, question)).toEqual(
    Buffer.concat([Buffer.from(identity.slice(0, 16), "hex"), digest.subarray(0, 24)]),
  );
});

test("everything of the context is part of the key, and of what a common prompt is", () => {
  const turns = [{ role: "assistant", content: "better" }];
  const contexts: ContextPair[][] = [
    [],
    [told("better")],
    [told("worse", "better")],
    [told("better"), told("other")],
    [told("other"), told("better")],
    [{ ...told("better"), prompt: [{ role: "user", content: "later" }] }],
    [told(turns)],
  ];
  const asked = [question, ...contexts.map((context) => inContext(question, context))];
  expect(new Set(asked.map((one) => scoreKey(identity, one).toString("hex"))).size).toBe(asked.length);
  expect(new Set(asked.map(promptKey)).size).toBe(asked.length);
  // Equal texts are equal contexts, whether they are one object or two.
  const [a, b] = [inContext(question, [told("better")]), inContext(question, [told("better")])];
  expect(scoreKey(identity, a)).toEqual(scoreKey(identity, b));
});

test("both sides of a comparison and all candidates of a list are told the same of the user", () => {
  const context = [told("better")];
  expect(inContext({ kind: "pairwise", a: conversation, b: conversation }, context)).toEqual({
    kind: "pairwise",
    a: { ...conversation, context },
    b: { ...conversation, context },
  });
  expect(inContext({ kind: "listwise", of: [conversation] }, context)).toEqual({
    kind: "listwise",
    of: [{ ...conversation, context }],
  });
});
