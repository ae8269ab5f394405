/** The only part of this room that touches the disk: files are written aside and renamed, never half-written in place. */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, readdir, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { RmbenchError, messageOf } from "../errors.ts";

/** Contents of a file, whole or in chunks. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** What may stand in a run's folder; a folder with anything else is never replaced. */
const ownNames = /^(report|scores|reliability|margins)(?:[-.].*)?$/;

/**
 * Writes a run's folder: into a temporary folder beside it, then renamed, so that it is there whole or not at all. An
 * existing folder is replaced only if it is empty or a run of ours: it has a `report.json` that names our schema, and
 * nothing that a run does not write. `files` maps names (no folders) to contents.
 * @throws RmbenchError `usage` where something else is at `dir`; `machine` where the disk does not allow it.
 */
export async function writeRun(dir: string, files: ReadonlyMap<string, FileContent>): Promise<void> {
  const stranger = [...files.keys()].find((name) => !isOwn(name));
  if (stranger !== undefined)
    throw new RmbenchError("internal", `a run's folder has no place for a file named "${stranger}"`);
  const target = await realpath(dir).catch(() => resolve(dir));
  const replaces = await checkReplaceable(target);
  const aside = asidePath(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await mkdir(aside);
    for (const [name, content] of files) await writeFile(join(aside, name), content, { flush: true });
    await (replaces ? swap(aside, target) : rename(aside, target));
  } catch (error) {
    throw asMachineError(error, target);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * Writes one file aside and renames it; chunks are written as they come. Replaces an existing file.
 * @throws RmbenchError `machine` where the disk does not allow it.
 */
export async function writeFileAside(path: string, content: FileContent): Promise<void> {
  const target = await realpath(path).catch(() => resolve(path));
  const aside = asidePath(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await writeFile(aside, content, { flush: true });
    await rename(aside, target);
  } catch (error) {
    throw asMachineError(error, target);
  } finally {
    await rm(aside, { force: true });
  }
}

/** Checks before a run starts that its folder may be written or replaced. @throws RmbenchError as `writeRun`. */
export async function checkRunFolder(dir: string): Promise<void> {
  await checkReplaceable(await realpath(dir).catch(() => resolve(dir)));
}

function isOwn(name: string): boolean {
  return ownNames.test(name) && name === basename(name) && !name.includes("\\");
}

function asidePath(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
}

/** Whether something is there that is to be replaced. */
async function checkReplaceable(target: string): Promise<boolean> {
  const hint = "give --out a new folder, or the folder of an earlier run";
  let names: string[];
  try {
    names = await readdir(target);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") return false;
    if (code === "ENOTDIR") throw new RmbenchError("usage", `${target} is not a folder`, { hint, cause: error });
    throw asMachineError(error, target);
  }
  if (names.length === 0) return true;
  const foreign = names.find((name) => !isOwn(name));
  if (foreign !== undefined) {
    throw new RmbenchError(
      "usage",
      `${target} is not replaced: it holds ${JSON.stringify(foreign)}, which no run wrote`,
      { hint },
    );
  }
  if (!(await isReport(join(target, "report.json")))) {
    throw new RmbenchError("usage", `${target} is not replaced: it holds no report.json of rmbench`, { hint });
  }
  return true;
}

async function isReport(path: string): Promise<boolean> {
  try {
    const json: unknown = JSON.parse(await readFile(path, "utf8"));
    const schema = typeof json === "object" && json !== null && "schema" in json ? json.schema : undefined;
    return typeof schema === "string" && schema.startsWith("rmbench/report@");
  } catch {
    return false;
  }
}

/** The old folder steps aside first and comes back where the new one cannot take its place. */
async function swap(fresh: string, target: string): Promise<void> {
  const old = `${fresh}.old`;
  await rename(target, old);
  try {
    await rename(fresh, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: "free some space, or write to another disk",
  EDQUOT: "free some space, or write to another disk",
  EACCES: "choose a folder that you may write to",
  EPERM: "choose a folder that you may write to",
  EROFS: "the disk is read-only: choose another folder",
  EISDIR: "name a file, not a folder",
  ENOTDIR: "a part of the path is a file: choose another folder",
};

function asMachineError(error: unknown, target: string): RmbenchError {
  if (error instanceof RmbenchError) return error;
  const hint = hints[codeOf(error) ?? ""];
  return new RmbenchError("machine", `cannot write ${target}: ${messageOf(error)}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

function codeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
