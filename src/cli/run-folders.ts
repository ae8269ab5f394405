import { constants } from "node:fs";
import { access, mkdir, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Config } from "../config/schema.ts";
import { withoutCredentials } from "../credentials.ts";
import { cannotWrite, realPath } from "../replace-file.ts";

/** The folders of a command's runs, one for each model; on disposal those that stayed empty are gone. */
export interface RunFolders extends AsyncDisposable {
  paths: readonly string[];
}

/**
 * `--out` (several models: a folder in it for each), or `reports/<model>[-shard-<i>-of-<n>]-<time>`, which are made at
 * once, so that commands that run side by side never share one.
 * @throws RmbenchError `usage` when `--out` holds something else than a run, `machine` when a folder cannot be made.
 */
export async function claimRunFolders(
  { out, shard }: Config,
  models: readonly string[],
  now: Date,
  cwd: string,
): Promise<RunFolders> {
  const names = models.map(slug);
  if (out !== undefined) {
    const { checkRunFolder } = await import("../report/write.ts");
    const paths = names.map((name, i) => {
      const twin = names.indexOf(name) < i ? `-${i + 1}` : "";
      return resolve(cwd, models.length === 1 ? out : join(out, `${name}${twin}`));
    });
    for (const path of paths) {
      await checkRunFolder(path);
      await checkWritable(path);
    }
    return { paths, [Symbol.asyncDispose]: async () => {} };
  }
  const part = shard === undefined ? "" : `-shard-${shard.replace("/", "-of-")}`;
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
  const paths: string[] = [];
  for (const name of names) paths.push(await claim(resolve(cwd, "reports", `${name}${part}-${time}`)));
  const release = async () => {
    for (const path of paths) await rmdir(path).catch(() => undefined); // a folder with a run in it stays
  };
  return { paths, [Symbol.asyncDispose]: release };
}

/** Checks that the folder could be made or replaced: what leads to it must be a folder that one may write to. */
async function checkWritable(folder: string): Promise<void> {
  let parent = dirname(await realPath(folder));
  for (;;) {
    const error = await access(parent, constants.W_OK | constants.X_OK).then(
      () => null,
      (reason: NodeJS.ErrnoException) => reason,
    );
    if (error === null) return;
    if (error.code !== "ENOENT" || dirname(parent) === parent) throw cannotWrite(folder, error);
    parent = dirname(parent);
  }
}

/** Makes the folder, or the first of `<folder>-2`, `<folder>-3`, … that nobody has made. */
async function claim(folder: string): Promise<string> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    for (let n = 1; ; n++) {
      const path = n === 1 ? folder : `${folder}-${n}`;
      const free = await mkdir(path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return false;
          throw error;
        },
      );
      if (free) return path;
    }
  } catch (error) {
    throw cannotWrite(folder, error);
  }
}

/** What is too long loses its middle: it begins with the kind of model and ends with what tells checkpoints apart. */
function slug(model: string): string {
  const plain = withoutCredentials(model)
    .toLowerCase()
    .replace(/(^|[:/\\(,])(\.*[/\\])+/g, "$1")
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  if (plain.length > 60) return `${plain.slice(0, 26)}--${plain.slice(-32).replace(/^[-.]+/, "")}`;
  return plain === "" ? "model" : plain;
}
