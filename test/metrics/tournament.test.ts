import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { measureAll } from "../../src/metrics/registry.ts";
import type { Estimate } from "../../src/metrics/metric.ts";
import { poolSuites } from "../../src/metrics/pool.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { pairwise } from "../../src/protocols/pairwise.ts";
import type { Protocol } from "../../src/protocols/protocol.ts";
import { tournament } from "../../src/protocols/tournament.ts";
import type { ScoreTable } from "../../src/scores/table.ts";
import { pair, tableOf, type Answer } from "../protocols/suites.ts";

const options = { level: 0.95, seed: "0", suite: "test", group: "" };
type Compare = (a: string, b: string, row: number) => Answer;

const scored = (pairs: readonly PreferencePair[], compare: Compare, protocol: Protocol = tournament): ScoreTable =>
  tableOf(
    protocol,
    pairs,
    (q, { row }) => (q.kind === "pairwise" ? compare(String(q.a.response), String(q.b.response), row) : 0),
    "pairwise",
  );
const measure = (scores: ScoreTable): Record<string, Estimate> =>
  measureAll({ outcomes: tournament.judge(scores), rows: scores.rows, scores }, options);

const row = (id: string, chosen: string[], rejected: string[], fields: Partial<PreferencePair> = {}) =>
  pair(id, { chosen, rejected, ...fields });
/** a beats b beats c beats a where `cyclic`, else a beats b beats c. */
const wins = (a: string, b: string, cyclic: boolean): boolean =>
  ["ab", "bc", cyclic ? "ca" : "ac"].includes(`${a}${b}`);

describe("b5, arXiv 2312.00886: the dice {2,4,9}, {1,6,8}, {3,5,7}", () => {
  const dice: Record<string, number[]> = { X: [2, 4, 9], Y: [1, 6, 8], Z: [3, 5, 7] };
  /** Log-odds that one die shows more than another, by all 9 throws. */
  const compare: Compare = (a, b) => {
    const wins = dice[a]!.flatMap((x) => dice[b]!.map((y) => Number(x > y))).reduce((sum, win) => sum + win, 0);
    return Math.log(wins / (9 - wins));
  };
  test.each([
    ["one chosen", ["X"], ["Y", "Z"]],
    ["two chosen", ["X", "Z"], ["Y"]],
  ])("each beats the next with 5/9: one three-cycle, antisymmetry error 0 (%s)", (_, chosen, rejected) => {
    const results = measure(scored([row("d", chosen, rejected)], compare));
    expect(Math.exp(Number(compare("X", "Y", 0))) / (1 + Math.exp(Number(compare("X", "Y", 0))))).toBeCloseTo(
      5 / 9,
      12,
    );
    expect(results["three_cycle_rate"]).toMatchObject({ value: 1, n: 1, details: { triples: 1, cycles: 1 } });
    expect(results["antisymmetry_error"]!.value).toBeCloseTo(0, 12);
    expect(results["order_consistency"]!.value).toBe(1);
    // The best fit gives all dice one strength, and is 1/18 off everywhere.
    expect(results["bt_residual"]!.value).toBeCloseTo(5 / 9 - 1 / 2, 9);
  });
});

