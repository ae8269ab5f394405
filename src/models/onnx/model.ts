import { availableParallelism } from "node:os";
import { RmbenchError } from "../../errors.ts";
import type { Conversation } from "../../questions/question.ts";
import { installedVersion } from "../../package.ts";
import { Lanes } from "../host/lanes.ts";
import type { OpenRequest } from "../host/protocol.ts";
import { refuseOptions } from "../options.ts";
import type { ModelContext, ModelLimits, ModelOptions, RewardModel, Session } from "../reward-model.ts";
import { prepareAsRewardBench, readingUnder } from "../compat.ts";
import { prepareTexts } from "../prepare.ts";
import { loadTokenizer } from "../tokenizer.ts";
import { resolveDevice, runtimeVersion, type Device } from "./device.ts";
import { chooseGraph, readGraph } from "./files.ts";
import { chooseInput } from "./reading.ts";
import type { ScoreRule } from "./output.ts";
import { readConfig, readSettings, type Config, type Settings } from "./settings.ts";

/** Raised when the same files and options would give other scores than before. */
const adapterVersion = "1";

/** Tokens that cross to the child at once. On a CPU the texts run one by one there, so it only paces the progress. */
const batchTokens = { cpu: 2048, accelerator: 8192 };

/** Copies of the weights that may stand in memory at once, and processes. */
const most = { laneBytes: 2 ** 31, lanes: 8 };

export interface ModelFolder {
  /** The adapter's name, for the identity. */
  adapter: string;
  id: string;
  dir: string;
  /** Whether transformers.js runs the architectures that it knows. */
  architecture: boolean;
  /** What else the identity names, for example the hub's revision. */
  origin?: Readonly<Record<string, string>>;
}

/**
 * Describes a folder of ONNX weights: every byte of the weights is hashed, none is loaded.
 * @throws RmbenchError `model` for missing or malformed files, `usage` for options that the model cannot have.
 */
export async function describeFolder(
  folder: ModelFolder,
  options: ModelOptions,
  context: ModelContext,
): Promise<RewardModel> {
  const { dir } = folder;
  const { compat, truncate } = options;
  refuseOptions(folder.id, options, [
    ...(folder.origin === undefined ? (["revision"] as const) : []),
    "attention",
    "trustRemoteCode",
  ]);
  const graph = await chooseGraph(dir, options.dtype);
  const [settings, config, tokenizer] = await Promise.all([readSettings(dir), readConfig(dir), loadTokenizer(dir)]);
  if (settings.preset !== undefined) {
    throw new RmbenchError("model", `rmbench.json in ${dir} names the preset ${settings.preset}, which is for torch:`, {
      hint: "an exported graph has its head inside: say its input and output by the other fields",
    });
  }
  const reading = readingUnder(options, chooseInput(dir, settings, config, tokenizer, options), folder.id);
  const contents = await readGraph(graph.path);
  context.signal.throwIfAborted();
  const device = resolveDevice(options.device);
  const rule = scoreRule(settings, config);
  const lanes = lanesOf(device, contents.bytes, options.threads);
  const limits: ModelLimits = {
    maxTokens: reading.maxLength,
    batchTokens: options.batchTokens ?? (device === "cpu" ? batchTokens.cpu : batchTokens.accelerator),
    batchSize: options.batchSize ?? 64,
    concurrency: 2 * lanes.count,
    batching: batchingOf(device, settings, contents.dynamicallyQuantised),
  };
  const encode = (conversation: Conversation) => tokenizer.encode(reading.format(conversation));
  const padId = config.pad_token_id ?? tokenizer.padId ?? 0;
  const runtime = runtimeVersion();
  const { labels, ...ruleWithoutLabels } = rule;
  const { scoreIndex } = rule;
  const column = typeof scoreIndex === "string" ? labels.indexOf(scoreIndex) : scoreIndex;
  return {
    id: folder.id,
    identity: {
      adapter: `${folder.adapter} ${adapterVersion}`,
      ...folder.origin,
      weights: contents.sha256,
      dtype: graph.dtype,
      tokenizer: tokenizer.sha256,
      template: reading.template,
      maxLength: String(reading.maxLength),
      truncate,
      ...(compat !== null && { compat }),
      score: JSON.stringify({ ...ruleWithoutLabels, scoreIndex: column }),
      padId: String(padId),
      batching: limits.batching,
      device,
      runtime,
      libraries: librariesOf(folder),
    },
    asks: ["pointwise"],
    output: settings.output ?? (rule.reduction === null && rule.scoreIndex === null ? "bradley-terry" : "other"),
    limits,
    notice: settings.notice ?? null,
    prepare: (questions) =>
      compat === null
        ? prepareTexts(questions, { ...reading, encode, truncate })
        : prepareAsRewardBench(questions, { ...reading, tokenizer, truncate, compat }),
    async open(signal) {
      const request: OpenRequest = {
        backend: "onnx",
        stamps: contents.stamps,
        path: graph.path,
        device,
        dtype: graph.dtype,
        threads: lanes.threads,
        padId,
        rule,
        alone: limits.batching !== "tolerant",
        probe: encode(probe),
        architecture: folder.architecture ? dir : null,
      };
      const whenDead = "try another --device";
      const host = { name: folder.id, env: context.env, most: lanes.count, warn: context.warn, whenDead };
      return sessionOf(await Lanes.open(request, host, signal), options.device);
    },
  };
}

const probe: Conversation = {
  prompt: [{ role: "user", content: "Hello" }],
  documents: null,
  tools: null,
  response: "Hello, how can I help?",
};

function sessionOf(lanes: Lanes, requested: string): Session {
  return {
    score: (batch, signal) =>
      lanes.run(
        batch.map(({ payload }) => payload),
        signal,
      ),
    device: () => ({ ...lanes.device, requested }),
    [Symbol.asyncDispose]: () => lanes[Symbol.asyncDispose](),
  };
}

/** What turns a conversation into tokens, and tokens into inputs, beside rmbench itself. */
function librariesOf({ architecture }: ModelFolder): string {
  const names = ["@huggingface/jinja", "@huggingface/tokenizers"];
  if (architecture) names.push("@huggingface/transformers");
  return names.map((name) => `${name} ${installedVersion(name)}`).join(", ");
}

function scoreRule(settings: Settings, config: Config): ScoreRule {
  const labels = Object.entries(config.id2label ?? {}).sort(([a], [b]) => Number(a) - Number(b));
  return {
    outputName: settings.outputName ?? null,
    scoreIndex: settings.scoreIndex ?? null,
    reduction: settings.reduction ?? null,
    sign: settings.sign ?? 1,
    labels: labels.map(([, label]) => label),
  };
}

/**
 * On a CPU the texts run one by one in the child: exact, and for all but short texts the fastest as well. Elsewhere they
 * are padded to a batch, which moves scores by rounding only, unless activations are quantised with a scale per batch.
 */
function batchingOf(device: Device, settings: Settings, quantised: boolean): ModelLimits["batching"] {
  if (settings.batching === "single" || quantised) return "single";
  return device === "cpu" ? "invariant" : "tolerant";
}

/** Processes for a model, and threads of each (null: the runtime's default). Scores do not depend on either. */
function lanesOf(device: Device, bytes: number, threads: number | null): { count: number; threads: number | null } {
  if (device !== "cpu") return { count: 1, threads };
  const total = threads ?? availableParallelism();
  const count = Math.max(1, Math.min(total, most.lanes, Math.floor(most.laneBytes / Math.max(1, bytes))));
  if (count === 1) return { count, threads };
  return { count, threads: Math.max(1, Math.floor(total / count)) };
}
