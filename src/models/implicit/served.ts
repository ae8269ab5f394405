import { RmbenchError } from "../../errors.ts";
import { parseAddress } from "../http/address.ts";
import type { HttpClient } from "../http/client.ts";
import { BadAnswer } from "../http/dialect.ts";
import { Refused } from "../http/refused.ts";
import { routingOf } from "../http/routing.ts";
import { connectTo, defaults } from "../http/server.ts";
import { refusedAll, singly } from "../http/session.ts";
import type { ServerSettings } from "../http/settings.ts";
import type { ModelContext, ModelOptions, Prepared, Score, Session } from "../reward-model.ts";
import type { Likelihood } from "./likelihood.ts";
import { sumOf } from "./reward.ts";
import type { Span } from "./span.ts";
import { logprobsOf, type Wire } from "./wire.ts";

/** Settings of `server:` that are read here. */
const known: readonly (keyof ServerSettings)[] = ["tokenizer", "ca", "patience", "concurrency", "headers"];

/** A language model behind a server. Describing it asks the server nothing: a stored run needs none. */
export function openServed(
  wire: Wire,
  reference: string,
  options: ModelOptions,
  context: ModelContext,
): Omit<Likelihood, "reader"> {
  const address = parseAddress(`implicit:${wire.name}`, reference);
  const id = `${wire.name}:${address.base}${address.model === null ? "" : `#${address.model}`}`;
  const settings = settingsFor(id, options.server ?? {});
  return {
    id,
    identity: {
      server: `${wire.name} ${address.base}`,
      model: address.model ?? "the server's only one",
      ...routingOf(address.query, settings.headers),
    },
    batchTokens: options.batchTokens ?? 1 << 20,
    batchSize: options.batchSize ?? defaults.batchSize,
    served: true,
    async open(signal) {
      const client = await connectTo(address, wire, settings, options, context);
      try {
        return sessionOn(client, wire, await wire.model(address.model, client, signal));
      } catch (error) {
        await client[Symbol.asyncDispose]();
        if (error instanceof Refused) throw refusedAll(error);
        throw error;
      }
    },
  };
}

function sessionOn(client: HttpClient, wire: Wire, model: string | null): Session {
  const single = singly(client);
  let asked = false;
  const score = async (span: Span, signal: AbortSignal): Promise<Score> => {
    const { body } = await client.json(wire.request(span, model), signal);
    const vector = logprobsOf(wire.read(body, span), span);
    asked = true;
    return { status: "ok", value: sumOf(vector), vector };
  };
  const first = async (span: Span, signal: AbortSignal): Promise<Score> => {
    try {
      return await score(span, signal);
    } catch (error) {
      // What the very first text meets is the server's way, and no matter of this text.
      if (asked || !(error instanceof BadAnswer)) throw error;
      throw new RmbenchError("model", `${wire.name}: ${client.redact(error.message)}`, {
        hint: "implicit: needs log-probabilities of given tokens: vLLM's prompt_logprobs or SGLang's input_token_logprobs",
      });
    }
  };
  return {
    async score(batch: readonly Prepared[], signal) {
      signal.throwIfAborted();
      const texts = batch.map(({ payload }) => payload as Span);
      const settled = await Promise.allSettled(texts.map((span) => single.ask(() => first(span, signal))));
      return settled.map((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
    },
    device: () => ({
      requested: "server",
      used: wire.name,
      nodes: null,
      driver: null,
      dtype: null,
      runtime: null,
    }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** @throws RmbenchError `usage` for a setting that is not read. */
function settingsFor(id: string, settings: ServerSettings): ServerSettings {
  const stray = (Object.keys(settings) as (keyof ServerSettings)[]).filter(
    (key) => settings[key] !== undefined && !known.includes(key),
  );
  if (stray.length === 0) return settings;
  throw new RmbenchError("usage", `implicit: on ${id} has no use for \`server: ${stray.join(", ")}\``, {
    hint: `it reads ${known.join(", ")}`,
  });
}
