import { withoutCredentials } from "../../credentials.ts";
import { RmbenchError } from "../../errors.ts";
import { probes } from "../http/probes.ts";
import { refuseOptions } from "../options.ts";
import { prepareTexts } from "../prepare.ts";
import type { Adapter, ModelLimits, ModelOptions, RewardModel } from "../reward-model.ts";
import { readingLibraries } from "../torch/likelihood.ts";
import { describePart, type Likelihood, type Reader } from "./likelihood.ts";
import { outputOf, ruleOf } from "./reward.ts";
import { sessionOf } from "./session.ts";
import { spanEncoder } from "./span.ts";

/** Raised when the same models and options would give other scores than before. */
const adapterVersion = "1";

/**
 * `implicit:<policy>`: the reward that a language model trained on preferences carries in itself, from its log-probabilities
 * of a response and those of the model that it was trained from (DPO, arXiv 2305.18290).
 */
export const implicitAdapter: Adapter = {
  name: "implicit",
  async describe(text, options, context) {
    const id = `implicit:${withoutCredentials(text)}`;
    const settings = options.implicit ?? {};
    if (settings.reference === undefined) {
      throw new RmbenchError(
        "usage",
        `${id} needs the model that it was trained from, or to be told that there is none`,
        {
          hint: "say `--implicit reference=<folder, org/name, vllm:… or sglang:…>`, or `--implicit reference=none`",
        },
      );
    }
    refuseOptions(id, options, ["revision"]);
    const free = settings.reference === "none";
    const rule = ruleOf(settings, free);
    const policy = await describePart(text, id, true, options, context);
    const name = `the reference ${withoutCredentials(settings.reference)} of ${id}`;
    const reference = free ? null : await describePart(settings.reference, name, false, options, context);
    const parts = reference === null ? [policy] : [policy, reference];
    if (parts.every(({ served }) => served)) refuseOptions(id, options, serverSide);
    const reader = readerOf(id, policy);
    if (reference?.reader != null) refuseOtherTokens(name, reader, reference.reader);
    const { reading, tokenizer } = reader;
    const texts = {
      encode: spanEncoder(reading.format, reading.prompt, tokenizer),
      maxLength: longestOf(parts, options),
      takesDocuments: reading.takesDocuments,
      truncate: options.truncate,
    };
    const limits = limitsOf(parts, texts.maxLength, options);
    return {
      id,
      identity: {
        adapter: `implicit ${adapterVersion}`,
        ...named("policy", policy),
        ...(reference === null ? { reference: "none" } : named("reference", reference)),
        reward: JSON.stringify(rule),
        tokenizer: tokenizer.sha256,
        template: reading.template,
        maxLength: String(texts.maxLength),
        truncate: options.truncate,
        batching: limits.batching,
        libraries: readingLibraries(),
      },
      asks: ["pointwise"],
      output: outputOf(rule),
      limits,
      notice: null,
      ...(limits.batching === "served" && { probes }),
      prepare: (questions) => prepareTexts(questions, texts),
      open: (signal) => sessionOf(policy, reference, rule, signal),
    } satisfies RewardModel;
  },
};

const serverSide = ["device", "dtype", "threads", "attention", "trustRemoteCode"] as const;

function named(role: string, { identity }: Likelihood): Record<string, string> {
  return Object.fromEntries(Object.entries(identity).map(([key, value]) => [`${role} ${key}`, value]));
}

/** @throws RmbenchError `model` for a tokenizer that joins prompt and response as two texts. */
function readerOf(
  id: string,
  { reader }: Likelihood,
): Reader & { reading: { prompt: NonNullable<Reader["reading"]["prompt"]> } } {
  const { reading, tokenizer } = reader!;
  const { prompt } = reading;
  if (prompt !== null) return { reading: { ...reading, prompt }, tokenizer };
  throw new RmbenchError("model", `${id} reads prompt and response as two segments, as encoders do`, {
    hint: "a language model has a chat template: save the tokenizer with it, or give `template` in rmbench.json",
  });
}

/** @throws RmbenchError `model` where the two would not read the same tokens. */
function refuseOtherTokens(name: string, policy: Reader, reference: Reader): void {
  for (const question of probes) {
    if (question.kind !== "pointwise") continue;
    const input = policy.reading.format(question.of);
    const [ours, its] = [policy, reference].map(({ tokenizer }) => tokenizer.encode(input).ids.join());
    if (ours === its) continue;
    throw new RmbenchError("model", `${name} has another tokenizer than the policy`, {
      hint: "a log-ratio is of the same tokens: name the model that the policy was trained from",
    });
  }
}

/** The shorter of the two; a server has to have room for the token that it must generate. */
function longestOf(parts: readonly Likelihood[], { maxLength }: ModelOptions): number | null {
  const lengths = parts.map(({ reader }) => reader?.reading.maxLength ?? null).filter((length) => length !== null);
  if (lengths.length === 0) return null;
  const room = maxLength === null && parts.some(({ served }) => served) ? 1 : 0;
  return Math.min(...lengths) - room;
}

function limitsOf(parts: readonly Likelihood[], maxTokens: number | null, { server }: ModelOptions): ModelLimits {
  const allServed = parts.every(({ served }) => served);
  return {
    maxTokens,
    batchTokens: Math.min(...parts.map(({ batchTokens }) => batchTokens)),
    batchSize: Math.min(...parts.map(({ batchSize }) => batchSize)),
    concurrency: allServed ? Math.ceil((server?.concurrency ?? 32) / 4) : 2,
    batching: parts.some(({ served }) => served) ? "served" : "tolerant",
    sharesPrefixes: true,
  };
}
