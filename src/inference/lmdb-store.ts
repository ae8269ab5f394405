import { constants, statfsSync } from "node:fs";
import { access, mkdir, open as openFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { open, type RootDatabase } from "lmdb";
import { messageOf, RmbenchError } from "../errors.ts";
import { identityPrefix } from "./key.ts";
import type { Score } from "../models/reward-model.ts";
import type { ScoreStore, Stored } from "./store.ts";

/** Raised whenever the meaning of keys or values changes: scores of another format are refused, never misread. */
const format = "rmbench-store/1";

/** A model that has scores in a store. */
export interface StoredModel {
  /** sha256 of the model's identity. */
  identity: string;
  /** As the user named it last. */
  model: string;
  scores: number;
  /** When it last took part in a run, as an ISO date. */
  lastUsed: string;
}

/** What `rmbench store info` prints. */
export interface StoreInfo {
  path: string;
  bytes: number;
  models: StoredModel[];
}

export interface LmdbStore extends ScoreStore {
  info(): Promise<StoreInfo>;
  /** Deletes all scores of a model; the file keeps its size, and its free pages are used again. */
  forget(identity: string): Promise<void>;
}

/**
 * Opens (and creates) the LMDB store in `path`: many processes may read and write it at once.
 * @throws RmbenchError `machine` when the folder cannot be written or the data file is damaged or of another format.
 */
export async function lmdbStore(path: string): Promise<LmdbStore> {
  await prepareFolder(path);
  await refuseDamagedFile(join(path, "data.mdb"));
  const root = openDatabase(path);
  const scores = root.openDB<Buffer, Buffer>({ name: "scores", encoding: "binary", keyEncoding: "binary" });
  const models = root.openDB<{ model: string; lastUsed: string }, string>({ name: "models", encoding: "json" });
  // Synchronous transactions: where the disk is full, LMDB's queued ones end the process with an unhandled rejection.
  const written = async (what: () => void): Promise<void> => {
    refuseFullDisk(path);
    try {
      root.transactionSync(what);
    } catch (error) {
      throw new RmbenchError("incomplete", `the score store ${path} cannot be written: ${messageOf(error)}`, {
        hint: "Make room on the disk (or name another folder with --store) and repeat the command: what was stored is kept.",
        cause: error,
      });
    }
  };
  const keysOf = (identity: string) => {
    const start = identityPrefix(identity);
    return scores.getKeys({ start, end: Buffer.concat([start, Buffer.alloc(25, 0xff)]) });
  };
  return {
    get: (key) => {
      const bytes = scores.get(key);
      return bytes === undefined ? undefined : decode(bytes);
    },
    put: (entries) =>
      written(() => {
        for (const [key, stored] of entries) {
          if (scores.get(key) === undefined) scores.putSync(key, encode(stored));
        }
      }),
    remember: (identity, model, at) => written(() => models.putSync(identity, { model, lastUsed: at.toISOString() })),
    forget: (identity) =>
      written(() => {
        for (const key of Array.from(keysOf(identity))) scores.removeSync(key);
        models.removeSync(identity);
      }),
    info: async () => ({
      path,
      bytes: (await stat(join(path, "data.mdb"))).size,
      models: Array.from(models.getRange()).map(({ key, value }) => ({
        identity: key,
        ...value,
        scores: Array.from(keysOf(key)).length,
      })),
    }),
    [Symbol.asyncDispose]: () => root.close(),
  };
}

function openDatabase(path: string): RootDatabase {
  try {
    return open({ path, compression: false, maxDbs: 4, overlappingSync: false });
  } catch (error) {
    throw new RmbenchError("machine", `the score store ${path} cannot be opened: ${messageOf(error)}`, {
      hint: "Name another folder with --store, or --store none to keep no scores.",
      cause: error,
    });
  }
}

const leastFreeBytes = 4 * 2 ** 20;

/** LMDB corrupts its heap where a write meets a full disk, so the disk is asked first. */
function refuseFullDisk(path: string): void {
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize >= leastFreeBytes) return;
  throw new RmbenchError(
    "incomplete",
    `the disk of the score store ${path} is full: ${bavail * bsize} bytes are free`,
    {
      hint: "Make room on the disk (or name another folder with --store) and repeat the command: what was stored is kept.",
    },
  );
}

