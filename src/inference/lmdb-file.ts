import { constants } from "node:fs";
import { open as openFile, type FileHandle } from "node:fs/promises";
import { messageOf, RmbenchError } from "../errors.ts";

/** How an error calls a data file that cannot be trusted. */
export function damaged(file: string, what: string, cause?: unknown): RmbenchError {
  return new RmbenchError("machine", `the score store's ${file} is damaged: ${what}`, {
    hint: "Delete the folder (its scores can be computed again) or name another one with --store.",
    cause,
  });
}

/** Pages that LMDB may count without having written them: those that a transaction took and gave back. */
const mostUnwrittenPages = 16;

const metaMagic = 0xbeefc0de;

/**
 * LMDB maps its file into memory and dies of SIGBUS where the file is shorter than its own meta pages say, so those
 * are read before it is opened. The last pages that they count need not be on disk in a healthy store, after SIGKILL or
 * while another process writes: a few are filled up with zeros, which LMDB takes for no page of a tree.
 * @throws RmbenchError `machine` where the file has no header or was cut.
 */
export async function makeMappable(file: string): Promise<void> {
  // Appending can never shorten the file or overwrite what another process writes meanwhile, as truncating could.
  const handle = await openFile(file, constants.O_RDWR | constants.O_APPEND).catch(() => null);
  if (handle === null) return;
  try {
    const missing = await missingBytes(handle, file);
    if (missing > 0) await handle.write(Buffer.alloc(missing));
  } finally {
    await handle.close();
  }
}

/**
 * As `makeMappable` for a file that may only be read, which then has to be whole.
 * @throws RmbenchError `machine` where it cannot be read either, has no header or is not whole.
 */
export async function checkMappable(file: string): Promise<void> {
  const handle = await openFile(file, "r").catch((error: unknown) => {
    throw new RmbenchError("machine", `the score store's ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  });
  try {
    const missing = await missingBytes(handle, file);
    if (missing === 0) return;
    throw new RmbenchError("machine", `the score store's ${file} lacks its last ${missing} bytes`, {
      hint: "It may only be read here, and such a file has to be mended first: repeat as a user who may write it.",
    });
  } finally {
    await handle.close();
  }
}

/** How much shorter the file is than its header says. @throws RmbenchError where that is more than can be right. */
async function missingBytes(handle: FileHandle, file: string): Promise<number> {
  const head = Buffer.alloc(8192);
  const { bytesRead } = await handle.read(head, 0, head.length, 0);
  if (bytesRead === 0) return 0;
  const start = [16, 24].find((offset) => bytesRead === head.length && head.readUInt32LE(offset) === metaMagic);
  if (start === undefined) throw damaged(file, "there is no LMDB header in it");
  const pageSize = head.readUInt32LE(start + 24);
  const second = Buffer.alloc(256);
  await handle.read(second, 0, second.length, pageSize);
  const lastPages = [head.subarray(start), second.subarray(start)].map((meta) => Number(meta.readBigUInt64LE(120)));
  const needed = (Math.max(...lastPages) + 1) * pageSize;
  // The size comes last: another process may have written the pages since it wrote the header.
  const { size } = await handle.stat();
  if (size >= needed) return 0;
  if (needed - size > mostUnwrittenPages * pageSize) {
    throw damaged(file, `it has ${size} bytes and its header names ${needed}`);
  }
  return needed - size;
}
