import { join, resolve } from "node:path";
import { RmbenchError } from "../../errors.ts";
import { externalData, graphNames } from "../onnx/files.ts";
import { describeFolder } from "../onnx/model.ts";
import type { Adapter, ModelContext, RewardModel } from "../reward-model.ts";
import { hubSettings, openSnapshot, type Snapshot } from "./hub.ts";
import { isFile, isFolder } from "../paths.ts";

/**
 * `transformers:<org/name>[@revision]` or `transformers:<dir>`: a repository with ONNX weights. transformers.js' model
 * class runs the architectures that it knows (encoders), ONNX Runtime alone the others (causal classifiers); both give
 * the graph's raw logits, never a pipeline's softmax, which turns a single logit into 1.
 */
export const transformersAdapter: Adapter = {
  name: "transformers",
  async describe(reference, options, context): Promise<RewardModel> {
    const id = `transformers:${reference}`;
    const folder = resolve(context.cwd, reference);
    if (/^([.~/\\]|[A-Za-z]:[\\/])/.test(reference) || (await isFolder(folder))) {
      if ((await isFolder(folder)) && !(await isFile(join(folder, "config.json")))) {
        throw new RmbenchError("model", `there is no config.json in ${folder}`, {
          hint: `transformers.js reads the architecture from it: copy it there, or run the graph alone as onnx:${reference}`,
        });
      }
      return describeFolder({ adapter: "transformers", id, dir: folder, architecture: true }, options, context);
    }
    const [repository = "", pinned] = reference.split("@");
    const revision = pinned ?? options.revision ?? "main";
    const settings = await hubSettings(context.env);
    const snapshot = await openSnapshot(repository, revision, settings, context);
    await fetchModel(snapshot, options.dtype ?? "fp32", settings.offline, context);
    const origin = { revision: snapshot.commit };
    const asked = { ...options, dtype: options.dtype ?? "fp32" };
    return describeFolder(
      { adapter: "transformers", id, dir: snapshot.dir, architecture: true, origin },
      asked,
      context,
    );
  },
};

const optional = ["tokenizer_config.json", "chat_template.jinja", "chat_template.json", "rmbench.json"];

async function fetchModel(snapshot: Snapshot, dtype: string, offline: boolean, context: ModelContext): Promise<void> {
  const { repository, commit } = snapshot;
  const hint = offline ? "HF_HUB_OFFLINE is set: unset it once, or put the model into the cache" : undefined;
  const where = `${repository} at ${commit}${offline ? " in the cache" : ""}`;
  for (const file of ["config.json", "tokenizer.json"]) {
    if (!(await snapshot.fetch(file))) throw new RmbenchError("model", `there is no ${file} in ${where}`, { hint });
  }
  for (const file of optional) await snapshot.fetch(file);
  for (const name of graphNames(dtype)) {
    if (!(await snapshot.fetch(name))) continue;
    for (const file of await externalData(join(snapshot.dir, name))) {
      const path = name.includes("/") ? `onnx/${file}` : file;
      if (!(await snapshot.fetch(path)))
        throw new RmbenchError("model", `there is no ${path} in ${where}, which ${name} needs`, { hint });
    }
    context.signal.throwIfAborted();
    return;
  }
  throw new RmbenchError("model", `there is no ${graphNames(dtype).join(" or ")} in ${where}`, {
    hint: hint ?? "choose another --dtype, or export the model and use onnx:<dir>",
  });
}
