import { createHash, hash } from "node:crypto";
import type { ContextPair, Response } from "../pairs/pair.ts";
import { mapConversations } from "./conversations.ts";
import type { Question } from "./question.ts";

/** Every pair of a user is in the context of many of the user's questions. */
const known = new WeakMap<ContextPair, string>();

/** sha256 of all that a context pair says, in base64. */
export function contextDigest(pair: ContextPair): string {
  let digest = known.get(pair);
  if (digest === undefined) {
    const turns = (messages: ContextPair["prompt"]) => messages.map(({ role, content }) => [role, content]);
    const answer = (response: Response) => (typeof response === "string" ? response : turns(response));
    digest = hash("sha256", JSON.stringify([turns(pair.prompt), answer(pair.chosen), answer(pair.rejected)]), "base64");
    known.set(pair, digest);
  }
  return digest;
}

/** Of a pair's content and of what is told of its user: the pair's own where nothing is. 16 bytes. */
export function fingerprintInContext(fingerprint: Uint8Array, context: readonly ContextPair[]): Uint8Array {
  if (context.length === 0) return fingerprint;
  const digest = createHash("sha256").update(fingerprint);
  for (const pair of context) digest.update(contextDigest(pair));
  return digest.digest().subarray(0, fingerprint.length);
}

/** The question, asked on behalf of a user of whom `context` is known. */
export function inContext(question: Question, context: readonly ContextPair[]): Question {
  return mapConversations(question, (of) => ({ ...of, context }));
}
