import type { ContextPair, Document, Message, Response } from "../pairs/pair.ts";

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
  /** Reference answer of the pair; only models with a `referenceTag` are told one. */
  reference?: string;
  /**
   * Annotated pairs of the user on whose behalf it is asked, in a drawn order; empty where nothing of the user
   * is known, absent where no user is meant.
   */
  context?: readonly ContextPair[];
}

/**
 * What can be asked of a reward model. Pairwise questions are always asked in both orders; the candidates of a listwise
 * question stand in an order that says nothing of their labels.
 */
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
  /** Place of the response among the candidates of a listwise question, which all its units share. */
  candidate?: number;
}
