import { expect, test } from "vitest";
import { ContextPool } from "../../src/pairs/context-pool.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { pair } from "../cli/pairs.ts";

const prompt = (content: string) => [{ role: "user", content }];

async function* windowsOf(pairs: readonly PreferencePair[]): AsyncGenerator<readonly PreferencePair[]> {
  for (let i = 0; i < pairs.length; i += 7) yield pairs.slice(i, i + 7);
}

const poolOf = (pairs: readonly PreferencePair[]) => ContextPool.read(windowsOf(pairs));
const ofUser = (user: string, count: number) =>
  Array.from({ length: count }, (_, i) => pair({ id: `${user}-${i}`, user, chosen: [`${user} ${i} good`] }));

test("gives pairs of the same user alone, never the pair itself, its cluster or its prompt", async () => {
  const pairs = [
    pair({ id: "own", user: "ann", cluster: "c", prompt: prompt("Q") }),
    pair({ id: "same cluster", user: "ann", cluster: "c" }),
    pair({ id: "same prompt", user: "ann", prompt: prompt("Q") }),
    pair({ id: "two prompts", user: "ann", rejectedPrompt: prompt("R") }),
    pair({ id: "no rejected", user: "ann", rejected: [] }),
    pair({ id: "other user", user: "bob" }),
    pair({ id: "nobody", user: null }),
    pair({ id: "first", user: "ann", cluster: "d", chosen: ["yes", "also"], rejected: ["no", "nor"] }),
    pair({ id: "second", user: "ann" }),
  ];
  const pool = await poolOf(pairs);
  const drawn = pool.draw(pairs[0]!, 0, 2, "0")!;
  expect(drawn.map(({ prompt: [turn] }) => turn!.content).sort()).toEqual(["What is first?", "What is second?"]);
  expect(drawn).toContainEqual({ prompt: prompt("What is first?"), chosen: "yes", rejected: "no" });
  expect(pool.draw(pairs[0]!, 0, 3, "0")).toBeNull();
  expect(pool.draw(pairs[6]!, 6, 1, "0")).toBeNull();
  expect(pool.draw(pairs[6]!, 6, 0, "0")).toEqual([]);
  const contrast = pair({ id: "own", user: "ann", prompt: prompt("X"), rejectedPrompt: prompt("What is first?") });
  const contents = pool.draw(contrast, 0, 3, "0")!.map((one) => one.prompt[0]!.content);
  expect(contents).not.toContain("What is first?");
});

test("fewer are the first of more, drawn by the seed, and are the same objects for every pair", async () => {
  const pairs = [...ofUser("ann", 30), ...ofUser("bob", 30)];
  const pool = await poolOf(pairs);
  const eight = pool.draw(pairs[3]!, 3, 8, "0")!;
  expect(new Set(eight).size).toBe(8);
  expect(pool.draw(pairs[3]!, 3, 2, "0")).toEqual(eight.slice(0, 2));
  expect(pool.draw(pairs[3]!, 3, 8, "1")).not.toEqual(eight);
  expect((await poolOf(pairs)).draw(pairs[3]!, 3, 8, "0")).toEqual(eight);
  const all = new Set(pairs.slice(0, 30).flatMap((one, i) => pool.draw(one, i, 29, "0")!));
  expect(all.size).toBe(30);
});

test("draws every other pair of the user equally often", async () => {
  const others = ofUser("ann", 10);
  const asked = Array.from({ length: 4000 }, (_, i) => pair({ id: `asked-${i}`, user: "ann" }));
  const pool = await poolOf(others);
  const counts = new Map<string, number>();
  for (const one of asked) {
    for (const { chosen } of pool.draw(one, 99, 3, "0")!)
      counts.set(String(chosen), (counts.get(String(chosen)) ?? 0) + 1);
  }
  // χ² with 9 degrees of freedom stays below 27.9 in 999 of 1000 samples; draws without replacement vary less.
  const expected = (4000 * 3) / 10;
  const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  expect(counts.size).toBe(10);
  expect(chiSquare).toBeLessThan(27.9);
});
