import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RmbenchError, messageOf } from "../../errors.ts";
import { stampOf, type Stamps } from "../stamps.ts";

/** Names of weights, the preferred ones first: each an index of shards, or one file. */
export const weightNames = [
  "model.safetensors.index.json",
  "model.safetensors",
  "pytorch_model.bin.index.json",
  "pytorch_model.bin",
] as const;

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/** The files that an index of shards names. @throws RmbenchError `model` where it is malformed. */
export async function shardsOf(index: string): Promise<string[]> {
  try {
    const { weight_map: shards } = indexSchema.parse(JSON.parse(await readFile(index, "utf8")));
    return [...new Set(Object.values(shards))].sort();
  } catch (error) {
    throw new RmbenchError("model", `${index} is malformed: ${messageOf(error)}`, {
      hint: "copy it again",
      cause: error,
    });
  }
}

export interface Checkpoint {
  /** Of every byte of the weights, in the order of their names. */
  weights: string;
  /** Of config.json. */
  config: string;
  /** Of the folder's Python files, or null where none may run. */
  code: string | null;
  /** Of all of them when they were read. */
  stamps: Stamps;
}

/** By files and stamps: `doctor --against` describes one checkpoint, of many gigabytes, under some twenty settings. */
const digests = new Map<string, string>();

/** What was written a moment ago may be written again within the same tick of the file system's clock. */
function isSettled(stamp: string): boolean {
  const changed = Number(stamp.split(" ").at(-1)) / 1e6;
  return Date.now() - changed > 2000;
}

async function digestOf(dir: string, names: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const name of names) {
    hash.update(`${name}\0`);
    for await (const chunk of createReadStream(join(dir, name), { highWaterMark: 1 << 20 })) {
      if (Buffer.isBuffer(chunk)) hash.update(chunk);
    }
  }
  return hash.digest("hex");
}

/**
 * Hashes a checkpoint's files.
 * @throws RmbenchError `model` where the folder, its weights or a shard is missing.
 */
export async function readCheckpoint(dir: string, withCode: boolean): Promise<Checkpoint> {
  const there = await stat(dir).catch(() => null);
  if (!there?.isDirectory()) {
    throw new RmbenchError("model", `there is no model folder ${dir}`, {
      hint: "check the path; it is seen from the folder in which you stand, and a hub's name is org/name",
    });
  }
  const names = await readdir(dir);
  if (!names.includes("config.json")) {
    throw new RmbenchError("model", `${dir} has no config.json`, {
      hint: "torch: reads what transformers saves: model.save_pretrained(dir); for a file of ONNX weights it is onnx:",
    });
  }
  const first = weightNames.find((name) => names.includes(name));
  if (first === undefined) {
    throw new RmbenchError(
      "model",
      `${dir} has neither model.safetensors nor pytorch_model.bin, nor an index of several`,
      {
        hint: names.includes("adapter_config.json")
          ? "it holds an adapter: merge it first, with peft's merge_and_unload()"
          : "save the model there: model.save_pretrained(dir)",
      },
    );
  }
  const files = first.endsWith(".index.json") ? [first, ...(await shardsOf(join(dir, first)))] : [first];
  const code = withCode ? names.filter((name) => name.endsWith(".py")).sort() : [];
  const stamps: Record<string, string> = {};
  const hashed = async (group: readonly string[]) => {
    const taken: [name: string, stamp: string][] = [];
    for (const name of group) {
      const path = join(dir, name);
      const stamp = await stampOf(path).catch(() => {
        throw new RmbenchError("model", `${dir} lacks ${name}, which ${first} names`, { hint: "copy it there" });
      });
      taken.push([name, stamp]);
      stamps[path] = stamp;
    }
    const key = JSON.stringify([dir, taken]);
    const digest = digests.get(key) ?? (await digestOf(dir, group));
    if (taken.every(([, stamp]) => isSettled(stamp))) digests.set(key, digest);
    return digest;
  };
  const [weights, config] = [await hashed(files), await hashed(["config.json"])];
  return { weights, config, code: withCode ? await hashed(code) : null, stamps };
}
