import { resolve } from "node:path";
import { RmbenchError } from "../../errors.ts";
import { chooseInput, type ModelReading } from "../onnx/reading.ts";
import { readConfig, readSettings } from "../onnx/settings.ts";
import type { ModelContext, ModelOptions, Session } from "../reward-model.ts";
import { loadTokenizer, type TextTokenizer } from "../tokenizer.ts";
import { openCheckpoint } from "../torch/adapter.ts";
import { describeLikelihood } from "../torch/likelihood.ts";
import { openServed } from "./served.ts";
import { sglang } from "./sglang.ts";
import { vllm } from "./vllm.ts";
import type { Wire } from "./wire.ts";

/** How a language model's conversations become text and token ids. */
export interface Reader {
  reading: ModelReading;
  tokenizer: TextTokenizer;
}

/** A language model; its sessions take `Span`s, and each score's `vector` has the log-probabilities of the response's tokens. */
export interface Likelihood {
  /** For errors and the report. */
  id: string;
  identity: Readonly<Record<string, string>>;
  /** Null where the texts are read as the other model's. */
  reader: Reader | null;
  batchTokens: number;
  batchSize: number;
  /** Whether a server runs it: it may change behind its address. */
  served: boolean;
  open(signal: AbortSignal): Promise<Session>;
}

const wires: readonly Wire[] = [vllm, sglang];

/**
 * Describes a policy or its reference: a folder, `org/name[@revision]` (both also with `torch:`), or a server's address
 * behind `vllm:` or `sglang:`.
 * @param reads whether texts are read as this model reads them.
 * @throws RmbenchError `usage` for another kind, or a server without a tokenizer of ours where texts are to be read.
 */
export async function describePart(
  spec: string,
  id: string,
  reads: boolean,
  options: ModelOptions,
  context: ModelContext,
): Promise<Likelihood> {
  const [, prefix, reference = ""] = /^([A-Za-z][\w-]+):(.*)$/s.exec(spec) ?? [];
  const wire = wires.find(({ name }) => name === prefix);
  if (wire !== undefined) {
    const reader = reads ? await serverReader(id, options, context) : null;
    return { ...openServed(wire, reference, options, context), reader };
  }
  if (prefix !== undefined && prefix !== "torch") {
    throw new RmbenchError("usage", `${id}: \`${prefix}:\` gives no log-probabilities of a given response`, {
      hint: "take a folder or org/name (run by PyTorch), vllm:http://host:8000#<model>, or sglang:http://host:30000",
    });
  }
  const folder = await openCheckpoint(id, prefix === undefined ? spec : reference, options, context);
  const { reading, tokenizer, ...torch } = await describeLikelihood(folder, options, context);
  return { ...torch, id, reader: { reading, tokenizer }, batchSize: options.batchSize ?? 64, served: false };
}

/** The folder of `server: tokenizer`. */
async function serverReader(id: string, options: ModelOptions, context: ModelContext): Promise<Reader> {
  const { tokenizer: name } = options.server ?? {};
  if (name === undefined) {
    throw new RmbenchError("usage", `${id} is asked with token ids, and there is no tokenizer to make them with`, {
      hint: "say `--server tokenizer=<folder with the policy's tokenizer.json and chat template>`",
    });
  }
  const dir = resolve(context.cwd, name);
  const [tokenizer, settings, config] = await Promise.all([loadTokenizer(dir), readSettings(dir), readConfig(dir)]);
  return { reading: chooseInput(dir, settings, config, tokenizer, options), tokenizer };
}
