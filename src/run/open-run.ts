import { readFile, stat } from "node:fs/promises";
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
    throw new RmbenchError("usage", `there is no run at ${name}`, {
      hint: "Name the folder of a run, as `rmbench list runs` shows them.",
    });
  }
  return { folder, report: parseReport(text, file) };
}

export async function runScores({ folder }: SavedRun): Promise<SuiteTables> {
  return (await readScores(join(folder, "scores.arrow"))).tables;
}
