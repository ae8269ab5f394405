import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Selection } from "../../src/run/request.ts";
import { openSelection } from "../../src/run/selection.ts";
import { loadSuite } from "../../src/suites/load.ts";
import { somePairs, writeSomePairs } from "../cli/pairs.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "rmbench-selection-"));
  await writeSomePairs(join(cwd, "some.arrow"), somePairs(60));
  await writeSomePairs(join(cwd, "empty.arrow"), []);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const everything: Selection = { limit: null, where: [], ids: null, shard: null };

async function selected(change: Partial<Selection>, seed = "0") {
  const suite = await loadSuite("some.arrow", cwd);
  const opened = await openSelection(suite, { ...everything, ...change }, seed);
  const placed: { id: string; position: number }[] = [];
  for await (const window of opened.windows())
    for (const { pair, position } of window) placed.push({ id: pair.id, position });
  return { available: opened.available, pairs: opened.pairs, placed };
}

describe("openSelection", () => {
  it("counts what its windows give, and says where in the file each pair stands", async () => {
    for (const change of [
      {},
      { limit: 10 },
      { where: ["subset=third"] },
      { ids: ["pair-7", "pair-30"] },
      { shard: "2/3" },
    ]) {
      const { available, pairs, placed } = await selected(change);
      expect([available, pairs]).toEqual([60, placed.length]);
      for (const { id, position } of placed) expect(id).toBe(`pair-${position}`);
      expect(placed.map(({ position }) => position)).toEqual(
        placed.map(({ position }) => position).sort((a, b) => a - b),
      );
    }
    expect((await selected({ ids: ["pair-7", "pair-30"] })).placed.map(({ id }) => id)).toEqual(["pair-7", "pair-30"]);
  });

  it("gives every pair to exactly one shard", async () => {
    const shards = await Promise.all(["1/3", "2/3", "3/3"].map((shard) => selected({ shard })));
    const all = shards.flatMap(({ placed }) => placed.map(({ position }) => position)).sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 60 }, (_, i) => i));
  });

  it("draws the same pairs for the same seed, and whole clusters", async () => {
    const [one, again, other] = await Promise.all(["a", "a", "b"].map((seed) => selected({ limit: 10 }, seed)));
    expect(again).toEqual(one);
    expect(other!.placed).not.toEqual(one!.placed);
    const clusters = new Map<number, number>();
    for (const { position } of one!.placed) clusters.set(position >> 1, (clusters.get(position >> 1) ?? 0) + 1);
    expect([...clusters.values()].every((size) => size === 2)).toBe(true);
  });

  it("refuses an empty suite and a selection of nothing", async () => {
    await expect(openSelection(await loadSuite("empty.arrow", cwd), everything, "0")).rejects.toMatchObject({
      code: "data",
    });
    await expect(selected({ where: ["subset=none"] })).rejects.toMatchObject({ message: /no pair/ });
    await expect(selected({ ids: ["pair-99"] })).rejects.toMatchObject({ message: /pair-99/ });
  });
});
