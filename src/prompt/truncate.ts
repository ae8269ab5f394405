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

  const search = (low: number, high: number, candidate: (step: number) => Conversation) =>
    firstFitting(low, high, (step) => encode(candidate(step)), maxLength);

  const documents = conversation.documents?.items.length ?? 0;
  const withoutDocuments = (count: number): Conversation => ({
    ...conversation,
    documents: conversation.documents && {
      ...conversation.documents,
      items: conversation.documents.items.slice(0, documents - count),
    },
  });
  const fewer = search(1, documents, withoutDocuments);
  if (fewer.found !== null) return { encoded: fewer.found, truncated: false, droppedDocuments: fewer.step };

  const bare = withoutDocuments(documents);
  const starts = bare.prompt.flatMap(({ role }, at) => (role === "user" ? [at] : []));
  const withoutTurns = (count: number): Conversation => {
    const from = starts[count] ?? 0;
    return { ...bare, prompt: bare.prompt.filter(({ role }, at) => at >= from || role === "system") };
  };
  const shorter = search(1, starts.length - 1, withoutTurns);
  if (shorter.found !== null) return { encoded: shorter.found, truncated: true, droppedDocuments: documents };

  const last = starts.length > 1 ? withoutTurns(starts.length - 1) : bare;
  const { response } = last;
  if (truncate !== "never" && typeof response === "string") {
    const cut = search(1, response.length, (units) => ({ ...last, response: without(response, units, truncate) }));
    if (cut.found !== null) return { encoded: cut.found, truncated: true, droppedDocuments: documents };
  }
  return { tokens: whole.length, shortest: last === conversation ? whole.length : encode(last).length };
}

/** The smallest step in [low, high] whose encoding fits, by bisection: each step further is shorter. */
function firstFitting<E extends { readonly length: number }>(
  low: number,
  high: number,
  encodeStep: (step: number) => E,
  maxLength: number,
): { step: number; found: E | null } {
  let best: { step: number; found: E | null } = { step: high, found: null };
  if (low > high) return best;
  const most = encodeStep(high);
  if (most.length > maxLength) return best;
  best = { step: high, found: most };
  let below = low - 1;
  while (best.step - below > 1) {
    const middle = (below + best.step) >> 1;
    const encoded = encodeStep(middle);
    if (encoded.length <= maxLength) best = { step: middle, found: encoded };
    else below = middle;
  }
  return best;
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
