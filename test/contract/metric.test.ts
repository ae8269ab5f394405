import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Estimate, MetricInput, MetricOptions } from "../../src/metrics/metric.ts";
import { measureAll, metrics } from "../../src/metrics/registry.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { bestOfN } from "../../src/protocols/best-of-n.ts";
import { contrast } from "../../src/protocols/contrast.ts";
import { pairwise } from "../../src/protocols/pairwise.ts";
import type { Protocol } from "../../src/protocols/protocol.ts";
import { tournament } from "../../src/protocols/tournament.ts";
import { selectRows } from "../../src/protocols/select.ts";
import { contrastSet } from "../protocols/contrast-set.ts";
import { pair, tableOf, withValues, type Answer } from "../protocols/suites.ts";
import { withParts } from "../scores/combine-tables.ts";

const options: MetricOptions = { level: 0.95, seed: "0", suite: "test", group: "overall" };

function input(protocol: Protocol, pairs: readonly PreferencePair[], answers: (entry: number) => Answer): MetricInput {
  let entry = 0;
  const scores = tableOf(protocol, pairs, () => answers(entry++));
  return { outcomes: protocol.judge(scores), rows: scores.rows, scores };
}

/** Pairs in two subsets and directions, in clusters of `size`, some with several rejected responses. */
function suite(n: number, size: number): PreferencePair[] {
  return Array.from({ length: n }, (_, i) =>
    pair(`p${i}`, {
      subset: i % 3 === 0 ? "a" : "b",
      cluster: size === 1 ? null : `c${Math.floor(i / size)}`,
      direction: i % 2 === 0 ? "refuse" : "comply",
      chosen: [`good ${"x".repeat(i % 7)}`],
      rejected: i % 5 === 4 ? ["bad", "worse and longer"] : ["bad text"],
      weight: i % 11 === 10 ? 3 : null,
    }),
  );
}

function expectSound(name: string, estimate: Estimate): void {
  const { value, n, interval, undefinedBecause } = estimate;
  expect(Number.isInteger(n) && n >= 0, `${name}: n`).toBe(true);
  if (value === null) {
    expect(undefinedBecause, `${name}: reason`).toMatch(/^[a-z-]+$/);
    expect(interval, name).toBeUndefined();
    return;
  }
  expect(Number.isFinite(value), `${name}: ${value}`).toBe(true);
  expect(undefinedBecause, name).toBeUndefined();
  if (interval === undefined) return;
  expect(Number.isFinite(interval.low) && Number.isFinite(interval.high), `${name}: interval`).toBe(true);
  expect(interval.low, name).toBeLessThan(interval.high);
  expect(interval.low, name).toBeLessThanOrEqual(value + 1e-9);
  expect(interval.high, name).toBeGreaterThanOrEqual(value - 1e-9);
  expect(interval.level, name).toBe(0.95);
}

function withKind({ scores, ...rest }: MetricInput, kind: "listwise"): MetricInput {
  return { ...rest, scores: { ...scores, kind } };
}

function wave(entry: number): number {
  return Math.round(8 * Math.sin(entry * 1.7)) / 4;
}

/** A model that compares, with a liking for the first place. */
function bothOrders(pairs: readonly PreferencePair[], protocol: Protocol = pairwise): MetricInput {
  let entry = 0;
  const scores = tableOf(protocol, pairs, () => wave(entry++) + 0.3, "pairwise");
  return { outcomes: protocol.judge(scores), rows: scores.rows, scores };
}

function withObjectives({ rows, scores }: MetricInput): MetricInput {
  const rich = withParts(scores, (e) => ({
    std: Math.abs(wave(e + 5)),
    attributes: {
      "Helpful-ness": wave(2 * e),
      helpful_ness: e % 9 === 0 ? Number.NaN : wave(3 * e),
      "": 1,
      log_ratio: wave(e + 3),
    },
  }));
  return { outcomes: pairwise.judge(rich), rows, scores: rich };
}

