import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { readScores, type StoredScores } from "../scores/arrow.ts";
import { openRun, runScores } from "./open-run.ts";
import { identityHash } from "../inference/key.ts";

export interface NamedScores extends StoredScores {
  /** As the user named it. */
  name: string;
  /** The model of a run's folder; of a bare score table only its path is known. */
  model: string;
  /** What the hash `identity` is of; null where only the hash is known. */
  identityParts: Readonly<Record<string, string>> | null;
}

/**
 * The scores of a run's folder, or of a bare `scores.arrow`.
 * @throws RmbenchError `usage` where there is neither, `data` where the file is damaged or none of ours.
 */
export async function openScores(name: string, cwd: string): Promise<NamedScores> {
  const path = resolve(cwd, name);
  const found = await stat(path).catch(() => null);
  if (found?.isFile() === true && !path.endsWith(".json")) {
    return { name, model: name, identityParts: null, ...(await readScores(path)) };
  }
  const run = await openRun(name, cwd);
  return {
    name,
    model: run.report.model.id,
    identity: identityHash(run.report.model.identity),
    identityParts: run.report.model.identity,
    tables: await runScores(run),
  };
}
