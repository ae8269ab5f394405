import { execFile } from "node:child_process";
import { mkdtemp, open, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { identityHash, scoreKey } from "../../src/inference/key.ts";
import { lmdbStore } from "../../src/inference/lmdb-store.ts";
import type { Stored } from "../../src/inference/store.ts";
import { question } from "./models.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-store-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = (value: number): Stored => ({
  score: { status: "ok", value },
  tokens: 1,
  truncated: false,
  droppedDocuments: 0,
});
const identity = (name: string) => identityHash({ name });
const key = (name: string, model = "a") => scoreKey(identity(model), question(name));

const unparsable = (text: string): Stored => ({ ...entry(0), score: { status: "unparsable", text } });

async function fill(count: number, stored: (i: number) => Stored = entry): Promise<void> {
  await using store = await lmdbStore(folder);
  await store.put(Array.from({ length: count }, (_, i) => [key(`text ${i}`), stored(i)] as const));
}

const pageSize = 4096;

/**
 * Makes both of LMDB's headers count pages behind the end of the file, as after a transaction that took pages and gave
 * them back. @returns the size of the file.
 */
async function countMorePages(pages: number): Promise<number> {
  const file = await open(join(folder, "data.mdb"), "r+");
  const { size } = await file.stat();
  for (const header of [0, pageSize]) {
    const lastPage = Buffer.alloc(8);
    lastPage.writeBigUInt64LE(BigInt(size / pageSize - 1 + pages));
    await file.write(lastPage, 0, 8, header + 24 + 120);
  }
  await file.close();
  return size;
}

describe("lmdbStore", () => {
  it("finds after reopening what was acknowledged before", async () => {
    await fill(2000);
    await using store = await lmdbStore(folder);
    for (let i = 0; i < 2000; i++) expect(store.get(key(`text ${i}`))).toEqual(entry(i));
  });

  it("counts and forgets the scores of one model", async () => {
    await using store = await lmdbStore(folder);
    const names = Array.from({ length: 50 }, (_, i) => `text ${i}`);
    for (const model of ["a", "b"]) {
      await store.remember(identity(model), model, new Date(0));
      await store.put(names.map((name, i) => [key(name, model), entry(i)] as const));
    }
    const counts = async () =>
      (await store.info()).models
        .map(({ model, scores }) => [model, scores] as const)
        .sort(([a], [b]) => a.localeCompare(b));
    expect(await counts()).toEqual([
      ["a", 50],
      ["b", 50],
    ]);
    await store.forget(identity("a"));
    expect(await counts()).toEqual([["b", 50]]);
    expect(names.map((name) => store.get(key(name, "a")))).toEqual(names.map(() => undefined));
    expect(names.map((name) => store.get(key(name, "b")))).toEqual(names.map((_, i) => entry(i)));
  });

  it("serves two holders of one folder at once", async () => {
    await using first = await lmdbStore(folder);
    await using second = await lmdbStore(folder);
    await Promise.all([first.put([[key("a"), entry(1)]]), second.put([[key("b"), entry(2)]])]);
    expect(first.get(key("b"))).toEqual(entry(2));
    expect(second.get(key("a"))).toEqual(entry(1));
  });

  it.each([8000, 20_000, 100_000])("refuses a data file cut to %i bytes instead of dying of it", async (size) => {
    await fill(2000);
    const file = join(folder, "data.mdb");
    expect((await stat(file)).size).toBeGreaterThan(size);
    await truncate(file, size);
    await expect(lmdbStore(folder)).rejects.toMatchObject({
      code: "machine",
      message: expect.stringContaining("damaged"),
    });
  });

  it("opens a healthy store whose header counts pages that were never written", async () => {
    await fill(2000);
    const size = await countMorePages(2);
    await using store = await lmdbStore(folder);
    expect((await stat(join(folder, "data.mdb"))).size).toBe(size + 2 * pageSize);
    for (let i = 0; i < 2000; i++) expect(store.get(key(`text ${i}`))).toEqual(entry(i));
    await store.put([[key("new"), entry(-1)]]);
    expect(store.get(key("new"))).toEqual(entry(-1));
  });

  it.each([1, 2, 3, 5, 8, 16])("never gives a wrong score where the last %i pages were cut", async (pages) => {
    await fill(2000, (i) => (i % 50 === 0 ? unparsable("x".repeat(10_000)) : entry(i)));
    const file = join(folder, "data.mdb");
    await truncate(file, (await stat(file)).size - pages * pageSize);
    const seen = { right: 0, missing: 0, damaged: 0 };
    try {
      await using store = await lmdbStore(folder);
      for (let i = 0; i < 2000; i++) {
        try {
          const found = store.get(key(`text ${i}`));
          if (found === undefined) seen.missing++;
          else {
            seen.right++;
            if (i % 50 !== 0) expect(found).toEqual(entry(i));
            else expect(found.score.status).toBe("unparsable");
          }
        } catch (error) {
          expect(error).toMatchObject({ code: "machine", message: expect.stringContaining("damaged") });
          seen.damaged++;
        }
      }
    } catch (error) {
      expect(error).toMatchObject({ code: "machine" });
      seen.damaged = 2000;
    }
    expect(seen.right + seen.missing + seen.damaged).toBe(2000);
  });

  it("never shortens a file that another holder lets grow while it is opened", async () => {
    await using first = await lmdbStore(folder);
    for (let round = 0; round < 20; round++) {
      const batch = Array.from({ length: 200 }, (_, i) => [key(`${round}-${i}`), entry(i)] as const);
      const [second] = await Promise.all([lmdbStore(folder), first.put(batch)]);
      expect(second.get(key(`${round}-199`))).toEqual(entry(199));
      await second[Symbol.asyncDispose]();
    }
    for (let round = 0; round < 20; round++) expect(first.get(key(`${round}-0`))).toEqual(entry(0));
  });

  it("takes an empty format file, which a process leaves that was killed while it made the store, for none", async () => {
    await writeFile(join(folder, "format"), "");
    await fill(1);
    await using store = await lmdbStore(folder);
    expect(store.get(key("text 0"))).toEqual(entry(0));
  });

  it("can be made by many processes at once", async () => {
    const bin = pathToFileURL(join(root, "dist/inference/lmdb-store.js")).href;
    const script = `const { lmdbStore } = await import(${JSON.stringify(bin)}); const store = await lmdbStore(process.argv[1]); await store[Symbol.asyncDispose]();`;
    const runs = Array.from({ length: 6 }, () =>
      promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, folder]),
    );
    await expect(Promise.all(runs)).resolves.toHaveLength(6);
    expect((await readdir(folder)).sort()).toEqual(["data.mdb", "format", "lock.mdb"]);
  });

  it("refuses a data file that is none", async () => {
    await fill(1);
    await writeFile(join(folder, "data.mdb"), "x".repeat(50_000));
    await expect(lmdbStore(folder)).rejects.toMatchObject({ code: "machine" });
  });

  it("refuses a store of another format and names it", async () => {
    await fill(1);
    await writeFile(join(folder, "format"), "rmbench-store/0\n");
    await expect(lmdbStore(folder)).rejects.toMatchObject({
      code: "machine",
      message: expect.stringContaining("rmbench-store/0"),
    });
  });

  it("says so where the folder is a file", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(lmdbStore(join(file, "store"))).rejects.toMatchObject({ code: "machine" });
  });
});