async function prepareFolder(path: string): Promise<void> {
  const hint = "Name a folder that you may write to with --store, or --store none to keep no scores.";
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    const marker = join(path, "format");
    const found = await readFile(marker, "utf8").catch(() => null);
    if (found === null) await writeFile(marker, `${format}\n`);
    else if (found.trim() !== format) {
      throw new RmbenchError(
        "machine",
        `the score store ${path} has format ${JSON.stringify(found.trim().slice(0, 40))}, this rmbench writes ${format}`,
        {
          hint: "Name another folder with --store, or delete that one: its scores can be computed again.",
        },
      );
    }
  } catch (error) {
    if (error instanceof RmbenchError) throw error;
    throw new RmbenchError("machine", `the score store ${path} cannot be written: ${messageOf(error)}`, {
      hint,
      cause: error,
    });
  }
}

const metaMagic = 0xbeefc0de;

/**
 * LMDB maps its file into memory and dies of SIGBUS where the file is shorter than its own meta page says, so the
 * two meta pages are read before it is opened.
 */
async function refuseDamagedFile(file: string): Promise<void> {
  const handle = await openFile(file, "r").catch(() => null);
  if (handle === null) return;
  try {
    const { size } = await handle.stat();
    if (size === 0) return;
    const head = Buffer.alloc(8192);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const start = [16, 24].find((offset) => bytesRead === head.length && head.readUInt32LE(offset) === metaMagic);
    const damaged = (what: string) =>
      new RmbenchError("machine", `the score store's ${file} is damaged: ${what}`, {
        hint: "Delete the folder (its scores can be computed again) or name another one with --store.",
      });
    if (start === undefined) throw damaged(`no LMDB header in its ${size} bytes`);
    const pageSize = head.readUInt32LE(start + 24);
    const second = Buffer.alloc(256);
    await handle.read(second, 0, second.length, pageSize);
    for (const meta of [head.subarray(start), second.subarray(start)]) {
      const needed = (Number(meta.readBigUInt64LE(120)) + 1) * pageSize;
      if (needed > size) throw damaged(`it has ${size} bytes and its header names ${needed}`);
    }
  } finally {
    await handle.close();
  }
}

const statuses = ["ok", "unparsable"] as const;

/** status u8, truncated u8, dropped documents u16, tokens u32, value f64, then the text of an unparsable answer. */
function encode({ score, tokens, truncated, droppedDocuments }: Stored): Buffer {
  const text = score.status === "unparsable" ? Buffer.from(score.text, "utf8") : Buffer.alloc(0);
  const bytes = Buffer.alloc(16 + text.length);
  bytes.writeUInt8(statuses.indexOf(score.status), 0);
  bytes.writeUInt8(truncated ? 1 : 0, 1);
  bytes.writeUInt16LE(Math.min(droppedDocuments, 0xffff), 2);
  bytes.writeUInt32LE(tokens, 4);
  if (score.status === "ok") bytes.writeDoubleLE(score.value, 8);
  text.copy(bytes, 16);
  return bytes;
}

function decode(bytes: Buffer): Stored {
  const score: Stored["score"] =
    bytes.readUInt8(0) === 0
      ? ({ status: "ok", value: bytes.readDoubleLE(8) } satisfies Score)
      : ({ status: "unparsable", text: bytes.toString("utf8", 16) } satisfies Score);
  return {
    score,
    tokens: bytes.readUInt32LE(4),
    truncated: bytes.readUInt8(1) === 1,
    droppedDocuments: bytes.readUInt16LE(2),
  };
}
