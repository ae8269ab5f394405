import type { HttpClient, Sent } from "../http/client.ts";
import { BadAnswer } from "../http/dialect.ts";
import type { Span } from "./span.ts";

/** How one kind of server is asked for the log-probabilities of given tokens. */
export interface Wire {
  /** Before the address in a spec. */
  name: string;
  /** Variables of the environment that may hold the key, beside RMBENCH_API_KEY. */
  keys: readonly string[];
  /** What the server calls the model, where a request has to say. @throws as `HttpClient.json`. */
  model(asked: string | null, client: HttpClient, signal: AbortSignal): Promise<string | null>;
  request(span: Span, model: string | null): Sent;
  /**
   * One entry per token from the response's first on, in order.
   * @throws BadAnswer where the answer has no such list.
   */
  read(body: unknown, span: Span): readonly TokenLogprob[];
}

export interface TokenLogprob {
  /** As the server says it; anything but a number is none. */
  logprob: unknown;
  /** Whether the server says it of the token that was sent. */
  same: boolean;
}

/**
 * What an answer says of each of the response's tokens. An infinite one is an answer; one above 0 is none.
 * @throws BadAnswer where one lacks, is no log-probability, or is another token's.
 */
export function logprobsOf(entries: readonly TokenLogprob[], { ids, start }: Span): number[] {
  if (entries.length !== ids.length - start) {
    throw new BadAnswer(`${entries.length} log-probabilities for ${ids.length - start} tokens of the response`);
  }
  return entries.map(({ logprob, same }, i) => {
    const token = `token ${start + i} (id ${ids[start + i]})`;
    if (!same) throw new BadAnswer(`the log-probability of ${token} is of another token`);
    if (typeof logprob !== "number") throw new BadAnswer(`${token} has no log-probability`);
    // Rounding may put a sure token a little above 0.
    if (logprob > 0.001) throw new BadAnswer(`${token} has ${logprob}, which is no log-probability`);
    return logprob;
  });
}
