import { setImmediate as nextTurn } from "node:timers/promises";
import { RmbenchError } from "../errors.ts";
import { fit } from "../prompt/truncate.ts";
import type { Conversation, Question } from "../questions/question.ts";
import type { ModelOptions, Prepared } from "./reward-model.ts";

/** How a model that scores single responses reads them. */
export interface TextReading<E extends { readonly length: number }> {
  /** Renders and tokenises; `length` counts all tokens. @throws RmbenchError `model` where it cannot. */
  encode: (conversation: Conversation) => E;
  /** Longest input in tokens, or null where nothing limits it. */
  maxLength: number | null;
  takesDocuments: boolean;
  truncate: ModelOptions["truncate"];
}

/** Questions as token ids that fit, in order; what cannot be asked is refused, one by one. */
export async function prepareTexts<E extends { readonly length: number }>(
  questions: readonly Question[],
  reading: TextReading<E>,
): Promise<Prepared[]> {
  return prepareEach(questions, (question) => prepareOne(question, reading));
}

/** Prepares one by one, in order. Tokenising a window takes seconds, for which progress and Ctrl-C must not wait. */
export async function prepareEach(
  questions: readonly Question[],
  prepare: (question: Question) => Prepared,
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const [at, question] of questions.entries()) {
    prepared.push(prepare(question));
    if (at % 64 === 63) await nextTurn();
  }
  return prepared;
}

function prepareOne<E extends { readonly length: number }>(question: Question, reading: TextReading<E>): Prepared {
  return question.kind === "pointwise"
    ? prepareConversation(question.of, reading)
    : refuse("unsupported", `this model scores single responses, not ${question.kind} questions`);
}

/** One conversation as token ids that fit, or refused. */
export function prepareConversation<E extends { readonly length: number }>(
  conversation: Conversation,
  { encode, maxLength, takesDocuments, truncate }: TextReading<E>,
): Prepared {
  if (conversation.documents !== null && conversation.documents.items.length > 0 && !takesDocuments) {
    return refuse("unsupported", "rmbench.json of this model says that it takes no documents");
  }
  try {
    const fitted = fit(conversation, encode, maxLength, truncate);
    if ("shortest" in fitted) {
      const { tokens, shortest } = fitted;
      const without = shortest < tokens ? `, ${shortest} without documents and older turns` : "";
      return refuse("too-long", `${tokens} tokens${without}; the limit is ${maxLength}`, tokens);
    }
    const { encoded, truncated, droppedDocuments } = fitted;
    if (encoded.length === 0) return refuse("unsupported", "the text has no tokens");
    return { tokens: encoded.length, truncated, droppedDocuments, refused: null, payload: encoded };
  } catch (error) {
    if (!(error instanceof RmbenchError)) throw error;
    return refuse("unsupported", error.message);
  }
}

/** A question that is never sent to the session. */
export function refuse(code: "too-long" | "unsupported", message: string, tokens = 0): Prepared {
  return { tokens, truncated: false, droppedDocuments: 0, refused: { code, message }, payload: null };
}
