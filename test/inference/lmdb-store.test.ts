import { mkdtemp, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

async function fill(count: number): Promise<void> {
  await using store = await lmdbStore(folder);
  await store.put(Array.from({ length: count }, (_, i) => [key(`text ${i}`), entry(i)] as const));
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
