import { randomBytes } from "node:crypto";
import { open, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { messageOf, RmbenchError } from "./errors.ts";

/** Contents of a file, whole or in chunks. */
export type FileContent = string | Uint8Array | Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/**
 * Writes a file so that it appears whole or not at all: to a temporary file beside it, chunk by chunk as they come, which is
 * synced and renamed, and removed on any failure or abort. Follows a link to what it names.
 *
 * Throws what `content` throws, the signal's reason when aborted, and `RmbenchError("machine")` when the disk refuses.
 */
export async function replaceFile(path: string, content: FileContent, signal?: AbortSignal): Promise<void> {
  const target = await realPath(path);
  const refused = (cause: unknown): never => {
    throw cannotWrite(path, cause);
  };
  const aside = asidePath(target);
  const file = await open(aside, "wx").catch(refused);
  try {
    for await (const chunk of typeof content === "string" || content instanceof Uint8Array ? [content] : content) {
      signal?.throwIfAborted();
      await file.writeFile(chunk).catch(refused);
    }
    signal?.throwIfAborted();
    await file.sync().catch(refused);
    await file.close();
    await rename(aside, target).catch(refused);
    await syncFolder(dirname(target));
  } finally {
    await file.close().catch(() => undefined);
    await rm(aside, { force: true });
  }
}

/** Where a path leads, links followed as far as they exist. */
export function realPath(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

/** A hidden name beside `target` that no other process takes. */
export function asidePath(target: string): string {
  return join(dirname(target), `.${basename(target)}.${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
}

async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; there the rename alone has to do.
  const handle = await open(folder, "r").catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

const hints: Readonly<Record<string, string>> = {
  ENOENT: "choose a folder that exists",
  ENOSPC: "free some space, or write to another disk",
  EDQUOT: "free some space, or write to another disk",
  EACCES: "choose a folder that you may write to",
  EPERM: "choose a folder that you may write to",
  EROFS: "the disk is read-only: choose another folder",
  EISDIR: "name a file, not a folder",
  ENOTDIR: "a part of the path is a file: choose another folder",
};

/** What a failed write of `target` means for a person; errors of ours pass. */
export function cannotWrite(target: string, cause: unknown): RmbenchError {
  if (cause instanceof RmbenchError) return cause;
  const hint = hints[(cause as NodeJS.ErrnoException | null)?.code ?? ""];
  return new RmbenchError("machine", `cannot write ${target}: ${messageOf(cause)}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
