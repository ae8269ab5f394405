import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RmbenchError } from "../errors.ts";
import { parseReport } from "../report/json.ts";
import type { Report } from "../report/schema.ts";
import { runFolder } from "../report/write.ts";
import { readScores, type SuiteTables } from "../scores/arrow.ts";

export interface SavedRun {
  folder: string;
  report: Report;
}

/** @param name the folder of a run, or its report.json. @throws RmbenchError `usage` when there is no run. */
export async function openRun(name: string, cwd: string): Promise<SavedRun> {
  const path = await runFolder(resolve(cwd, name));
  const found = await stat(path).catch(() => null);
  const folder = found?.isDirectory() === true ? path : join(path, "..");
  const file = join(folder, "report.json");
  const text = found === null ? null : await readFile(file, "utf8").catch(() => null);
  if (text === null) {
    const runs = found?.isDirectory() === true ? await runsIn(folder) : [];
    if (runs.length > 0) {
      throw new RmbenchError(
        "usage",
        `${name} holds ${runs.length === 1 ? "a run" : `${runs.length} runs`}, and is none itself`,
        {
          hint: `Name one: ${runs
            .slice(0, 12)
            .map((run) => join(name, run))
            .join(", ")}${runs.length > 12 ? ", …" : "."}`,
        },
      );
    }
    throw new RmbenchError("usage", `there is no run at ${name}`, {
      hint: "Name the folder of a run, as `rmbench list runs` shows them.",
    });
  }
  return { folder, report: parseReport(text, file) };
}

async function runsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  const reports = await Promise.all(names.map((name) => stat(join(folder, name, "report.json")).catch(() => null)));
  return names.filter((_, i) => reports[i] !== null);
}

export async function runScores({ folder }: SavedRun): Promise<SuiteTables> {
  return (await readScores(join(folder, "scores.arrow"))).tables;
}
