import { RmbenchError } from "../errors.ts";
import { adapters } from "./registry.ts";
import { parseSpec } from "./spec.ts";
import type { ModelContext, ModelOptions, RewardModel } from "./reward-model.ts";
import { refusingContext } from "./user-context.ts";

/**
 * Describes the model that a spec names: hashes its files and reads its configuration, and loads no weights.
 * @throws RmbenchError `usage` for a spec that names no adapter, `model` or `machine` as the adapter does.
 */
export async function describeModel(spec: string, options: ModelOptions, context: ModelContext): Promise<RewardModel> {
  const { adapter, reference, id } = parseSpec(
    spec,
    adapters.map(({ name }) => name),
  );
  const registered = adapters.find(({ name }) => name === adapter);
  if (registered === undefined) throw new Error(`the adapter ${adapter} is not registered`);
  const model = await (await registered.load()).describe(reference, options, context);
  if (options.compat !== null && model.identity["compat"] === undefined) {
    throw new RmbenchError("usage", `${id} cannot be run with --compat ${options.compat}`, {
      hint: "RewardBench's way of preparing texts is for sequence classifiers with a chat template (onnx:, transformers:, torch:)",
    });
  }
  return { ...model, id, prepare: refusingContext(model) };
}
