import type { Answered, HttpClient } from "./client.ts";
import type { ServerSettings } from "./settings.ts";
import type { Text } from "./text.ts";

/**
 * What one kind of server speaks. `vllm.ts` is the example; everything that servers share (retries, order, drift,
 * activation, splitting) is not in here.
 */
export interface Dialect {
  name: string;
  /** Variables of the environment that may hold the key, beside RMBENCH_API_KEY. */
  keys: readonly (string | AccountKey)[];
  /** What is sent where there is no tokenizer of ours; null: there must be one, or a plain transcript asked for. */
  input: "messages" | "pair" | null;
  /** Whether the server's default activation can be switched off in a request. */
  switchable: boolean;
  /** Whether scores come with the place of their text. */
  indexed: boolean;
  /** Settings of `server:` that this kind reads beside the common ones. */
  reads: readonly (keyof ServerSettings)[];
  /** Reads limits and names from the server. @throws as `HttpClient.json`. */
  connect(call: Call): Promise<Connected>;
}

/** The key of an account that is good for more than one server: it goes to its provider alone, and only encrypted. */
export interface AccountKey {
  /** The variable that holds it. */
  name: string;
  /** The provider's domains, with all below them. */
  domains: readonly string[];
}

export interface Call {
  client: HttpClient;
  /** After `#`, or null. */
  model: string | null;
  settings: ServerSettings;
  form: "messages" | "pair" | "plain" | "rendered";
  signal: AbortSignal;
  warn: (message: string) => void;
}

export interface Connected {
  /** Most texts in one request. */
  batch: number;
  dtype: string | null;
  runtime: string | null;
  /** How the server tokenises a text as `score` sends it, in tokens; null: it does not tell. */
  count: ((text: Text, signal: AbortSignal) => Promise<number | null>) | null;
  /** One reward per text, in order. @throws BadAnswer, and as `HttpClient.json`. @param raw without the activation. */
  score(texts: readonly Text[], raw: boolean, signal: AbortSignal): Promise<Reward[]>;
}

export interface Reward {
  value: number;
  attributes?: Readonly<Record<string, number>>;
  /** Tokens of the input, where the server tells them for this text. */
  tokens?: number;
}

/** An answer that fits the request in form but not in content: too few scores, too many, a place twice, no number. */
export class BadAnswer extends Error {
  override readonly name = "BadAnswer";
}

/**
 * What `read` makes of an answer.
 * @param place where in the answer it looks, as the user wrote it.
 * @throws BadAnswer with the beginning of the answer, where `read` throws one.
 */
export function readAnswer<T>({ body, start }: Answered, read: (body: unknown) => T, place = ""): T {
  try {
    return read(body);
  } catch (error) {
    if (!(error instanceof BadAnswer)) throw error;
    const shown = start === "" ? "was empty" : `begins with ${JSON.stringify(start)}`;
    throw new BadAnswer(`${error.message}${place}; the answer ${shown}`);
  }
}

/** The number that stands for a reward. @throws BadAnswer for anything else; NaN and infinities are numbers. */
export function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  throw new BadAnswer(`a score is ${JSON.stringify(value) ?? "missing"}, not a number`);
}

/** The reward among a text's outputs. @throws BadAnswer for several without a choice. */
export function pick(outputs: readonly unknown[], scoreIndex: number | string | undefined): number {
  if (outputs.length > 1 && typeof scoreIndex !== "number") {
    throw new BadAnswer(
      `the model has ${outputs.length} outputs; \`--server scoreIndex=<place>\` says which is the reward`,
    );
  }
  return numberOf(outputs[typeof scoreIndex === "number" ? scoreIndex : 0]);
}

/** Entries in the order of their `index`. @throws BadAnswer unless every place from 0 to `count` − 1 is there once. */
export function byIndex<T extends Readonly<Record<string, unknown>>>(entries: readonly T[], count: number): T[] {
  counted(entries, count);
  const placed: (T | undefined)[] = Array.from({ length: count });
  for (const entry of entries) {
    const at = entry["index"];
    if (typeof at !== "number" || !Number.isInteger(at) || at < 0 || at >= count || placed[at] !== undefined) {
      throw new BadAnswer(`the places of ${count} scores are ${JSON.stringify(entries.map(({ index }) => index))}`);
    }
    placed[at] = entry;
  }
  return placed as T[];
}

/** @throws BadAnswer where the number of scores is not that of texts. */
export function counted<T>(entries: readonly T[], count: number): readonly T[] {
  if (entries.length !== count) throw new BadAnswer(`${entries.length} scores for ${count} texts`);
  return entries;
}
