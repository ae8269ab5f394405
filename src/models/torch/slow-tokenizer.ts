import { randomUUID } from "node:crypto";
import { access, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { hubCache } from "../transformers/hub.ts";
import type { ModelContext } from "../reward-model.ts";
import type { Checkpoint } from "./files.ts";
import { convertTokenizer } from "./python.ts";

/**
 * The folder whose tokenizer.json is read: the checkpoint's, else that of a fast tokenizer which transformers makes of
 * its slow one, once for each version of the checkpoint, beside the hub's cache.
 * @throws RmbenchError `model` where transformers cannot make it.
 */
export async function tokenizerFolder(
  dir: string,
  python: string,
  checkpoint: Checkpoint,
  context: ModelContext,
): Promise<string> {
  if (await exists(join(dir, "tokenizer.json"))) return dir;
  const cache = join(hubCache(context.env), "rmbench-tokenizers");
  const made = join(cache, `${checkpoint.weights.slice(0, 16)}-${checkpoint.config.slice(0, 16)}`);
  if (await exists(join(made, "tokenizer.json"))) return made;
  const partial = `${made}.${randomUUID()}.incomplete`;
  await mkdir(cache, { recursive: true });
  try {
    await convertTokenizer(python, dir, partial, context);
    await rename(partial, made);
  } catch (error) {
    // Another run may have made it in the meantime.
    if (!(await exists(join(made, "tokenizer.json")))) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return made;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
