import { RmbenchError } from "../../errors.ts";
import { installedVersion } from "../../package.ts";
import { chooseInput } from "../onnx/reading.ts";
import { readConfig, readSettings, type Config, type Settings } from "../onnx/settings.ts";
import { prepareAsRewardBench, readingUnder } from "../compat.ts";
import { prepareTexts } from "../prepare.ts";
import type { DeviceName, ModelContext, ModelLimits, ModelOptions, Prepared, RewardModel } from "../reward-model.ts";
import { loadTokenizer, type TextTokenizer } from "../tokenizer.ts";
import { readCheckpoint } from "./files.ts";
import { incumbentPadId } from "./incumbent.ts";
import { appendedId, chooseEncoder } from "./input.ts";
import type { Preset } from "./preset.ts";
import { choosePairing, readingSettings, refusePairOptions } from "./pairing.ts";
import { preparePairs } from "./pairs.ts";
import { choosePreset } from "./presets.ts";
import { probePython, type Installed } from "./python.ts";
import { openWorker } from "./session.ts";
import { tokenizerFolder } from "./slow-tokenizer.ts";
import { lastId, type TorchInput } from "./token-ids.ts";

/** Raised when the same files and options would give other scores than before. */
const adapterVersion = "1";

/** Room for several texts of one prompt, also where that is long: what shares no batch shares no prefix. */
export const batchTokens = 16384;

const devices: readonly DeviceName[] = ["auto", "cpu", "cuda", "mps"];
const dtypes = ["fp32", "fp16", "bf16"] as const;
type Dtype = (typeof dtypes)[number];

/** Bodies that see a whole text at once: nothing of theirs can be shared. */
const encoders = /bert|electra|^deberta|^mpnet|^xlnet|^t5|^bart/;

export interface TorchFolder {
  id: string;
  dir: string;
  /** Its name on the hub, or null. */
  repository: string | null;
  /** What else the identity names, for example the hub's revision. */
  origin: Readonly<Record<string, string>>;
  /** False: prefixes are computed anew for each text. Scores are the same but for rounding; for measurements. */
  sharePrefixes?: boolean;
}

/**
 * Describes a checkpoint that transformers saved: every byte of the weights is hashed, none is loaded. Asks Python for
 * its versions.
 * @throws RmbenchError `model` for missing or malformed files, `machine` where the Python side is missing, `usage` for
 * options that it cannot have.
 */
export async function describeTorch(
  folder: TorchFolder,
  options: ModelOptions,
  context: ModelContext,
): Promise<RewardModel> {
  const { dir } = folder;
  refuseNames(folder.id, options);
  const checkpoint = await readCheckpoint(dir, options.trustRemoteCode);
  const [own, config] = await Promise.all([readSettings(dir), readConfig(dir)]);
  const preset = choosePreset(own.preset, folder.repository, folder.id);
  refusePairOptions(preset, folder.id, options);
  const settings: Settings = { ...withinPositions(preset, config), ...own };
  const python = options.python ?? context.env.RMBENCH_PYTHON ?? "python3";
  const installed = await probePython(python, options.device === "auto", context);
  const tokenizer = await loadTokenizer(await tokenizerFolder(dir, python, checkpoint, context));
  const inputs = readingSettings(preset, settings);
  const padId = incumbentPadId(folder.id, options, preset, config, tokenizer);
  const reading = readingUnder(options, chooseInput(dir, inputs, config, tokenizer, options), folder.id);
  const encode = chooseEncoder(reading.format, tokenizer, preset, appendedId(preset, config, dir));
  const pairing = choosePairing(preset, { dir, reading, tokenizer, settings, config, options });
  const asks = pairing === null ? "pointwise" : "pairwise";
  const device = options.device === "auto" ? (installed.device ?? "cpu") : options.device;
  const dtype = chooseDtype(options.dtype, device, config, dir);
  const attention = options.attention ?? null;
  const limits: ModelLimits = {
    maxTokens: (pairing ?? reading).maxLength,
    batchTokens: options.batchTokens ?? batchTokens,
    batchSize: options.batchSize ?? 64,
    concurrency: 2,
    batching: settings.batching === "single" ? "single" : "tolerant",
    sharesPrefixes: options.compat === null && !encoders.test(config.model_type ?? ""),
  };
  const score = {
    head: headOf(preset, tokenizer),
    rule: preset?.rule ?? { index: settings.scoreIndex ?? null, reduction: settings.reduction ?? null },
    sign: settings.sign ?? 1,
    steps: preset?.steps !== undefined,
  };
  const worker = { dir, dtype, device, attention, trustRemoteCode: options.trustRemoteCode, threads: options.threads };
  return {
    id: folder.id,
    identity: {
      adapter: `torch ${adapterVersion}`,
      ...folder.origin,
      weights: checkpoint.weights,
      config: checkpoint.config,
      code: checkpoint.code ?? "none that came with it",
      preset:
        preset === null
          ? "none"
          : JSON.stringify({
              name: preset.name,
              bos: preset.bos,
              append: preset.append,
              steps: preset.steps,
              pairing: preset.pairing,
            }),
      score: JSON.stringify(score.steps ? { ...score, reduction: "min" } : score),
      dtype,
      attention: attention ?? "transformers' choice",
      tokenizer: tokenizer.sha256,
      template: (pairing ?? reading).template,
      maxLength: String((pairing ?? reading).maxLength),
      truncate: options.truncate,
      ...(options.compat !== null && { compat: options.compat, padId: String(padId) }),
      batching: limits.batching,
      device,
      runtime: runtimeOf(installed),
      libraries: ["@huggingface/jinja", "@huggingface/tokenizers"]
        .map((name) => `${name} ${installedVersion(name)}`)
        .join(", "),
    },
    asks: [asks],
    output: settings.output ?? preset?.output ?? outputOf(settings),
    limits,
    notice: settings.notice ?? null,
    prepare(questions) {
      const { truncate, compat } = options;
      if (compat !== null) return prepareAsRewardBench(questions, { ...reading, tokenizer, truncate, compat, padId });
      if (pairing !== null) return preparePairs(questions, pairing, reading.takesDocuments);
      return prepareTexts(questions, { ...reading, encode, truncate });
    },
    open(signal) {
      const config = { ...worker, ...score, asks: [asks], sharePrefixes: folder.sharePrefixes ?? true };
      const { stamps } = checkpoint;
      return openWorker({ id: folder.id, python, config, stamps, wire: wireItem }, options, context, signal);
    },
  };
}

