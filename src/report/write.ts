/** The only part of this room that touches the disk: files are written aside and renamed, never half-written in place. */
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RmbenchError } from "../errors.ts";
import { asidePath, cannotWrite, realPath, replaceFile, type FileContent } from "../replace-file.ts";
import { plotNames } from "./plot-names.ts";

/** Names of the files that a run may have. */
const runFile = /^(report\.(json|md)|scores\.arrow|[a-z]+-[a-z0-9-]+\.svg)$/;

/**
 * Writes a run's folder: into a temporary folder beside it, then renamed, so that it is there whole or not at all. An
 * existing folder is replaced only if it is empty or a run of ours: it has a `report.json` that names our schema, and
 * no file that this report's run does not write. `files` maps names (no folders) to contents.
 * @throws RmbenchError `usage` where something else is at `dir`; `machine` where the disk does not allow it.
 */
export async function writeRun(dir: string, files: ReadonlyMap<string, FileContent>): Promise<void> {
  const stranger = [...files.keys()].find((name) => !runFile.test(name));
  if (stranger !== undefined)
    throw new RmbenchError("internal", `a run's folder has no place for a file named "${stranger}"`);
  const target = await realPath(dir);
  await tidy(target);
  const replaces = await checkReplaceable(target);
  const aside = asidePath(target);
  try {
    await mkdir(dirname(target), { recursive: true });
    await mkdir(aside);
    for (const [name, content] of files) await writeFile(join(aside, name), content, { flush: true });
    await (replaces ? swap(aside, target) : rename(aside, target));
  } catch (error) {
    throw cannotWrite(target, error);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Writes one file, and the folders that lead to it, as `replaceFile` does. */
export async function writeFileAside(path: string, content: FileContent): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  await replaceFile(path, content);
}

/** Checks before a run starts that its folder may be written or replaced. @throws RmbenchError as `writeRun`. */
export async function checkRunFolder(dir: string): Promise<void> {
  const target = await realPath(dir);
  await checkReplaceable((await exists(target)) ? target : oldPath(target));
}

/**
 * The folder to read a run from: `dir`, or where the run that it held stands while another takes its place, which a killed
 * process never finished.
 */
export async function runFolder(dir: string): Promise<string> {
  const target = await realPath(dir);
  return !(await exists(target)) && (await exists(oldPath(target))) ? oldPath(target) : dir;
}

/** Where the old run of a folder stands aside while the new one takes its place. */
function oldPath(target: string): string {
  return join(dirname(target), `.${basename(target)}.old`);
}

/** Ends what a process began that was killed between the two renames of `swap`, or behind them. */
async function tidy(target: string): Promise<void> {
  const old = oldPath(target);
  const names = await readdir(old).catch(() => null);
  if (names === null) return;
  // What was killed while it deleted the old run leaves some of its files: perhaps no report.json.
  const foreign = names.find((name) => !runFile.test(name));
  if (foreign !== undefined) {
    throw new RmbenchError(
      "usage",
      `${old} stands in the way: it holds ${JSON.stringify(foreign)}, which no run wrote`,
      {
        hint: "move it away, or give --out a new folder",
      },
    );
  }
  await ((await exists(target)) ? rm(old, { recursive: true, force: true }) : rename(old, target));
}

/** The old folder steps aside first and comes back where the new one cannot take its place. */
async function swap(fresh: string, target: string): Promise<void> {
  const old = oldPath(target);
  await rename(target, old);
  try {
    await rename(fresh, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

/** Whether something is there that is to be replaced. */
async function checkReplaceable(target: string): Promise<boolean> {
  const hint = "give --out a new folder, or the folder of an earlier run";
  let names: string[];
  try {
    names = await readdir(target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return false;
    if (code === "ENOTDIR") throw new RmbenchError("usage", `${target} is not a folder`, { hint, cause: error });
    throw cannotWrite(target, error);
  }
  if (names.length === 0) return true;
  const report = await reportAt(join(target, "report.json"));
  const written = new Set(["report.json", "report.md", "scores.arrow", ...chartsOf(report)]);
  const foreign = names.find((name) => !written.has(name));
  if (foreign !== undefined || report === null) {
    const what = foreign === undefined ? "no report.json of rmbench" : `${JSON.stringify(foreign)}, which no run wrote`;
    throw new RmbenchError("usage", `${target} is not replaced: it holds ${what}`, { hint });
  }
  return true;
}

interface WrittenReport {
  schema?: unknown;
  suites?: readonly { id?: unknown }[];
}

/** A `report.json` of any version of ours, or null where it is none. */
async function reportAt(path: string): Promise<WrittenReport | null> {
  try {
    const report = JSON.parse(await readFile(path, "utf8")) as WrittenReport | null;
    return typeof report?.schema === "string" && report.schema.startsWith("rmbench/report@") ? report : null;
  } catch {
    return null;
  }
}

function chartsOf(report: WrittenReport | null): string[] {
  const suites = Array.isArray(report?.suites) ? (report.suites as { id?: unknown }[]) : [];
  return suites.flatMap(({ id }) => Object.values(plotNames(String(id))));
}
