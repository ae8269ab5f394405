/** How a judge's reply becomes a verdict, or says that it is none. A reply without a verdict is never a loss. */
import type { Score } from "../reward-model.ts";
import type { Reply, TokenChoice } from "./provider.ts";

export type NoScore = Extract<Score, { status: "unparsable" | "failed" }>;

/** A refusal is no answer that could not be read: it has a code of its own. */
export function refusalOf({ stop, reason, text }: Reply): NoScore | null {
  if (stop !== "refused") return null;
  const said = text === "" ? "" : `: ${text}`;
  return { status: "failed", code: "refused", message: `the judge refused (${reason})${said}` };
}

/** A refusal, or a reply that was cut before it came to an end. */
export function unfinished(reply: Reply, maxTokens: number): NoScore | null {
  if (reply.stop !== "length") return refusalOf(reply);
  const message = `the judge's reply was cut at ${maxTokens} tokens; raise judge.maxTokens`;
  return { status: "failed", code: "cut-off", message };
}

/**
 * The verdict in double square brackets. What is thought (`<think>…</think>`, also without its beginning or end) is no
 * part of the answer. Two different verdicts in
 * one reply are no verdict (RewardBench takes `[[A]]` where both stand, arXiv 2403.13787; RM-R1 reads them as we do).
 * @param meaning the value of what stands between the brackets, or null where it is no verdict
 */
export function bracketed(
  { text }: Reply,
  meaning: (inside: string) => number | null,
): { value: number } | Extract<Score, { status: "unparsable" }> {
  const answer = text.split("</think>").at(-1)!.split("<think>")[0]!;
  const values = new Set<number>();
  for (const [, inside] of answer.matchAll(/\[\[([^[\]]*)\]\]/g)) {
    const value = meaning(inside!.trim());
    if (value !== null) values.add(value);
  }
  const [value] = values;
  return values.size === 1 ? { value: value! } : { status: "unparsable", text };
}

/** What is wrong with a reply's log-probabilities, or null. Rounding may put that of a sure token a little above 0. */
export function impossible({ tokens }: Reply): string | null {
  const odd = tokens?.flatMap((chosen) => [chosen, ...chosen.top]).find(({ logprob }) => logprob > 0.001);
  return odd === undefined
    ? null
    : `the token ${JSON.stringify(odd.token)} has the log-probability ${odd.logprob}, and none is above 0`;
}

/** What the log-probabilities say of the answers that a prompt allows. */
export interface Distribution {
  /** Natural log-probability of each answer; null where it is not among the tokens that the server lists. */
  logprobs: readonly (number | null)[];
  /** Log-probability of the least likely token listed: an upper bound of every answer that is not. */
  least: number;
  /** Probability of all that is not listed. */
  unseen: number;
}

/**
 * Probabilities of the answers in the place of the first token that says something: tokens of white space, quotes,
 * brackets and asterisks are passed over. That token must itself be an answer; the others are looked for as it is
 * written (` A` and ` B`, `Yes` and `No`), so that no answer gains by having more spellings among the tokens listed.
 * @param answers single letters and digits count as written, words (given in lower case) in any case
 */
export function distribution(
  reply: Reply,
  answers: readonly string[],
): Distribution | Extract<Score, { status: "unparsable" }> {
  const said = (reply.tokens ?? []).find(({ token }) => bare(token) !== "");
  const word = bare(said?.token ?? "");
  if (said === undefined || !answers.some((answer) => word === answer || (answer.length > 1 && lower(word) === answer)))
    return { status: "unparsable", text: reply.text };
  const listed: TokenChoice[] = said.top.some(({ token }) => token === said.token)
    ? [...said.top]
    : [said, ...said.top];
  // Of two tokens that read alike the more likely one counts.
  listed.sort((a, b) => a.logprob - b.logprob);
  const probabilities = new Map(listed.map(({ token, logprob }) => [token, logprob]));
  const sum = listed.reduce((total, { logprob }) => total + Math.exp(logprob), 0);
  return {
    logprobs: answers.map((answer) => probabilities.get(said.token.replace(word, writtenAs(word, answer))) ?? null),
    least: listed[0]!.logprob,
    unseen: Math.max(0, 1 - sum),
  };
}

/** The answer in the letter case of a word. */
function writtenAs(word: string, answer: string): string {
  if (word === lower(word)) return answer;
  const capitals = answer.toUpperCase();
  return word === word.toUpperCase() ? capitals : capitals[0] + answer.slice(1);
}

function lower(text: string): string {
  return text.toLowerCase();
}

function bare(token: string): string {
  return token.replace(/[\s"'*[\]().:]/g, "");
}