const contrastPairs = Array.from({ length: 6 }, (_, i) => contrastSet(`s${i}`)).flat();
const cases: Record<string, MetricInput> = {
  "best of n": input(bestOfN, suite(40, 2), wave),
  "best of n, listwise": withKind(input(bestOfN, suite(40, 1), wave), "listwise"),
  "no items": input(pairwise, [], () => 0),
  "one item": input(pairwise, suite(1, 1), (e) => -e),
  "one cluster": input(pairwise, suite(6, 6), wave),
  "all tied": input(pairwise, suite(20, 1), () => 3),
  "all tied in clusters": input(pairwise, suite(20, 4), () => 3),
  "all right": input(pairwise, suite(20, 1), (e) => (e === 0 ? 9 : wave(e))),
  "every score missing": input(pairwise, suite(9, 3), () => "failed"),
  "some not a number": input(pairwise, suite(30, 1), (e) => (e % 4 === 0 ? Number.NaN : wave(e))),
  "margins of a thousand": input(pairwise, suite(30, 2), (e) => 1000 * wave(e)),
  "a usual suite": input(pairwise, suite(60, 1), wave),
  "a clustered suite": input(pairwise, suite(60, 3), wave),
  "contrast sets": input(contrast, contrastPairs, wave),
  "both orders": bothOrders(suite(40, 2)),
  "a tournament": bothOrders(suite(40, 2), tournament),
  "objectives and deviations": withObjectives(input(pairwise, suite(60, 3), wave)),
  "objectives, all tied": withObjectives(input(pairwise, suite(20, 1), () => 3)),
};

describe.each(metrics.map((metric) => [metric.name, metric] as const))("metric %s", (_name, metric) => {
  test.each(Object.keys(cases))("%s: every result is a finite number or null with a reason", (name) => {
    for (const [key, estimate] of Object.entries(metric.measure(cases[name]!, options))) expectSound(key, estimate);
  });

  test("names its source, and its results in lower case with underscores", () => {
    expect(metric.source).toContain("docs/metrics.md#");
    for (const each of Object.values(cases))
      for (const key of Object.keys(metric.measure(each, options))) expect(key).toMatch(/^[a-z0-9_]+$/);
  });

  test("measures the same twice, and does not change what it measures", () => {
    const fresh = input(pairwise, suite(40, 2), wave);
    const before = structuredClone(fresh);
    const first = metric.measure(fresh, options);
    expect(metric.measure(fresh, options)).toEqual(first);
    expect(metric.measure(structuredClone(fresh), options)).toEqual(first);
    expect(fresh).toEqual(before);
  });

  test("does not depend on the order of the rows", () => {
    const pairs = suite(45, 3);
    const answers = new Map<string, number>();
    const scored = (some: readonly PreferencePair[]): MetricInput => {
      const scores = tableOf(pairwise, some, (_, { row, side, index }) => {
        const key = `${some[row]!.id} ${side} ${index}`;
        if (!answers.has(key)) answers.set(key, wave(answers.size));
        return answers.get(key)!;
      });
      return { outcomes: pairwise.judge(scores), rows: scores.rows, scores };
    };
    const straight = metric.measure(scored(pairs), options);
    const reversed = metric.measure(scored([...pairs].reverse()), options);
    expect(Object.keys(reversed)).toEqual(Object.keys(straight));
    for (const [key, { value, interval }] of Object.entries(straight)) {
      const other = reversed[key]!;
      if (value === null) expect(other.value, key).toBe(null);
      else expect(Math.abs(other.value! - value), key).toBeLessThan(1e-9);
      if (interval !== undefined) expect(Math.abs(other.interval!.low - interval.low), key).toBeLessThan(1e-8);
    }
  });

  // The counts are of what carries no verdict.
  if (metric.name === "counts") return;
  test("leaves out what carries no verdict", () => {
    const pairs = suite(40, 2);
    const bad = (e: number): boolean => e === 3 || e === 22;
    const broken = input(pairwise, pairs, (e) => (bad(e) ? Number.NaN : wave(e)));
    const lost = new Set(broken.outcomes.row.filter((_, i) => Number.isNaN(broken.outcomes.credit[i]!)));
    const without = { ...broken, outcomes: selectRows(broken.outcomes, (row) => !lost.has(row)) };
    expect(metric.measure(broken, options)).toEqual(metric.measure(without, options));
  });
});

test("no two metrics give a result of the same name", () => {
  for (const each of Object.values(cases)) {
    const keys = metrics.flatMap((metric) => Object.keys(metric.measure(each, options)));
    expect(new Set(keys).size).toBe(keys.length);
    expect(Object.keys(measureAll(each, options))).toEqual(keys);
  }
});

test("a constant added to all rewards moves no result", () => {
  const plain = cases["a clustered suite"]!;
  fc.assert(
    fc.property(fc.integer({ min: -50, max: 50 }), (shift) => {
      const scores = withValues(plain.scores, (v) => v + shift);
      const moved = { outcomes: pairwise.judge(scores), rows: scores.rows, scores };
      expect(measureAll(moved, options)).toEqual(measureAll(plain, options));
    }),
    { numRuns: 5 },
  );
});
