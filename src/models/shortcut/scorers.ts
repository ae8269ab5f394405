import { createHash } from "node:crypto";
import { codePoints } from "../../code-points.ts";
import type { Conversation } from "../../questions/question.ts";

/** The text of a response; a trajectory's turns one after the other. */
function textOf({ response }: Conversation): string {
  return typeof response === "string" ? response : response.map((message) => message.content).join("\n");
}

/** Length of a response in Unicode code points. */
export function responseLength(conversation: Conversation): number {
  return codePoints(textOf(conversation));
}

const refusal =
  /\b(?:can(?:no|')t|can not|cannot|will not|won't|unable|not able|not going to|refuse|decline|sorry|rather not|do not want|must not|my answer is no|say no|not something I|not with my help)\b|^no\b/i;

const abstention =
  /\b(?:(?:do(?:es)?|did|is|are|was)(?: not|n't) (?:say|mention|state|contain|give|tell|include|cover|name|report|specify|know|answer|appear|stated|mentioned|given|found|answered|covered|enough)|(?:can(?:not|'t| not)|could not|couldn't) (?:say|tell|know|be (?:answered|determined)|answer|determine|find)|no (?:information|answer|mention|evidence|documents?|sources?|way to)|not enough|unable to|nothing (?:here|about|in|that)|(?:un|not )known|silent|have to guess|would be (?:a )?guess)/i;

/** Scorers that do not read: what can be had without understanding. Higher is better, as for any reward. */
export const shortcutScorers = {
  /** More characters are better. */
  longest: responseLength,
  /** Fewer characters are better. */
  shortest: (conversation) => -responseLength(conversation),
  /** More citations `[1]` are better. */
  "most-citations": (conversation) => textOf(conversation).match(/\[\d+\]/g)?.length ?? 0,
  /** A refusal is better than anything else. */
  "always-refuse": (conversation) => (refusal.test(textOf(conversation)) ? 1 : 0),
  /** An abstention is better than anything else. */
  "always-abstain": (conversation) => (abstention.test(textOf(conversation)) ? 1 : 0),
} as const satisfies Record<string, (conversation: Conversation) => number>;

export type ShortcutName = keyof typeof shortcutScorers;

/** The shortcuts that stand beside every result. */
export const shortcutNames = Object.keys(shortcutScorers) as ShortcutName[];

/** A uniform number in [0, 1) that depends on the text alone. */
export function randomScore(conversation: Conversation): number {
  const digest = createHash("sha256").update(JSON.stringify(conversation)).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
