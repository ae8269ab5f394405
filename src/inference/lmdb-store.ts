import { constants, statfsSync } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { open, type Database, type RootDatabase } from "lmdb";
import { messageOf, RmbenchError } from "../errors.ts";
import { identityPrefix } from "./key.ts";
import { checkMappable, damaged, makeMappable } from "./lmdb-file.ts";
import type { ScoreParts } from "../models/reward-model.ts";
import { replaceFile } from "../replace-file.ts";
import type { ScoreStore, Stored } from "./store.ts";

/** Raised whenever the meaning of keys or values changes: scores of another format are refused, never misread. */
const format = "rmbench-store/2";

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
  const file = join(path, "data.mdb");
  await makeMappable(file);
  const databases = openDatabase(path);
  const { root, scores, models } = databases;
  // Synchronous transactions: where the disk is full, LMDB's queued ones end the process with an unhandled rejection.
  const written = async (what: () => void): Promise<void> => {
    refuseFullDisk(path);
    try {
      root.transactionSync(what);
    } catch (error) {
      if (saysDamaged(error)) throw damaged(file, messageOf(error), error);
      throw new RmbenchError("incomplete", `the score store ${path} cannot be written: ${messageOf(error)}`, {
        hint: "Make room on the disk (or name another folder with --store) and repeat the command: what was stored is kept.",
        cause: error,
      });
    }
  };
  const read = <T>(what: () => T): T => {
    try {
      return what();
    } catch (error) {
      throw unreadable(path, file, error);
    }
  };
  return {
    lasts: true,
    get: (key) => {
      const bytes = read(() => scores.get(key));
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
        for (const key of keysOf(scores, identity)) scores.removeSync(key);
        models.removeSync(identity);
      }),
    info: () => infoOf(path, databases),
    [Symbol.asyncDispose]: () => root.close(),
  };
}

/**
 * What is in a store, also in one that may only be read.
 * @throws RmbenchError as `lmdbStore`.
 */
