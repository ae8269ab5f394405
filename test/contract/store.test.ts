import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { identityHash, scoreKey } from "../../src/inference/key.ts";
import { lmdbStore } from "../../src/inference/lmdb-store.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import type { ScoreStore, Stored } from "../../src/inference/store.ts";
import { question } from "../inference/models.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const stores: Record<string, () => Promise<ScoreStore>> = {
  memory: async () => memoryStore(),
  lmdb: async () => {
    const folder = await mkdtemp(join(tmpdir(), "rmbench-store-"));
    folders.push(folder);
    return lmdbStore(folder);
  },
};

const plain = { noNullPrototype: true } as const;
const stored: fc.Arbitrary<Stored> = fc.record(
  {
    score: fc.oneof(
      fc.record({ status: fc.constant("ok" as const), value: fc.double() }, plain),
      fc.record(
        {
          ...{ status: fc.constant("ok" as const), value: fc.double(), std: fc.double() },
          attributes: fc.dictionary(fc.stringMatching(/^[a-z]+$/), fc.double(), plain),
          vector: fc.array(fc.double()),
        },
        plain,
      ),
      fc.record({ status: fc.constant("unparsable" as const), text: fc.string({ unit: "grapheme" }) }, plain),
    ),
    tokens: fc.nat(),
    truncated: fc.boolean(),
    droppedDocuments: fc.nat({ max: 65535 }),
  },
  plain,
);

describe.each(Object.entries(stores))("score store: %s", (_name, open) => {
  it("gives back every entry to the bit, NaN and −0 included", async () => {
    await using store = await open();
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), stored, { maxKeys: 20 }), fc.string(), async (entries, salt) => {
        const keyed = Object.entries(entries).map(
          ([name, value]) => [scoreKey(identityHash({ salt, name }), question(name)), value] as const,
        );
        const before = keyed.map(([key]) => store.get(key));
        await store.put(keyed);
        for (const [i, [key, value]] of keyed.entries()) expect(store.get(key)).toStrictEqual(before[i] ?? value);
      }),
      { numRuns: 50 },
    );
  });

  it("keeps the first answer to a key", async () => {
    await using store = await open();
    const key = scoreKey(identityHash({ name: "a" }), question("x"));
    const entry = (value: number): Stored => ({
      score: { status: "ok", value },
      tokens: 1,
      truncated: false,
      droppedDocuments: 0,
    });
    await store.put([[key, entry(1)]]);
    await store.put([[key, entry(2)]]);
    expect(store.get(key)).toEqual(entry(1));
  });

  it("knows nothing of a key that was never put", async () => {
    await using store = await open();
    expect(store.get(scoreKey(identityHash({ name: "a" }), question("never")))).toBeUndefined();
  });
});
