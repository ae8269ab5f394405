import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { parseShard, parseWhere, select, type Selection } from "../../src/pairs/select.ts";
import { pair } from "../cli/pairs.ts";

const source = (pairs: readonly PreferencePair[]): AsyncIterable<readonly PreferencePair[]> => ({
  async *[Symbol.asyncIterator]() {
    for (let i = 0; i < pairs.length; i += 7) yield pairs.slice(i, i + 7);
  },
});

async function chosen(pairs: readonly PreferencePair[], selection: Selection): Promise<PreferencePair[]> {
  const picked: PreferencePair[] = [];
  for await (const window of select(source(pairs), selection)) picked.push(...window);
  return picked;
}

const ids = (pairs: readonly PreferencePair[]): string[] => pairs.map((one) => one.id);

/** Clusters of 1 to 5 pairs in subsets of different size; some pairs stand alone. */
const suite = Array.from({ length: 400 }, (_, i) =>
  pair({
    id: `${i}`,
    subset: i < 300 ? "large" : i < 380 ? "middle" : "small",
    cluster: i % 5 === 0 ? null : `c${Math.floor(Math.sqrt(i * 60))}`,
    direction: i % 2 === 0 ? "refuse" : "comply",
    language: i % 3 === 0 ? "de" : null,
    tags: { model: `m${i % 4}` },
  }),
);

const clustersOf = (pairs: readonly PreferencePair[]): Map<string, number> => {
  const sizes = new Map<string, number>();
  for (const { cluster } of pairs) if (cluster !== null) sizes.set(cluster, (sizes.get(cluster) ?? 0) + 1);
  return sizes;
};

describe("--limit", () => {
  it("takes whole clusters, at most that many pairs, in the suite's order, for every limit and seed", async () => {
    const whole = clustersOf(suite);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: 500 }), fc.string({ maxLength: 3 }), async (limit, seed) => {
        const picked = await chosen(suite, { limit, seed });
        expect(picked.length).toBeLessThanOrEqual(limit);
        for (const one of suite.filter((any) => !picked.includes(any))) {
          const size = one.cluster === null ? 1 : whole.get(one.cluster);
          expect(size, "what is left out would not fit").toBeGreaterThan(limit - picked.length);
        }
        for (const [cluster, size] of clustersOf(picked)) expect(size).toBe(whole.get(cluster));
        expect(ids(picked)).toEqual(ids(suite.filter((one) => picked.includes(one))));
      }),
      { numRuns: 40 },
    );
  });

  it("keeps the shares of the subsets", async () => {
    const picked = await chosen(suite, { limit: 100, seed: "1" });
    const share = (subset: string): number => picked.filter((one) => one.subset === subset).length;
    expect(Math.abs(share("large") - 75)).toBeLessThanOrEqual(5);
    expect(Math.abs(share("middle") - 20)).toBeLessThanOrEqual(5);
    expect(Math.abs(share("small") - 5)).toBeLessThanOrEqual(5);
  });

  it("repeats with its seed, differs with another, and does not depend on the order of the suite", async () => {
    const limit = 60;
    const picked = ids(await chosen(suite, { limit, seed: "a" }));
    expect(ids(await chosen(suite, { limit, seed: "a" }))).toEqual(picked);
    expect(ids(await chosen(suite, { limit, seed: "b" }))).not.toEqual(picked);
    const alone = suite.map((one) => ({ ...one, cluster: null, subset: "one" }));
    const forward = ids(await chosen(alone, { limit, seed: "a" }));
    expect(ids(await chosen(alone.toReversed(), { limit, seed: "a" })).toReversed()).toEqual(forward);
  });

  it("says so when no cluster fits", async () => {
    const one = ["a", "b", "c"].map((id) => pair({ id, cluster: "all" }));
    await expect(chosen(one, { limit: 2 })).rejects.toThrow("no whole cluster fits into --limit 2");
  });
});

describe("--shard", () => {
  it("splits everything without overlap and without splitting clusters, whatever else is selected", async () => {
    for (const of of [1, 2, 3, 8]) {
      for (const selection of [{}, { limit: 90, seed: "x" }, { where: [{ key: "subset", value: "large" }] }]) {
        const parts = await Promise.all(
          Array.from({ length: of }, (_, i) => chosen(suite, { ...selection, shard: { index: i + 1, of } })),
        );
        const together = parts.flat();
        const expected = await chosen(suite, selection);
        expect(ids(together).toSorted()).toEqual(ids(expected).toSorted());
        const homes = parts.map((part) => new Set(clustersOf(part).keys()));
        expect(homes.reduce((sum, set) => sum + set.size, 0)).toBe(clustersOf(expected).size);
      }
    }
  });

  it("may be empty", async () => {
    const one = [pair({ id: "a" })];
    const sizes = await Promise.all(
      [1, 2].map(async (index) => (await chosen(one, { shard: { index, of: 2 } })).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1);
  });
});

describe("--where", () => {
  it("joins keys with and, values of one key with or, over fields and tags", async () => {
    const where = [parseWhere("subset=middle"), parseWhere("subset=small"), parseWhere("direction=comply")];
    expect(ids(await chosen(suite, { where }))).toEqual(
      ids(suite.filter((one) => one.subset !== "large" && one.direction === "comply")),
    );
    for (const key of ["model", "tags.model"]) {
      const picked = await chosen(suite, { where: [parseWhere(`${key}=m1`), parseWhere("language=de")] });
      expect(ids(picked)).toEqual(ids(suite.filter((_, i) => i % 4 === 1 && i % 3 === 0)));
    }
  });

  it("keeps equals signs in values, and refuses what has none", () => {
    expect(parseWhere("cluster=a=b")).toEqual({ key: "cluster", value: "a=b" });
    expect(() => parseWhere("cluster")).toThrow("not key=value");
  });

  it("is an error when nothing meets it", async () => {
    await expect(chosen(suite, { where: [parseWhere("constructor=x")] })).rejects.toMatchObject({
      code: "usage",
      hint: expect.stringContaining("subset, direction"),
    });
  });
});

describe("--ids", () => {
  const pairs = [pair({ id: "1" }), pair({ id: "1", subset: "other" }), pair({ id: "chat/2" })];

  it("takes an id in every subset, or one key", async () => {
    expect(await chosen(pairs, { ids: ["1"] })).toEqual(pairs.slice(0, 2));
    expect(await chosen(pairs, { ids: ["other/1", "chat/2"] })).toEqual(pairs.slice(1));
  });

  it("names ids that are not there", async () => {
    await expect(chosen(pairs, { ids: ["1", "9"] })).rejects.toThrow("no pair has the id 9");
  });
});

describe("parseShard", () => {
  it("reads i/n", () => expect(parseShard("2/4")).toEqual({ index: 2, of: 4 }));
  it.each(["0/4", "5/4", "1", "a/b", "1/0", "-1/2"])("refuses %s", (shard) => {
    expect(() => parseShard(shard)).toThrow(shard);
  });
});
