import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RmbenchError } from "../../errors.ts";
import { readConfig } from "../onnx/settings.ts";
import { refuseOptions } from "../options.ts";
import type { Adapter, ModelContext, ModelOptions } from "../reward-model.ts";
import { hubSettings, openSnapshot, type Snapshot } from "../transformers/hub.ts";
import { shardsOf, weightNames } from "./files.ts";
import { describeTorch, type TorchFolder } from "./model.ts";
import { isFolder } from "../paths.ts";

/**
 * `torch:<dir>` or `torch:<org/name>[@revision]`: a checkpoint of transformers, run by PyTorch in a process of its own.
 */
export const torchAdapter: Adapter = {
  name: "torch",
  async describe(reference, options, context) {
    const folder = await openCheckpoint(`torch:${reference}`, reference, options, context);
    return describeTorch(folder, options, context);
  },
};

/**
 * The folder of a checkpoint, fetched where it is a repository's.
 * @param id what errors call the model.
 * @throws RmbenchError `model` where files are missing, `usage` for a revision of a folder.
 */
export async function openCheckpoint(
  id: string,
  reference: string,
  options: ModelOptions,
  context: ModelContext,
): Promise<TorchFolder> {
  const dir = resolve(context.cwd, reference);
  if (/^([.~/\\]|[A-Za-z]:[\\/])/.test(reference) || (await isFolder(dir))) {
    refuseOptions(id, options, ["revision"]);
    return { id, dir, repository: null, origin: {} };
  }
  const [repository = "", pinned] = reference.split("@");
  const settings = await hubSettings(context.env);
  const snapshot = await openSnapshot(repository, pinned ?? options.revision ?? "main", settings, context);
  await fetchCheckpoint(snapshot, settings.offline, options.trustRemoteCode, context);
  return { id, dir: snapshot.dir, repository, origin: { revision: snapshot.commit } };
}

const optional = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "added_tokens.json",
  "tokenizer.model",
  "spm.model",
  "vocab.json",
  "merges.txt",
  "vocab.txt",
  "chat_template.jinja",
  "chat_template.json",
  "rmbench.json",
];

async function fetchCheckpoint(
  snapshot: Snapshot,
  offline: boolean,
  withCode: boolean,
  { signal }: ModelContext,
): Promise<void> {
  const { repository, commit, dir } = snapshot;
  const where = `${repository} at ${commit}${offline ? " in the cache" : ""}`;
  const hint = offline ? "HF_HUB_OFFLINE is set: unset it once, or put the model into the cache" : undefined;
  const need = async (file: string) => {
    if (!(await snapshot.fetch(file))) throw new RmbenchError("model", `there is no ${file} in ${where}`, { hint });
    signal.throwIfAborted();
  };
  await need("config.json");
  for (const file of optional) await snapshot.fetch(file);
  if (withCode) await fetchCode(dir, need);
  for (const name of weightNames) {
    if (!(await snapshot.fetch(name))) continue;
    if (name.endsWith(".index.json")) for (const shard of await shardsOf(join(dir, name))) await need(shard);
    return;
  }
  throw new RmbenchError("model", `there is neither ${weightNames.join(" nor ")} in ${where}`, { hint });
}

/** The Python files that config.json names, and those that they import from beside them. */
async function fetchCode(dir: string, need: (file: string) => Promise<void>): Promise<void> {
  const named = /"(?:[^"]*--)?(\w+)\.\w+"/g;
  const { auto_map: map } = await readConfig(dir);
  const files = Array.from(JSON.stringify(map ?? {}).matchAll(named), ([, module]) => `${module}.py`);
  for (const file of files) {
    await need(file);
    const text = await readFile(join(dir, file), "utf8");
    for (const [, module] of text.matchAll(/^\s*from \.(\w+) import/gm)) {
      if (!files.includes(`${module}.py`)) files.push(`${module}.py`);
    }
  }
}
