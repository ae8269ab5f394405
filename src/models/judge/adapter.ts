import { createHash } from "node:crypto";
import { RmbenchError } from "../../errors.ts";
import { refuseOptions } from "../options.ts";
import type { Adapter, DeviceReport, Prepared, RewardModel } from "../reward-model.ts";
import type { Question } from "../../questions/question.ts";
import { anthropic } from "./anthropic.ts";
import { costOf, dollars, estimatedInput, Spending, type Price } from "./cost.ts";
import { Gate } from "./gate.ts";
import { gemini } from "./gemini.ts";
import { openai } from "./openai.ts";
import { judgeProtocol, type JudgeProtocol } from "./protocol.ts";
import type { Provider } from "./provider.ts";
import { parseReference, type JudgeReference } from "./reference.ts";
import { JudgeSession, type Asked, type Judge, type Samplings } from "./session.ts";
import type { JudgeOptions } from "./settings.ts";
import { concurrency, connect } from "./transport.ts";

/** Raised when the same prompts and replies would give other scores than before. */
const adapterVersion = "1";

/** A verdict of one token may come after a token of white space or a bracket. */
const verdictTokens = 4;
const wordTokens = 2048;

/** `judge:<base-url>#<model>`: a language model that is asked which answer is better, or how good one is. */
export const judgeAdapter: Adapter = {
  name: "judge",
  async describe(text, options, context) {
    const reference = parseReference(text);
    const id = `judge:${text}`;
    refuseOptions(`the judge ${reference.model}`, options);
    const settings = options.judge ?? {};
    const provider = providerOf(reference);
    const logprobs = settings.logprobs ?? provider.logprobs === "default";
    if (logprobs && provider.logprobs === "never") {
      throw new RmbenchError("usage", `${reference.provider} gives no log-probabilities, and judge.logprobs is true`, {
        hint: "set judge.logprobs: false, and the judge's words are read",
      });
    }
    const protocol = judgeProtocol(settings, logprobs);
    const samplings = samplingsOf(settings, provider, logprobs);
    const judge: Judge = { name: id, model: reference.model, provider, protocol, samplings };
    const price = priceOf(settings, reference.model);
    return {
      id,
      identity: identityOf(reference, settings, protocol, samplings),
      asks: [protocol.asks],
      ...(settings.referenceTag !== undefined && { referenceTag: settings.referenceTag }),
      output: protocol.output,
      limits: {
        maxTokens: null,
        batchTokens: options.batchTokens ?? 1 << 20,
        batchSize: options.batchSize ?? 1,
        concurrency,
        // Requests are apart, but a server batches them, which moves probabilities by rounding.
        batching: "tolerant",
      },
      notice: null,
      prepare: async (questions) => questions.map((question) => prepareOne(question, protocol, samplings)),
      ...(settings.replay === undefined && { estimate: estimator(judge, price) }),
      async open() {
        const gate = new Gate(id);
        const transport = await connect(reference, provider, options, context, gate);
        const limit = settings.replay === undefined ? (settings.maxCost ?? null) : null;
        return new JudgeSession(
          judge,
          transport,
          new Spending(price, limit),
          gate,
          device(reference, settings),
          context.warn,
        );
      },
    };
  },
};

function providerOf({ provider, base }: JudgeReference): Provider {
  switch (provider) {
    case "openai":
      return openai(base);
    case "anthropic":
      return anthropic;
    case "gemini":
      return gemini;
  }
}

function samplingsOf(settings: JudgeOptions, { seeds }: Provider, logprobs: boolean): Samplings {
  const temperature = settings.temperature === undefined ? 0 : settings.temperature;
  const seed = !seeds ? null : settings.seed === undefined ? 0 : settings.seed;
  const words = { temperature, seed, maxTokens: settings.maxTokens ?? wordTokens, logprobs: false };
  return { words, verdict: logprobs ? { ...words, maxTokens: verdictTokens, logprobs } : words };
}

/** @throws RmbenchError `usage` where spending is limited and nobody says what a token costs. */
function priceOf({ prices, maxCost }: JudgeOptions, model: string): Price | null {
  const price = prices?.[model] ?? null;
  if (price !== null || maxCost === undefined) return price;
  const known = Object.keys(prices ?? {});
  throw new RmbenchError("usage", `--max-cost needs the price of ${model}, and judge.prices has none for it`, {
    hint: `write into rmbench.config.yaml, in USD per million tokens: judge: { prices: { ${JSON.stringify(model)}: { input: …, output: … } } }${known.length === 0 ? "" : ` (it has ${known.join(", ")})`}`,
  });
}

function identityOf(
  { provider, base, model }: JudgeReference,
  { protocol = "pairwise", referenceTag }: JudgeOptions,
  { prompts, given }: JudgeProtocol,
  { verdict, words }: Samplings,
): Record<string, string> {
  return {
    adapter: `judge ${adapterVersion}`,
    provider,
    server: base,
    model,
    protocol,
    prompts: prompts.map((prompt) => `${prompt.id} ${sha256(JSON.stringify(prompt))}`).join(", "),
    ...(given !== "" && { given: sha256(given) }),
    ...(referenceTag !== undefined && { reference: `tag ${referenceTag}` }),
    answers: verdict.logprobs ? "log-probabilities" : "words",
    sampling: JSON.stringify(verdict.logprobs ? { verdict, words } : words),
  };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function prepareOne(question: Question, protocol: JudgeProtocol, samplings: Samplings): Prepared {
  const nothing = { truncated: false, droppedDocuments: 0 };
  try {
    const calls = protocol.calls(question);
    const first = calls.reduce((sum, call) => sum + estimatedInput(call), 0);
    const tokens = first + protocol.requests.words * (first + samplings.words.maxTokens);
    return { ...nothing, tokens, refused: null, payload: { question, calls } satisfies Asked };
  } catch (error) {
    if (!(error instanceof RmbenchError)) throw error;
    return { ...nothing, tokens: 0, refused: { code: "unsupported", message: error.message }, payload: null };
  }
}

/** What scoring would cost at most, as a sentence; tokens of input are estimated, those of output their limit. */
function estimator({ name, model, protocol, samplings }: Judge, price: Price | null): RewardModel["estimate"] {
  return (questions, tokens) => {
    const { verdicts, words } = protocol.requests;
    const output = questions * (verdicts * samplings.verdict.maxTokens + words * samplings.words.maxTokens);
    const usage = { input: tokens, output };
    const cost =
      price === null
        ? `what that costs is not known (no judge.prices for ${model})`
        : `at most about ${dollars(costOf(usage, price))} at ${price.input} and ${price.output} USD per million`;
    return `${name}: ${questions} questions, about ${tokens} input and at most ${output} output tokens: ${cost}`;
  };
}

function device({ base }: JudgeReference, { replay }: JudgeOptions): DeviceReport {
  return {
    requested: "auto",
    used: replay === undefined ? base : "recorded replies",
    nodes: null,
    driver: null,
    dtype: null,
    runtime: null,
  };
}