export async function storeInfo(path: string): Promise<StoreInfo> {
  const file = join(path, "data.mdb");
  if ((await mayWrite(path)) && (await mayWrite(file))) {
    await using store = await lmdbStore(path);
    return await store.info();
  }
  await checkFormat(path);
  await checkMappable(file);
  // LMDB writes a lock file beside its data, so it is shown them through a link in a folder of its own.
  const aside = await mkdtemp(join(tmpdir(), "rmbench-store-"));
  try {
    await symlink(resolve(file), join(aside, "data.mdb"));
    const databases = openDatabase(aside, true);
    try {
      return await infoOf(path, databases);
    } finally {
      await databases.root.close();
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function infoOf(path: string, { scores, models }: Databases): Promise<StoreInfo> {
  const file = join(path, "data.mdb");
  try {
    return {
      path,
      bytes: (await stat(file)).size,
      models: Array.from(models.getRange(), ({ key, value }) => ({
        identity: key,
        ...value,
        scores: keysOf(scores, key).length,
      })),
    };
  } catch (error) {
    throw unreadable(path, file, error);
  }
}

function saysDamaged(error: unknown): boolean {
  return /MDB_(CORRUPTED|PAGE_NOTFOUND|INVALID)/.test(messageOf(error));
}

function unreadable(path: string, file: string, error: unknown): RmbenchError {
  if (saysDamaged(error)) return damaged(file, messageOf(error), error);
  return new RmbenchError("machine", `the score store ${path} cannot be read: ${messageOf(error)}`, {
    hint: "Repeat the command, or name another folder with --store.",
    cause: error,
  });
}

function keysOf(scores: Databases["scores"], identity: string): Buffer[] {
  const start = identityPrefix(identity);
  return Array.from(scores.getKeys({ start, end: Buffer.concat([start, Buffer.alloc(25, 0xff)]) }));
}

function mayWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** Whether there is a store in the folder, of whatever format. */
export async function storeExists(path: string): Promise<boolean> {
  return (await stat(join(path, "format")).catch(() => null)) !== null;
}

interface Databases {
  root: RootDatabase;
  scores: Database<Buffer, Buffer>;
  models: Database<{ model: string; lastUsed: string }, string>;
}

function openDatabase(path: string, readOnly = false): Databases {
  try {
    const root = open({ path, compression: false, maxDbs: 4, overlappingSync: false, readOnly });
    return {
      root,
      scores: root.openDB({ name: "scores", encoding: "binary", keyEncoding: "binary" }),
      models: root.openDB({ name: "models", encoding: "json" }),
    };
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
    // Put in place whole: a process that opens the store at the same moment must never read half of it.
    if (!(await checkFormat(path))) await replaceFile(join(path, "format"), `${format}\n`);
  } catch (error) {
    if (error instanceof RmbenchError) throw error;
    throw new RmbenchError("machine", `the score store ${path} cannot be written: ${messageOf(error)}`, {
      hint,
      cause: error,
    });
  }
}

/** Whether the folder has a store. @throws RmbenchError `machine` where it is of another format. */
async function checkFormat(path: string): Promise<boolean> {
  const found = await readFile(join(path, "format"), "utf8").catch(() => "");
  if (found === "") return false;
  if (found.trim() === format) return true;
  throw new RmbenchError(
    "machine",
    `the score store ${path} has format ${JSON.stringify(found.trim().slice(0, 40))}, this rmbench writes ${format}`,
    {
      hint: "Name another folder with --store, or delete that one: its scores can be computed again.",
    },
  );
}

/** What the bytes after the first 16 hold: nothing, the text of an unparsable answer, or the score's parts as JSON. */
const kinds = ["reward", "unparsable", "parts"] as const;

/** kind u8, truncated u8, dropped documents u16, tokens u32, value f64, then what the kind says. */
function encode({ score, tokens, truncated, droppedDocuments }: Stored): Buffer {
  const [kind, tail] = tailOf(score);
  const text = Buffer.from(tail, "utf8");
  const bytes = Buffer.alloc(16 + text.length);
  bytes.writeUInt8(kinds.indexOf(kind), 0);
  bytes.writeUInt8(truncated ? 1 : 0, 1);
  bytes.writeUInt16LE(Math.min(droppedDocuments, 0xffff), 2);
  bytes.writeUInt32LE(tokens, 4);
  if (score.status === "ok") bytes.writeDoubleLE(score.value, 8);
  text.copy(bytes, 16);
  return bytes;
}

function tailOf(score: Stored["score"]): [kind: (typeof kinds)[number], tail: string] {
  if (score.status === "unparsable") return ["unparsable", score.text];
  const { std, attributes, vector } = score;
  if (std === undefined && attributes === undefined && vector === undefined) return ["reward", ""];
  return ["parts", JSON.stringify({ std, attributes, vector }, (_, value: unknown) => asText(value))];
}

/** JSON has no NaN, no infinity and no −0; as texts they come back as they went. */
function asText(value: unknown): unknown {
  if (Object.is(value, -0)) return "-0";
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function partsOf(tail: string): ScoreParts {
  return JSON.parse(tail, (key, v: unknown) => (typeof v === "string" && key !== "" ? Number(v) : v)) as ScoreParts;
}

/** Undefined for a page of zeros where a text should be: such a score is as good as never stored. */
function decode(bytes: Buffer): Stored | undefined {
  const kind = kinds[bytes.readUInt8(0)];
  if (kind === undefined || (kind === "reward" && bytes.length !== 16)) return undefined;
  const tail = bytes.toString("utf8", 16);
  const score: Stored["score"] =
    kind === "unparsable"
      ? { status: "unparsable", text: tail }
      : { status: "ok", value: bytes.readDoubleLE(8), ...(kind === "parts" && partsOf(tail)) };
  return {
    score,
    tokens: bytes.readUInt32LE(4),
    truncated: bytes.readUInt8(1) === 1,
    droppedDocuments: bytes.readUInt16LE(2),
  };
}
