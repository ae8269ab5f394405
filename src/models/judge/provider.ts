/** What every judge is asked and answers, whoever provides it. */

interface Turn {
  role: "user" | "assistant";
  content: string;
}

/** One request for text. */
export interface Call {
  system: string;
  turns: readonly Turn[];
}

/** How a reply is to be drawn; all of it is part of the identity. */
export interface Sampling {
  /** Null: not sent. */
  temperature: number | null;
  /** Null: not sent. */
  seed: number | null;
  /** Most tokens of the reply, those of reasoning included. */
  maxTokens: number;
  /** Whether log-probabilities of the most likely tokens are asked for. */
  logprobs: boolean;
}

export interface TokenChoice {
  token: string;
  /** Natural logarithm. */
  logprob: number;
}

/** A generated token with the most likely ones in its place, itself among them where the server lists it. */
export interface GeneratedToken extends TokenChoice {
  top: readonly TokenChoice[];
}

export interface Usage {
  input: number;
  output: number;
}

export interface Reply {
  text: string;
  /** `length`: cut at `maxTokens`. `refused`: by the model or by a filter of its provider. */
  stop: "end" | "length" | "refused";
  /** The provider's own word for it. */
  reason: string;
  /** Null where the server gives no log-probabilities. */
  tokens: readonly GeneratedToken[] | null;
  /** Tokens as the provider counts and bills them; null where it does not say. */
  usage: Usage | null;
}

export interface Provider {
  /** Path below the base URL. */
  path(model: string): string;
  /** Headers that carry the key: secrets. */
  credentials(key: string | undefined): Record<string, string>;
  /** Headers that may be shown. */
  headers: Readonly<Record<string, string>>;
  body(model: string, call: Call, sampling: Sampling): Record<string, unknown>;
  /** @throws ZodError where the reply has not the provider's shape. */
  read(reply: unknown): Reply;
  /** Whether it has log-probabilities: always asked for by default, on request, or never. */
  logprobs: "default" | "on request" | "never";
  /** Whether a seed can be sent. */
  seeds: boolean;
}
