import { createHash, hash } from "node:crypto";
import { contextDigest } from "../questions/context.ts";
import type { Conversation, Question } from "../questions/question.ts";

/**
 * 32 bytes, known before anything is rendered or tokenised: 8 of the model's identity, so that its scores lie next to
 * each other, and 24 of the sha256 of identity and question.
 */
export type ScoreKey = Buffer;

/** sha256 over the identity's names and values in sorted order: 64 hexadecimal digits. */
export function identityHash(identity: Readonly<Record<string, string>>): string {
  const entries = Object.entries(identity).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(entries)).digest("hex");
}

/** The bytes with which every key of a model begins. @param identity as `identityHash` gives it. */
export function identityPrefix(identity: string): Buffer {
  return Buffer.from(identity.slice(0, 16), "hex");
}

/**
 * Key of one question to one model. Everything that reaches the model is in it: identity, prompt, documents and their
 * template, tools and response; nothing of the suite is, so suites share scores.
 * @param identity as `identityHash` gives it.
 */
export function scoreKey(identity: string, question: Question): ScoreKey {
  const digest = createHash("sha256")
    .update(identity)
    .update(JSON.stringify(canonical(question)))
    .digest();
  return Buffer.concat([identityPrefix(identity), digest.subarray(0, 24)]);
}

/** Equal for questions whose conversations begin with the same prompt, documents and tools. */
export function promptKey(question: Question): string {
  const first =
    question.kind === "pointwise" ? question.of : question.kind === "pairwise" ? question.a : question.of[0]!;
  return hash("sha256", JSON.stringify(conversation({ ...first, response: "" })), "base64");
}

function canonical(question: Question): unknown {
  switch (question.kind) {
    case "pointwise":
      return ["pointwise", conversation(question.of)];
    case "pairwise":
      return ["pairwise", conversation(question.a), conversation(question.b)];
    case "listwise":
      return ["listwise", ...question.of.map(conversation)];
  }
}

function conversation(of: Conversation): unknown {
  const response = typeof of.response === "string" ? of.response : of.response.map((m) => [m.role, m.content]);
  return [
    of.prompt.map((m) => [m.role, m.content]),
    of.documents === null ? null : [of.documents.template, of.documents.items.map((d) => [d.id, d.title, d.text])],
    of.tools,
    response,
    ...(of.context === undefined ? [] : [of.context.map(contextDigest)]),
    ...(of.reference === undefined ? [] : [{ reference: of.reference }]),
  ];
}
