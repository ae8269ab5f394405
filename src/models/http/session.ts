import { createHash } from "node:crypto";
import { RmbenchError } from "../../errors.ts";
import type { Prepared, Score, Session } from "../reward-model.ts";
import type { HttpClient } from "./client.ts";
import { BadAnswer, type Connected, type Dialect, type Reward } from "./dialect.ts";
import { isTooLong, Refused } from "./refused.ts";
import type { ServerSettings } from "./settings.ts";
import type { Text } from "./text.ts";

/** Refusals of single texts in a row, with no score between them, after which the server is given up. */
const mostRefusals = 12;

export interface ServerSession {
  client: HttpClient;
  dialect: Dialect;
  connected: Connected;
  activation: NonNullable<ServerSettings["activation"]>;
  batchSize: number | null;
}

/** Scores texts on a server: in requests as large as it takes, split where it refuses them, with their order checked. */
export function sessionOn({ client, dialect, connected, activation, batchSize }: ServerSession): Session {
  const size = Math.max(1, Math.min(connected.batch, batchSize ?? connected.batch));
  const single = singly(client);

  const one = (text: Text, signal: AbortSignal): Promise<Score> =>
    single.ask(async () => scoreOf((await connected.score([text], activation === "off", signal))[0]!, activation));

  const request = async (texts: readonly Text[], signal: AbortSignal): Promise<Score[]> => {
    if (texts.length === 1) return [await one(texts[0]!, signal)];
    let rewards: Reward[];
    try {
      rewards = await connected.score(texts, activation === "off", signal);
      single.answered();
    } catch (error) {
      failureOf(error, client);
      // One text that a server refuses takes the others of its request with it.
      const middle = Math.ceil(texts.length / 2);
      return [...(await request(texts.slice(0, middle), signal)), ...(await request(texts.slice(middle), signal))];
    }
    if (!dialect.indexed) await checkOrder(connected, texts, rewards, activation === "off", signal);
    return rewards.map((reward) => scoreOf(reward, activation));
  };

  return {
    async score(batch: readonly Prepared[], signal) {
      signal.throwIfAborted();
      const texts = batch.map(({ payload }) => payload as Text);
      const requests: Promise<Score[]>[] = [];
      for (let start = 0; start < texts.length; start += size)
        requests.push(request(texts.slice(start, start + size), signal));
      const settled = await Promise.allSettled(requests);
      return settled.flatMap((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
    },
    device: () => ({
      requested: "server",
      used: dialect.name,
      nodes: null,
      driver: null,
      dtype: connected.dtype,
      runtime: connected.runtime,
    }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/**
 * Asks about one text at a time: what the server refuses is that text's failure.
 * @throws RmbenchError `model` where it refuses one after the other.
 */
export function singly(client: HttpClient): { answered(): void; ask(score: () => Promise<Score>): Promise<Score> } {
  let refusals = 0;
  return {
    answered: () => void (refusals = 0),
    async ask(score) {
      try {
        const found = await score();
        refusals = 0;
        return found;
      } catch (error) {
        const failed = failureOf(error, client);
        if (failed.code !== "too-long" && ++refusals >= mostRefusals) {
          throw new RmbenchError(
            "model",
            `the server refused ${mostRefusals} texts in a row, the last with: ${failed.message}`,
          );
        }
        return failed;
      }
    },
  };
}

/** How far two scores of one text may be apart, as half precision and other batch mates move them. */
function tolerance(values: readonly number[], value: number): number {
  return 0.01 * Math.max(Math.abs(value), deviation(values));
}

/**
 * Where scores come without the place of their text, one text of each request, drawn by the texts' hash, is asked again
 * alone. Where its score is that of its place but nearer still to another's, rounding may have done it: then all are asked,
 * of which rounding moves few so near another one, and a wrong order most.
 * @throws RmbenchError `incomplete` where one gets another score, or most that of another place.
 */
export async function checkOrder(
  connected: Connected,
  texts: readonly Text[],
  rewards: readonly Reward[],
  raw: boolean,
  signal: AbortSignal,
  at = drawn(texts),
): Promise<void> {
  const values = rewards.map(({ value }) => value);
  /** Whether the text scores nearer to another place than to its own. */
  const strays = async (i: number): Promise<boolean> => {
    const [again] = await connected.score([texts[i]!], raw, signal);
    const alone = again!.value;
    const own = Math.abs(values[i]! - alone);
    if (Object.is(values[i], alone)) return false;
    if (!(own <= tolerance(values, values[i]!))) throw anotherScore(i, values, alone);
    return values.some((value, k) => k !== i && Math.abs(value - alone) < own / 10);
  };
  if (!(await strays(at))) return;
  let stray = 1;
  for (const i of texts.keys()) if (i !== at && (await strays(i))) stray++;
  if (2 * stray <= texts.length) return;
  throw new RmbenchError("incomplete", `${stray} texts of a request of ${texts.length} have the score of another`, {
    hint: asksAlone,
  });
}

const asksAlone = "the server answers in another order, or with other numbers; --batch-size 1 asks every text alone";

function anotherScore(at: number, values: readonly number[], alone: number): RmbenchError {
  return new RmbenchError(
    "incomplete",
    `text ${at + 1} of a request of ${values.length} scored ${values[at]}, and ${alone} when it was asked alone`,
    { hint: asksAlone },
  );
}

function drawn(texts: readonly Text[]): number {
  const digest = createHash("sha256")
    .update(JSON.stringify(texts.map(({ pair }) => pair)))
    .digest();
  return digest.readUInt32LE(0) % texts.length;
}

function scoreOf({ value, attributes, tokens }: Reward, activation: ServerSession["activation"]): Score {
  const reward = activation === "invert" ? Math.log(value / (1 - value)) : value;
  return { status: "ok", value: reward, ...(attributes && { attributes }), ...(tokens !== undefined && { tokens }) };
}

/** What a refusal means for one text. @throws whatever is no matter of one text. */
function failureOf(error: unknown, client: HttpClient): Extract<Score, { status: "failed" }> {
  if (error instanceof BadAnswer)
    return { status: "failed", code: "bad-answer", message: client.redact(error.message) };
  if (!(error instanceof Refused)) throw error;
  if (isForAll(error.status)) throw refusedAll(error);
  return { status: "failed", code: isTooLong(error) ? "too-long" : `http-${error.status}`, message: error.message };
}

function isForAll(status: number): boolean {
  return [401, 402, 403, 404, 405, 407, 501].includes(status);
}

export function refusedAll({ status, message }: Refused): RmbenchError {
  const hints: Readonly<Record<number, string>> = {
    401: "set the server's key in the environment: RMBENCH_API_KEY, or the variable of this adapter (docs/servers.md)",
    403: "the key in the environment may not do this",
    404: "is the address that of the server's root, and the model's name after # right?",
  };
  const hint = hints[status];
  return new RmbenchError("model", message, hint === undefined ? {} : { hint });
}

/** Standard deviation of those that are finite. */
function deviation(all: readonly number[]): number {
  const values = all.filter(Number.isFinite);
  if (values.length < 2) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}
