import { identityHash } from "../inference/key.ts";
import { renderRunFiles } from "../report/run-files.ts";
import type { Report } from "../report/schema.ts";
import type { FileContent } from "../replace-file.ts";
import { writeRun } from "../report/write.ts";
import { encodeScores, type SuiteTables } from "../scores/arrow.ts";

/** Writes the folder of a run: report.json, report.md with its plots, and scores.arrow. */
export async function saveRun(folder: string, report: Report, tables: SuiteTables): Promise<void> {
  const files = new Map<string, FileContent>(await renderRunFiles(report));
  files.set("scores.arrow", encodeScores(tables, identityHash(report.model.identity)));
  await writeRun(folder, files);
}
