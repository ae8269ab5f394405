/** Models that compare two responses: both in one input, and the score is the log-odds of the first. */
import { RmbenchError } from "../../errors.ts";
import type { Message } from "../../pairs/pair.ts";
import { withDocuments } from "../../prompt/documents.ts";
import type { Conversation, Question } from "../../questions/question.ts";
import { prepareEach, refuse } from "../prepare.ts";
import type { Prepared } from "../reward-model.ts";

/** How a model reads two responses to one prompt. */
export interface PairReading {
  /** For the identity. */
  template: string;
  /** Longest input in tokens, both responses included, or null where nothing limits it. */
  maxLength: number | null;
  /** Both conversations have the same prompt. @throws RmbenchError `model` where it cannot hold them. */
  prepare: (a: Conversation, b: Conversation) => Prepared;
}

/** Comparisons as token ids, in order; what cannot be asked is refused, one by one. */
export async function preparePairs(
  questions: readonly Question[],
  { prepare }: Pick<PairReading, "prepare">,
  takesDocuments: boolean,
): Promise<Prepared[]> {
  return prepareEach(questions, (question) => prepareOne(question, prepare, takesDocuments));
}

function prepareOne(question: Question, prepare: PairReading["prepare"], takesDocuments: boolean): Prepared {
  if (question.kind !== "pairwise")
    return refuse("unsupported", `this model compares two responses, and is not asked ${question.kind} questions`);
  const { a, b } = question;
  if (contextOf(a) !== contextOf(b))
    return refuse("unsupported", "the two responses belong to different prompts, and this model reads one prompt");
  if (a.tools !== null)
    return refuse("unsupported", "the conversation defines tools, and this model has no place for tools");
  if (a.documents !== null && a.documents.items.length > 0 && !takesDocuments)
    return refuse("unsupported", "rmbench.json of this model says that it takes no documents");
  try {
    return prepare(a, b);
  } catch (error) {
    if (!(error instanceof RmbenchError)) throw error;
    return refuse("unsupported", error.message);
  }
}

function contextOf({ prompt, documents, tools }: Conversation): string {
  return JSON.stringify([prompt, documents, tools]);
}

/**
 * The prompt's turns with its documents in the last one.
 * @throws RmbenchError `model` unless they are the user's and the assistant's in turn, the user's first and last.
 */
export function alternatingTurns({ prompt, documents }: Conversation): readonly Message[] {
  const fits =
    prompt.length % 2 === 1 && prompt.every(({ role }, at) => role === (at % 2 === 0 ? "user" : "assistant"));
  if (fits) return withDocuments(prompt, documents);
  const turns = prompt.map(({ role }) => role).join(", ");
  throw new RmbenchError(
    "model",
    `the prompt's turns are ${turns || "none"}; this model reads user and assistant in turn, the user first and last`,
  );
}

/** @throws RmbenchError `model` for a response of several messages. */
export function responseText({ response }: Conversation): string {
  if (typeof response === "string") return response;
  throw new RmbenchError("model", "a response is several messages, and this model compares two texts");
}
