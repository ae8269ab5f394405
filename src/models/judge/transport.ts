import { resolve } from "node:path";
import { RmbenchError } from "../../errors.ts";
import { HttpClient } from "../http/client.ts";
import { objectOf, parseJson } from "../http/json.ts";
import { isTooLong, Refused } from "../http/refused.ts";
import type { ModelContext, ModelOptions } from "../reward-model.ts";
import type { Provider } from "./provider.ts";
import { recording, replaying, type Post } from "./record.ts";
import { keyNames, type JudgeReference } from "./reference.ts";
import type { Gate } from "./gate.ts";
import { NoReply } from "./no-reply.ts";
import type { Transport } from "./session.ts";

/** A judge may reason for minutes before its reply comes, all at once. */
const timeout = 600;
const patience = 300;

/** Questions asked at once at most; the connection decides how many requests are in flight. */
export const concurrency = 32;

/** Refusals that every other request would meet as well: no key, no money, no permission, no such model. */
const final = [401, 402, 403, 404];

/**
 * The way to the judge: its server, or a file of recorded replies.
 * @param gate what ends the run there keeps requests from being sent that wait for their turn.
 * @throws RmbenchError `model` where a provider's own service has no key, `data` where the recording cannot be read.
 */
export async function connect(
  reference: JudgeReference,
  provider: Provider,
  options: ModelOptions,
  context: ModelContext,
  gate: Gate,
): Promise<Transport> {
  const { record, replay } = options.judge ?? {};
  if (replay !== undefined) {
    const post = await replaying(resolve(context.cwd, replay));
    return { post, [Symbol.asyncDispose]: async () => {} };
  }
  const name = keyNames[reference.provider];
  const key = context.env[name] || undefined;
  if (key === undefined && reference.hosted) {
    throw new RmbenchError("model", `${reference.base} needs a key, and ${name} is not set`, {
      hint: `export ${name}=… ; it is sent to this server only, and kept nowhere`,
    });
  }
  const client = await HttpClient.create(
    {
      base: reference.base,
      headers: provider.credentials(key),
      timeout: options.timeout ?? timeout,
      patience,
      concurrency,
      ca: null,
    },
    context,
  );
  const post: Post = async (path, body, signal) => {
    try {
      const sent = { path, body, headers: provider.headers, retries, before: () => gate.check() };
      const { body: reply } = await client.json(sent, signal);
      return key === undefined ? reply : without(key, reply, client);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const forAll = final.includes(error.status) || outOfQuota(error) || refusedSetting(error) !== null;
      if (!forAll) throw ofOne(error);
      throw new RmbenchError("model", error.message, { hint: remedy(error, name, reference), cause: error });
    }
  };
  return {
    post: record === undefined ? post : recording(post, resolve(context.cwd, record)),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** A refusal that other requests may not meet. */
function ofOne(refused: Refused): NoReply {
  const { status, message } = refused;
  const { code } = errorOf(refused);
  const setting = namedSetting(refused);
  return new NoReply(`http-${status}`, message, {
    ...(setting !== null && { hint: `set ${setting} in the configuration` }),
    ofText: isTooLong(refused) || ["content_filter", "content_policy_violation"].includes(String(code)),
  });
}

/** A reply as the server gave it, were it not for the key that it repeats. */
function without(key: string, reply: unknown, client: HttpClient): unknown {
  const text = JSON.stringify(reply);
  return text.includes(key) ? JSON.parse(client.redact(text)) : reply;
}

/** As OpenAI's and Anthropic's own clients do; an account without money does not get richer by waiting. */
function retries(refused: Refused): boolean {
  const told = refused.headers["x-should-retry"];
  if (told === "true" || told === "false") return told === "true";
  return ([408, 409, 429].includes(refused.status) && !outOfQuota(refused)) || refused.status >= 500;
}

function outOfQuota(refused: Refused): boolean {
  const { code, type } = errorOf(refused);
  return refused.status === 429 && [code, type].includes("insufficient_quota");
}

/** Settings that a server may not take, by the name of the parameter that it refuses. */
const settings: Readonly<Record<string, string>> = {
  logprobs: "judge.logprobs: false",
  top_logprobs: "judge.logprobs: false",
  temperature: "judge.temperature: null",
  seed: "judge.seed: null",
};

/** The setting without which the server might answer, or null. */
function refusedSetting(refused: Refused): string | null {
  if (refused.status !== 400 && refused.status !== 422) return null;
  const { param } = errorOf(refused);
  return (typeof param === "string" ? settings[param] : undefined) ?? null;
}

/** The setting that the server's sentence names, or null: a guess, since it may repeat a text. */
function namedSetting({ status, said }: Refused): string | null {
  if (status !== 400 && status !== 422) return null;
  const [, name = ""] = /\b(?:top_?|response_?)?(logprobs|temperature|seed)\b/i.exec(said) ?? [];
  return settings[name.toLowerCase()] ?? null;
}

function errorOf({ body }: Refused): Readonly<Record<string, unknown>> {
  try {
    return objectOf(objectOf(parseJson(body)).error);
  } catch {
    return {};
  }
}

function remedy(refused: Refused, keyName: string, { model }: JudgeReference): string {
  const setting = refusedSetting(refused);
  if (setting !== null) return `set ${setting} in the configuration`;
  if (refused.status === 401 || refused.status === 403) return `the key is read from ${keyName}`;
  if (refused.status === 404) return `does the server have a model ${model}, and is this its base URL?`;
  return "the account of the key has nothing left to spend";
}