function wireItem({ payload }: Prepared) {
  const { ids, segment, length, reads, incumbent } = payload as TorchInput;
  const types = segment < length ? Array.from(ids, (_, at) => (at < segment ? 0 : 1)) : undefined;
  return { ids: Array.from(ids), ...(types && { types }), ...(reads && { reads }), ...(incumbent && { incumbent }) };
}

/** @throws RmbenchError `usage` for a device or dtype that PyTorch models do not have. */
export function refuseNames(id: string, { device, dtype }: ModelOptions): void {
  if (!devices.includes(device)) {
    throw new RmbenchError("usage", `${id} cannot be run with --device ${device}`, {
      hint: `PyTorch models run on ${devices.join(", ")}`,
    });
  }
  if (dtype !== null && !isDtype(dtype)) {
    throw new RmbenchError("usage", `${id} cannot be run with --dtype ${dtype}`, {
      hint: `PyTorch models have ${dtypes.join(", ")}`,
    });
  }
}

/** A family's settings, for a checkpoint that may have fewer positions than the published one. */
function withinPositions(preset: Preset | null, { max_position_embeddings: positions }: Config): Preset["settings"] {
  const { maxLength, ...settings } = preset?.settings ?? {};
  if (maxLength === undefined) return settings;
  return { ...settings, maxLength: Math.min(maxLength, positions ?? maxLength) };
}

/** What is asked for; else fp32 on a CPU, and what the checkpoint was saved as elsewhere. @throws RmbenchError `model` */
export function chooseDtype(asked: string | null, device: DeviceName, config: Config, dir: string): Dtype {
  if (asked !== null && isDtype(asked)) return asked;
  if (device === "cpu") return "fp32";
  const saved = String(config["dtype"] ?? config["torch_dtype"] ?? "float32");
  const known = { float32: "fp32", float16: "fp16", bfloat16: "bf16" } as const;
  const found = Object.entries(known).find(([name]) => name === saved)?.[1];
  if (found !== undefined) return found;
  throw new RmbenchError("model", `config.json in ${dir} says a dtype of ${saved}`, {
    hint: `choose one: --dtype bf16`,
  });
}

function isDtype(name: string): name is Dtype {
  return dtypes.some((dtype) => dtype === name);
}

/** The head as the worker takes it, whose vocabulary entries are ids. */
function headOf(preset: Preset | null, tokenizer: TextTokenizer): Record<string, unknown> {
  const { rename } = preset ?? {};
  const head = preset?.head ?? { kind: "classifier" };
  if (!("texts" in head)) return { ...head, ...(rename && { rename }) };
  return { kind: head.kind, ids: head.texts.map((text) => lastId(tokenizer, text)) };
}

function outputOf({ reduction, scoreIndex }: Settings): RewardModel["output"] {
  return reduction === undefined && scoreIndex === undefined ? "bradley-terry" : "other";
}

export function runtimeOf({ torch, transformers }: Installed): string {
  return `torch ${torch}, transformers ${transformers}`;
}
