/** What `rmbench doctor` says of the places where scores and downloaded models are kept. */
import type { Dirent } from "node:fs";
import { access, constants, lstat, readdir, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../errors.ts";
import { hubCache } from "../models/transformers/hub.ts";
import type { CliContext } from "./context.ts";

export interface Place {
  folder: string;
  exists: boolean;
  bytes: number;
  /** Free on the disk that the folder is on, or would be on. */
  freeBytes: number;
  /** Why it cannot be used, or null. */
  problem: string | null;
}

/** The score store in a folder, opened where there is one and never made. */
export async function storePlace(folder: string): Promise<Place & { scores: number }> {
  const { lmdbStore, storeExists } = await import("../inference/lmdb-store.ts");
  const place = { ...(await placeOf(folder)), scores: 0 };
  if (place.problem !== null || !(await storeExists(folder))) return place;
  try {
    await using store = await lmdbStore(folder);
    const { bytes, models } = await store.info();
    return { ...place, bytes, scores: models.reduce((sum, model) => sum + model.scores, 0) };
  } catch (error) {
    return { ...place, problem: messageOf(error) };
  }
}

/** The cache of the model hub, which is shared with huggingface_hub. */
export async function hubPlace(env: CliContext["env"]): Promise<Place> {
  const place = await placeOf(hubCache(env));
  if (!place.exists) return place;
  let entries: Dirent[];
  try {
    entries = await readdir(place.folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    return { ...place, problem: messageOf(error) };
  }
  let bytes = 0;
  for (const entry of entries) {
    // Snapshots link to blobs: each file counts once.
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name)).catch(() => null))?.size ?? 0;
  }
  return { ...place, bytes };
}

async function placeOf(folder: string): Promise<Place> {
  let standing = folder;
  while (!(await reaches(standing, constants.F_OK)) && dirname(standing) !== standing) standing = dirname(standing);
  const { bavail, bsize } = await statfs(standing);
  const problem = (await reaches(standing, constants.W_OK)) ? null : `${standing} cannot be written`;
  return { folder, exists: standing === folder, bytes: 0, freeBytes: bavail * bsize, problem };
}

function reaches(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
