import type { Document, Message, Response } from "../pairs/pair.ts";

/**
 * One conversation to be rewarded: everything that reaches the model, and therefore everything of the score key
 * that does not belong to the model itself.
 */
export interface Conversation {
  prompt: readonly Message[];
  /** Retrieved documents and the name of the template that renders them into the prompt. */
  documents: { template: string; items: readonly Document[] } | null;
  /** Tool definitions as JSON text. */
  tools: string | null;
  response: Response;
}

/** What can be asked of a reward model. Pairwise questions are always asked in both orders. */
export type Question =
  | { kind: "pointwise"; of: Conversation }
  | { kind: "pairwise"; a: Conversation; b: Conversation }
  | { kind: "listwise"; of: readonly Conversation[] };

export type QuestionKind = Question["kind"];

export type Side = "chosen" | "rejected";

/**
 * One question with its place in the score table: the row of the pair, the side and index of the response that it
 * scores, and for pairwise questions the order (0: that response is `a`, 1: it is `b`).
 */
export interface Unit {
  question: Question;
  row: number;
  side: Side;
  index: number;
  order: 0 | 1;
}
