import { RmbenchError } from "../../errors.ts";
import { installedVersion } from "../../package.ts";
import { chooseInput, type ModelReading } from "../onnx/reading.ts";
import { readConfig, readSettings } from "../onnx/settings.ts";
import type { ModelContext, ModelOptions, Prepared, Session } from "../reward-model.ts";
import { loadTokenizer, type TextTokenizer } from "../tokenizer.ts";
import { readCheckpoint } from "./files.ts";
import { batchTokens, chooseDtype, refuseNames, runtimeOf, type TorchFolder } from "./model.ts";
import { probePython } from "./python.ts";
import { openWorker } from "./session.ts";
import { tokenizerFolder } from "./slow-tokenizer.ts";

/** A language model whose worker gives the log-probability of each token from `start` on as a score's `vector`. */
export interface TorchLikelihood {
  identity: Readonly<Record<string, string>>;
  reading: ModelReading;
  tokenizer: TextTokenizer;
  batchTokens: number;
  open(signal: AbortSignal): Promise<Session>;
}

/** What its session takes as payload. */
interface LikelihoodInput {
  ids: Int32Array;
  start: number;
}

/**
 * Describes a causal language model that transformers saved: every byte of the weights is hashed, none is loaded.
 * @throws RmbenchError as `describeTorch`.
 */
export async function describeLikelihood(
  folder: TorchFolder,
  options: ModelOptions,
  context: ModelContext,
): Promise<TorchLikelihood> {
  const { id, dir } = folder;
  refuseNames(id, options);
  const checkpoint = await readCheckpoint(dir, options.trustRemoteCode);
  const [settings, config] = await Promise.all([readSettings(dir), readConfig(dir)]);
  if (settings.preset !== undefined) {
    throw new RmbenchError("model", `rmbench.json in ${dir} has the preset ${settings.preset}, of a reward model`, {
      hint: "implicit: reads language models; write torch: before it, or take the preset out",
    });
  }
  const python = options.python ?? context.env.RMBENCH_PYTHON ?? "python3";
  const installed = await probePython(python, options.device === "auto", context);
  const tokenizer = await loadTokenizer(await tokenizerFolder(dir, python, checkpoint, context));
  const reading = chooseInput(dir, settings, config, tokenizer, options);
  const device = options.device === "auto" ? (installed.device ?? "cpu") : options.device;
  const dtype = chooseDtype(options.dtype, device, config, dir);
  const { attention, trustRemoteCode, threads } = options;
  return {
    identity: {
      ...folder.origin,
      weights: checkpoint.weights,
      config: checkpoint.config,
      code: checkpoint.code ?? "none that came with it",
      dtype,
      attention: attention ?? "transformers' choice",
      device,
      runtime: runtimeOf(installed),
    },
    reading,
    tokenizer,
    batchTokens: options.batchTokens ?? batchTokens,
    open(signal) {
      const config = { dir, dtype, device, attention, trustRemoteCode, threads, head: { kind: "likelihood" } };
      return openWorker({ id, python, config, stamps: checkpoint.stamps, wire: wireItem }, options, context, signal);
    },
  };
}

/** Libraries that render and tokenise here, for the identity of the model whose texts they are. */
export function readingLibraries(): string {
  return ["@huggingface/jinja", "@huggingface/tokenizers"]
    .map((name) => `${name} ${installedVersion(name)}`)
    .join(", ");
}

function wireItem({ payload }: Prepared) {
  const { ids, start } = payload as LikelihoodInput;
  return { ids: Array.from(ids), start };
}
