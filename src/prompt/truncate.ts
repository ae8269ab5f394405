import type { Conversation } from "../questions/question.ts";

/** A conversation that fits, encoded, and what it lost on the way. */
export interface Fitted<E> {
  encoded: E;
  /** Whether turns were dropped or the response was cut. */
  truncated: boolean;
  droppedDocuments: number;
}

export interface TooLong {
  /** Tokens of the conversation as it was, and of the shortest form that the rules allow. */
  tokens: number;
  shortest: number;
}

/**
 * Fits a conversation into `maxLength` tokens:
 * 1. documents go one by one from the end, the least relevant first;
 * 2. then the oldest exchanges, each from a user turn up to the next one; system turns stay, and so do the last user
 *    turn and all that follows it;
 * 3. then, where `truncate` asks for it, the response loses its right or left side: the longest part that fits stays.
 * No more is dropped than is needed. A conversation that fits is encoded exactly once.
 *
 * @param encode renders and tokenises; its result's `length` counts all tokens, special ones included.
 */
export function fit<E extends { readonly length: number }>(
  conversation: Conversation,
  encode: (conversation: Conversation) => E,
  maxLength: number | null,
  truncate: "never" | "response-left" | "response-right",
): Fitted<E> | TooLong {
  const whole = encode(conversation);
  if (maxLength === null || whole.length <= maxLength) return { encoded: whole, truncated: false, droppedDocuments: 0 };

  let longest = whole.length;
  const search = (high: number, candidate: (step: number) => Conversation) => {
    const result = firstFitting(high, longest, (step) => encode(candidate(step)), maxLength);
    longest = result.shortest;
    return result;
  };

  const documents = conversation.documents?.items.length ?? 0;
  const withoutDocuments = (count: number): Conversation => ({
    ...conversation,
    documents: conversation.documents && {
      ...conversation.documents,
      items: conversation.documents.items.slice(0, documents - count),
    },
  });
  const fewer = search(documents, withoutDocuments);
  if (fewer.found !== null) return { encoded: fewer.found, truncated: false, droppedDocuments: fewer.step };

  const bare = withoutDocuments(documents);
  const starts = bare.prompt.flatMap(({ role }, at) => (role === "user" ? [at] : []));
  const withoutTurns = (count: number): Conversation => {
    const from = starts[count] ?? 0;
    return { ...bare, prompt: bare.prompt.filter(({ role }, at) => at >= from || role === "system") };
  };
  const shorter = search(starts.length - 1, withoutTurns);
  if (shorter.found !== null) return { encoded: shorter.found, truncated: true, droppedDocuments: documents };

  const last = starts.length > 1 ? withoutTurns(starts.length - 1) : bare;
  const shortest = longest;
  const { response } = last;
  if (truncate !== "never" && typeof response === "string") {
    const cut = search(response.length, (units) => ({ ...last, response: without(response, units, truncate) }));
    if (cut.found !== null) return { encoded: cut.found, truncated: true, droppedDocuments: documents };
  }
  return { tokens: whole.length, shortest };
}

/** Encodings that follow the straight line between the ends of the bracket; whatever is left then is halved. */
const mostGuesses = 8;

/**
 * The smallest step in [1, high] whose encoding fits; each step further is shorter. Tokens are spread evenly enough over
 * a text that a straight line between the lengths known finds the place in a few encodings, where halving takes a dozen.
 *
 * @param longest tokens at step 0, more than `maxLength`.
 * @returns `found` null where even step `high` is too long; `shortest` is its length.
 */
function firstFitting<E extends { readonly length: number }>(
  high: number,
  longest: number,
  encodeStep: (step: number) => E,
  maxLength: number,
): { step: number; found: E | null; shortest: number } {
  if (high < 1) return { step: high, found: null, shortest: longest };
  let found = encodeStep(high);
  const shortest = found.length;
  if (shortest > maxLength) return { step: high, found: null, shortest };
  let [below, step] = [{ step: 0, length: longest }, high];
  for (let guesses = 0; step - below.step > 1; guesses++) {
    const share = guesses < mostGuesses ? (below.length - maxLength - 0.5) / (below.length - found.length) : 0.5;
    const guess = Math.round(below.step + share * (step - below.step));
    const middle = Math.min(step - 1, Math.max(below.step + 1, guess));
    const encoded = encodeStep(middle);
    if (encoded.length <= maxLength) [step, found] = [middle, encoded];
    else below = { step: middle, length: encoded.length };
  }
  return { step, found, shortest };
}

/** The text without `units` UTF-16 units of one side, never splitting a surrogate pair. */
function without(text: string, units: number, side: "response-left" | "response-right"): string {
  if (side === "response-right") {
    const end = text.length - units;
    return text.slice(0, isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end);
  }
  return text.slice(isHighSurrogate(text.charCodeAt(units - 1)) ? units + 1 : units);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
