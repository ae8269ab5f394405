import { RmbenchError } from "../../errors.ts";
import { refuseOptions } from "../options.ts";
import { prepareTexts } from "../prepare.ts";
import type { Adapter, ModelContext, ModelOptions, Prepared, RewardModel } from "../reward-model.ts";
import { parseAddress, type Address } from "./address.ts";
import { HttpClient, type ClientOptions } from "./client.ts";
import { BadAnswer, type AccountKey, type Dialect } from "./dialect.ts";
import { mappingHash } from "./mapped.ts";
import { probes } from "./probes.ts";
import { prove } from "./proofs.ts";
import { readingOf, type ServerReading } from "./reading.ts";
import { Refused } from "./refused.ts";
import { routingOf } from "./routing.ts";
import { refusedAll, sessionOn } from "./session.ts";
import type { ServerSettings } from "./settings.ts";
import type { Text } from "./text.ts";

export const defaults = { timeout: 180, patience: 120, concurrency: 32, batchSize: 32 };

const common: readonly (keyof ServerSettings)[] = [
  "tokenizer",
  "input",
  "activation",
  "ca",
  "patience",
  "concurrency",
  "headers",
];

/** The adapter of one kind of server. Describing it asks the server nothing: a stored run needs none. */
export function serverAdapter(dialect: Dialect): Adapter {
  return {
    name: dialect.name,
    async describe(reference, options, context) {
      const address = parseAddress(dialect.name, reference);
      const id = `${dialect.name}:${address.base}${address.model === null ? "" : `#${address.model}`}`;
      refuseOptions(id, options, ["device", "dtype", "revision", "threads", "attention", "trustRemoteCode"]);
      const settings = settingsFor(id, dialect, options.server ?? {});
      const reading = await readingOf(id, dialect, settings, options, context);
      return described({ id, dialect, address, settings, reading, options, context });
    },
  };
}

interface Description {
  id: string;
  dialect: Dialect;
  address: Address;
  settings: ServerSettings;
  reading: ServerReading;
  options: ModelOptions;
  context: ModelContext;
}

function described({ id, dialect, address, settings, reading, options, context }: Description): RewardModel {
  const activation = settings.activation ?? "off";
  const prepare = async (questions: Parameters<RewardModel["prepare"]>[0]): Promise<Prepared[]> => {
    const prepared = await prepareTexts(questions, reading.texts);
    return reading.form === "rendered" ? prepared : prepared.map((item) => ({ ...item, tokens: 0 }));
  };
  return {
    id,
    identity: {
      adapter: `${dialect.name} 1`,
      server: address.base,
      model: address.model ?? "the server's only one",
      ...routingOf(address.query, settings.headers),
      ...reading.identity,
      activation,
      ...(settings.endpoint && { endpoint: settings.endpoint }),
      ...(settings.scoreIndex !== undefined && { scoreIndex: String(settings.scoreIndex) }),
      ...(settings.attribute && { attribute: settings.attribute }),
      ...(settings.inputName && { inputName: settings.inputName }),
      ...(settings.outputName && { outputName: settings.outputName }),
      ...(dialect.name === "http" && { mapping: mappingHash(settings) }),
    },
    asks: ["pointwise"],
    output: activation === "as-is" || settings.attribute !== undefined ? "other" : "bradley-terry",
    limits: {
      maxTokens: reading.texts.maxLength,
      batchTokens: options.batchTokens ?? 1 << 20,
      batchSize: options.batchSize ?? defaults.batchSize,
      concurrency: Math.ceil((settings.concurrency ?? defaults.concurrency) / 4),
      batching: "served",
      sharesPrefixes: true,
    },
    notice: notices[activation],
    probes,
    prepare,
    async open(signal) {
      const client = await connectTo(address, dialect, settings, options, context);
      try {
        const call = { client, model: address.model, settings, form: reading.form, signal, warn: context.warn };
        const connected = await dialect.connect(call);
        const texts = (await prepare(probes))
          .filter(({ refused }) => refused === null)
          .map(({ payload }) => payload as Text);
        if (texts.length === 0) {
          throw new RmbenchError("usage", `${id}: no probe text fits into ${reading.texts.maxLength} tokens`, {
            hint: "the server is proven with them: raise --max-length",
          });
        }
        const rendered = reading.form === "rendered";
        await prove({ id, dialect, connected, activation, texts, rendered, warn: context.warn, signal });
        return sessionOn({ client, dialect, connected, activation, batchSize: options.batchSize });
      } catch (error) {
        await client[Symbol.asyncDispose]();
        if (error instanceof Refused) throw refusedAll(error);
        if (error instanceof BadAnswer) throw new RmbenchError("model", `${id}: ${client.redact(error.message)}`);
        throw error;
      }
    },
  };
}

const notices: Readonly<Record<NonNullable<ServerSettings["activation"]>, string | null>> = {
  off: null,
  invert:
    "The server's sigmoid was undone: scores beyond ±16.7 (float32), ±8.3 (float16) or ±6.2 (bfloat16) are lost, as infinities or ties.",
  "as-is": "Scores are the server's own numbers, after whatever activation it applies.",
};

/** @throws RmbenchError `usage` for a setting that this kind of server does not read. */
function settingsFor(id: string, dialect: Dialect, settings: ServerSettings): ServerSettings {
  const stray = (Object.keys(settings) as (keyof ServerSettings)[]).filter(
    (key) => settings[key] !== undefined && !common.includes(key) && !dialect.reads.includes(key),
  );
  if (stray.length === 0) return settings;
  throw new RmbenchError("usage", `${id} has no use for \`server: ${stray.join(", ")}\``, {
    hint: `it reads ${[...common, ...dialect.reads].join(", ")}`,
  });
}

/** A connection to a server, as the settings say; none is opened yet. @throws RmbenchError as `HttpClient.create`. */
export function connectTo(
  address: Address,
  dialect: Pick<Dialect, "keys">,
  settings: ServerSettings,
  options: ModelOptions,
  context: ModelContext,
): Promise<HttpClient> {
  const client: ClientOptions = {
    base: address.base,
    query: address.query,
    headers: headersOf(dialect, address, settings, context.env),
    secrets: address.secrets,
    timeout: options.timeout ?? defaults.timeout,
    patience: settings.patience ?? defaults.patience,
    concurrency: settings.concurrency ?? defaults.concurrency,
    ca: settings.ca ?? null,
  };
  return HttpClient.create(client, context);
}

/** Keys come from the environment, or from the address itself; a header names its variable as `${NAME}`. */
export function headersOf(
  { keys }: Pick<Dialect, "keys">,
  { authorization, base }: Address,
  settings: ServerSettings,
  env: ModelContext["env"],
): Record<string, string> {
  const key = ["RMBENCH_API_KEY", ...keys.flatMap((one) => variableFor(one, base))]
    .map((name) => env[name])
    .find((value) => value !== undefined && value !== "");
  const given = Object.entries(settings.headers ?? {}).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    value.replace(/\$\{(\w+)\}/g, (_said, variable: string) => {
      const found = env[variable];
      if (found !== undefined) return found;
      throw new RmbenchError("config", `the header ${name} wants the variable ${variable}, which is not set`);
    }),
  ]);
  const bearer = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return { ...bearer, ...(authorization !== null && { authorization }), ...Object.fromEntries(given) };
}

/** The variable of a key that may go to this address, or none. */
function variableFor(key: string | AccountKey, base: string): string | [] {
  if (typeof key === "string") return key;
  const { protocol, hostname } = new URL(base);
  const isProviders = key.domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
  return protocol === "https:" && isProviders ? key.name : [];
}