describe("one reward for each response", () => {
  const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 4 })), {
    minLength: 1,
    maxLength: 3,
  });
  test("has no cycle and no residual, whatever it likes about the first place", () => {
    fc.assert(
      fc.property(
        sizes,
        fc.infiniteStream(fc.double({ min: -3, max: 3, noNaN: true })),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (some, draw, first) => {
          const rewards = new Map<string, number>();
          const rewardOf = (text: string) => {
            if (!rewards.has(text)) rewards.set(text, Number(draw.next().value));
            return rewards.get(text)!;
          };
          const named = (r: number, side: string, count: number) =>
            Array.from({ length: count }, (_, i) => `${side}${r}${i}`);
          const pairs = some.map(([c, r], at) => row(`p${at}`, named(at, "c", c), named(at, "r", r)));
          const results = measure(scored(pairs, (a, b) => rewardOf(a) - rewardOf(b) + first));
          expect(results["bt_residual"]!.value).toBeLessThan(1e-9);
          expect(results["bt_residual"]!.n).toBe(pairs.length);
          expect([0, null]).toContain(results["three_cycle_rate"]!.value);
          expect(results["three_cycle_rate"]!.details?.["cycles"]).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});

test("rates are means over rows, with the interval of a proportion and clusters", () => {
  const pairs = Array.from({ length: 10 }, (_, i) => row(`p${i}`, ["a"], ["b", "c"]));
  const answers: Compare = (a, b, at) => (wins(a, b, at < 3) ? 1 : -1);
  const results = measure(scored(pairs, answers));
  expect(results["three_cycle_rate"]).toMatchObject({ value: 0.3, n: 10, details: { triples: 10, cycles: 3 } });
  expect(results["three_cycle_rate"]!.interval).toMatchObject({ method: "wilson", level: 0.95 });
  expect(results["bt_residual"]!.interval?.method).toBe("t");
  const clustered = pairs.map((one, i) => ({ ...one, cluster: `c${Math.floor(i / 2)}` }));
  expect(measure(scored(clustered, answers))["three_cycle_rate"]).toMatchObject({ value: 0.3, n: 10, clusters: 5 });
  // A row with more triples weighs no more: one of four triples is a cycle there.
  const larger = [...pairs.slice(3, 4), row("four", ["a"], ["b", "c", "d"])];
  const mixed = measure(
    scored(larger, (a, b, at) =>
      at === 1 && `${a}${b}`.includes("d") ? (a === "d" ? -1 : 1) : wins(a, b, at === 1) ? 1 : -1,
    ),
  );
  expect(mixed["three_cycle_rate"]).toMatchObject({ value: 1 / 8, n: 2, details: { triples: 5, cycles: 1 } });
});

test("a tie is in no triple, and a comparison without a score is in neither number", () => {
  const one = [row("p", ["a"], ["b", "c"])];
  const tied = measure(scored(one, (a, b) => (`${a}${b}`.includes("c") ? 0 : wins(a, b, true) ? 1 : -1)));
  expect(tied["three_cycle_rate"]).toMatchObject({ value: null, undefinedBecause: "empty" });
  expect(tied["bt_residual"]!.n).toBe(1);
  const lost = measure(scored(one, (a, b) => (`${a}${b}` === "cb" ? "failed" : wins(a, b, true) ? 1 : -1)));
  expect(lost["three_cycle_rate"]).toMatchObject({ value: null, n: 0 });
  // Two comparisons are left, which two strengths explain.
  expect(lost["bt_residual"]!.value).toBeLessThan(1e-9);
});

test("certain preferences are a number too", () => {
  const results = measure(scored([row("p", ["a"], ["b", "c"])], (a, b) => (wins(a, b, false) ? 900 : -900)));
  expect(results["three_cycle_rate"]!.value).toBe(0);
  expect(results["bt_residual"]!.value).toBeLessThan(1e-3);
});

test("nothing is said where nothing was compared within a side", () => {
  const own = (scores: ScoreTable) => Object.keys(measure(scores)).filter((key) => /^(three_|bt_)/.test(key));
  const pairs = [row("p", ["a"], ["b", "c"])];
  expect(own(scored(pairs, () => 1, pairwise))).toEqual([]);
  expect(own(tableOf(tournament, pairs, () => 1))).toEqual([]);
  expect(own(scored([pair("x")], () => 1))).toEqual([]);
});

test("over all suites the rows of tournaments count, beside a suite without", () => {
  const cyclic = scored([row("p", ["a"], ["b", "c"])], (a, b) => (wins(a, b, true) ? 1 : -1));
  const plain = scored([row("q", ["a"], ["b", "c"])], (a, b) => (a < b ? 1 : -1), pairwise);
  const pooled = poolSuites(
    [cyclic, plain].map((scores, i) => ({ id: `s${i}`, scores, outcomes: tournament.judge(scores) })),
  );
  const results = measureAll(pooled, options);
  expect(results["three_cycle_rate"]).toMatchObject({ value: 1, n: 1 });
  expect(results["order_consistency"]).toMatchObject({ value: 1, n: 2 });
});
