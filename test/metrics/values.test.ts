/** What the metrics say on suites small enough to work out by hand. */
import { describe, expect, test } from "vitest";
import { marginHistogram, reliabilityBins } from "../../src/metrics/diagrams.ts";
import { nullResamples } from "../../src/metrics/ece.ts";
import type { Estimate, MetricInput } from "../../src/metrics/metric.ts";
import { measureAll } from "../../src/metrics/registry.ts";
import { sidesOf } from "../../src/metrics/two-sided.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { contrast } from "../../src/protocols/contrast.ts";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { selectRows } from "../../src/protocols/select.ts";
import { wilson } from "../../src/stats/proportion.ts";
import { contrastSet, rewardOf } from "../protocols/contrast-set.ts";
import { pair, tableOf, type Answer } from "../protocols/suites.ts";

const options = { level: 0.95, seed: "0", suite: "test", group: "overall" };

function judged(pairs: readonly PreferencePair[], margins: readonly Answer[]): MetricInput {
  const scores = tableOf(pairwise, pairs, (_, { row, side }) => (side === "chosen" ? margins[row]! : 0));
  return { outcomes: pairwise.judge(scores), rows: scores.rows, scores };
}

function measure(margins: readonly Answer[], fields: (i: number) => Partial<PreferencePair> = () => ({})) {
  const pairs = margins.map((_, i) => pair(`p${i}`, fields(i)));
  return measureAll(judged(pairs, margins), options);
}

const value = (results: Record<string, Estimate>, key: string): number | null => {
  const estimate = results[key];
  if (estimate === undefined) throw new Error(`no result is called ${key}`);
  return estimate.value;
};

test("eight margins with published calibration numbers", () => {
  const results = measure([2, 1, 0.5, -0.3, -1.2, 3, 0.1, 0.8]);
  expect(value(results, "accuracy")).toBe(0.75);
  expect(results["accuracy"]!.interval).toMatchObject({ method: "wilson", level: 0.95 });
  expect([results["accuracy"]!.interval!.low, results["accuracy"]!.interval!.high]).toEqual([...wilson(6, 8, 0.95)]);
  expect(value(results, "ece_more")).toBeCloseTo(0.18165000616122984, 12);
  expect(value(results, "ece")).toBeCloseTo(0.36764056463399364, 12);
  expect(results["ece"]!.details).toMatchObject({ bins: 10 });
  expect(value(results, "nll")).toBeCloseTo(0.5369986340178688, 12);
  expect(value(results, "brier")).toBeCloseTo(0.1842125171804645, 12);
  expect(value(results, "temperature")).toBeCloseTo(0.973968599769207, 8);
  expect(value(results, "margin_median")).toBeCloseTo(0.65, 12);
});

test("ties count one half, and nothing when strict", () => {
  const results = measure([1, 0, 0, -1]);
  expect([value(results, "accuracy"), value(results, "accuracy_strict"), value(results, "tie_rate")]).toEqual([
    0.5, 0.25, 0.5,
  ]);
});

test("a row counts once however many responses it has, and as often as its weight says", () => {
  const pairs = [pair("one"), pair("many", { rejected: ["a", "b", "c", "d"] }), pair("heavy", { weight: 2 })];
  const scores = tableOf(pairwise, pairs, (_, { row, side, index }) => {
    if (side === "chosen") return row === 2 ? -1 : 1;
    return row === 1 && index > 0 ? 2 : 0;
  });
  const results = measureAll({ outcomes: pairwise.judge(scores), rows: scores.rows, scores }, options);
  expect(value(results, "accuracy")).toBeCloseTo(1.25 / 4, 12);
  expect(results["accuracy"]!.n).toBe(3);
  expect(value(results, "count_comparisons")).toBe(6);
});

test("what carries no verdict is counted and not judged", () => {
  const results = measure([1, "failed", Number.NaN, "unparsable", "too-long", -1, 0]);
  const counts = ["judged", "tied", "invalid", "unparsable", "failed", "too_long"].map((s) =>
    value(results, `count_${s}`),
  );
  expect(counts).toEqual([2, 1, 1, 1, 1, 1]);
  expect(results["accuracy"]).toMatchObject({ value: 0.5, n: 3 });
});

test("no number is made of a margin that is not finite", () => {
  const input = judged([pair("a"), pair("b")], [1, 2]);
  const margin = Float64Array.of(1, Infinity);
  expect(() => measureAll({ ...input, outcomes: { ...input.outcomes, margin } }, options)).toThrow(/margin Infinity/);
});

test("macro accuracy is the plain mean over subsets, and undefined where one has no verdict", () => {
  const subset = (i: number): Partial<PreferencePair> => ({ subset: i < 4 ? "a" : "b" });
  const results = measure([1, 1, 1, -1, -1], subset);
  expect(value(results, "accuracy")).toBeCloseTo(0.6, 12);
  expect(value(results, "accuracy_macro")).toBeCloseTo(0.375, 12);
  expect(measure([1, 1, 1, 1, "failed"], subset)["accuracy_macro"]).toMatchObject({ value: null });
  expect(measure([1, 1, 1])).not.toHaveProperty("accuracy_macro");
});

describe("two directions", () => {
  const direction = (i: number): Partial<PreferencePair> => ({ direction: i % 2 === 0 ? "refuse" : "comply" });

  test("a model that always complies is at one half, with all of its gap", () => {
    const results = measure([-1, 1, -2, 2, -1, 1], direction);
    expect(value(results, "accuracy_comply")).toBe(1);
    expect(value(results, "accuracy_refuse")).toBe(0);
    expect(value(results, "balanced_accuracy")).toBe(0.5);
    expect(results["signed_gap"]).toMatchObject({ value: 1, interval: { method: "newcombe" } });
  });

  test("a group with one side has no balance, and says why", () => {
    const pairs = Array.from({ length: 4 }, (_, i) => pair(`p${i}`, direction(i)));
    const all = judged(pairs, [1, 1, 1, 1]);
    const refusals = { ...all, outcomes: selectRows(all.outcomes, (row) => row % 2 === 0) };
    const results = measureAll(refusals, options);
    expect(results["balanced_accuracy"]).toMatchObject({ value: null, undefinedBecause: "one-side" });
    expect(results["accuracy_comply"]).toMatchObject({ value: null, undefinedBecause: "empty" });
    expect(value(results, "accuracy_refuse")).toBe(1);
  });

  test("the side that goes along comes first", () => {
    expect(sidesOf(["refuse", "comply"])).toEqual(["comply", "refuse"]);
    expect(sidesOf(["abstain", "answer"])).toEqual(["answer", "abstain"]);
    expect(sidesOf(["b", "a"])).toEqual(["a", "b"]);
    expect(sidesOf(["response", "instruction"])).toBe(null);
    expect(sidesOf(["a", "b", "c"])).toBe(null);
    expect(measure([1, -1])).not.toHaveProperty("signed_gap");
  });
});

describe("contrast sets", () => {
  const results = (matrix: number[][], rows = [0, 1, 2, 3]): Record<string, Estimate> => {
    const set = contrastSet("s");
    const scores = tableOf(
      contrast,
      rows.map((r) => set[r]!),
      rewardOf(matrix),
    );
    return measureAll({ outcomes: contrast.judge(scores), rows: scores.rows, scores }, options);
  };

  test.each([
    [
      [
        [2, 1],
        [0, 3],
      ],
      1,
      1,
      1,
    ],
    [
      [
        [2, 1],
        [3, 4],
      ],
      1,
      0,
      0,
    ],
    [
      [
        [1, 1],
        [1, 1],
      ],
      0,
      0,
      0,
    ],
    [
      [
        [5, 1],
        [0, 0],
      ],
      1,
      1,
      0,
    ],
  ] as const)("%j as the paper counts it, from the first instruction", (matrix, cRes, cIns, joint) => {
    const own = matrix.map((row) => [...row]);
    const fromFirst = results(own, [0, 1]);
    expect([value(fromFirst, "c_res"), value(fromFirst, "c_ins")]).toEqual([cRes, cIns]);
    expect(results(own)["c_joint"]).toMatchObject({ value: joint, n: 1 });
  });

  test("a set without both kinds of comparison has no joint result", () => {
    expect(
      results(
        [
          [2, 1],
          [0, 3],
        ],
        [0, 2],
      )["c_joint"],
    ).toMatchObject({ value: null, undefinedBecause: "empty" });
  });

  test("a set of which a score is missing is left out of the joint result", () => {
    expect(
      results([
        [2, Number.NaN],
        [0, 3],
      ])["c_joint"],
    ).toMatchObject({ value: null, n: 0 });
  });
});

test("a model that pays for length shows it, and one that does not, does not", () => {
  const lengths = (i: number): Partial<PreferencePair> => ({
    chosen: ["x".repeat(10 + 7 * (i % 4))],
    rejected: ["x".repeat(10 + 5 * (i % 3))],
  });
  const differences = Array.from({ length: 12 }, (_, i) => 7 * (i % 4) - 5 * (i % 3));
  const results = measure(
    differences.map((x) => x / 4),
    lengths,
  );
  expect(value(results, "length_bias")).toBeCloseTo(0.25, 12);
  expect(value(results, "length_correlation")).toBeCloseTo(1, 12);
  expect(value(results, "accuracy_chosen_longer")).toBe(1);
  expect(value(results, "accuracy_chosen_shorter")).toBe(0);
  expect(value(results, "accuracy_same_length")).toBe(0.5);
  expect(value(results, "length_gap")).toBe(1);
  const same = measure([1, -1, 2], () => ({ chosen: ["x"], rejected: ["y"] }));
  expect(same["length_bias"]).toMatchObject({ value: null, undefinedBecause: "no-length" });
});

test("why a number about length does not exist", () => {
  const longer = { chosen: ["xxx"], rejected: ["y"] };
  const reasons = (results: Record<string, Estimate>) =>
    ["length_bias", "length_slope", "length_gap", "accuracy_chosen_longer", "accuracy_chosen_shorter"].map(
      (key) => results[key]!.undefinedBecause,
    );
  // All chosen responses are longer by the same: there is a bias, but no slope beside an intercept.
  const equal = measure(
    Array.from({ length: 20 }, (_, i) => i % 3),
    () => longer,
  );
  expect(reasons(equal)).toEqual([undefined, "no-variance", "one-side", undefined, "empty"]);
  expect(reasons(measure([1], () => longer))).toEqual([undefined, "one-item", "one-side", undefined, "empty"]);
  expect(reasons(measure([0], () => longer))[1]).toBe("no-variance");
  expect(reasons(measure([]))).toEqual(Array.from({ length: 5 }, () => "empty"));
  const logOdds = tableOf(pairwise, [pair("a", longer), pair("b", longer)], () => 1, "pairwise");
  const compared = measureAll({ outcomes: pairwise.judge(logOdds), rows: logOdds.rows, scores: logOdds }, options);
  expect(reasons(compared)).toEqual(Array.from({ length: 5 }, () => "no-length"));
});

test("AUROC compares across prompts, which accuracy does not", () => {
  const offsets = [0, 100, 200, 300];
  const pairs = offsets.map((_, i) => pair(`p${i}`));
  const scores = tableOf(pairwise, pairs, (_, { row, side }) => offsets[row]! + (side === "chosen" ? 1 : 0));
  const results = measureAll({ outcomes: pairwise.judge(scores), rows: scores.rows, scores }, options);
  expect(value(results, "accuracy")).toBe(1);
  expect(value(results, "auroc")).toBe(10 / 16);
  const logOdds = tableOf(pairwise, pairs, () => 1, "pairwise");
  const compared = measureAll({ outcomes: pairwise.judge(logOdds), rows: logOdds.rows, scores: logOdds }, options);
  expect(compared["auroc"]).toMatchObject({ value: null, undefinedBecause: "no-rewards" });
});

test("why a temperature does not exist", () => {
  const reason = (margins: number[]) => measure(margins)["temperature"]!.undefinedBecause;
  expect(reason([])).toBe("empty");
  expect(reason([0, 0])).toBe("undefined");
  expect(reason([1, 2])).toBe("separable");
  expect(reason([-1, -2])).toBe("anti-separable");
  expect(reason([-1, -2, 0.5])).toBe("non-positive");
  expect(measure([1, 2, 0.5, 3, 1, 2])["ece_cross_fitted"]!.undefinedBecause).toBe("separable");
});

test("cross-fitted temperature undoes a wrong scale", () => {
  const margins = Array.from({ length: 400 }, (_, i) => {
    const d = ((i * 37) % 100) / 25;
    return 8 * (((i * 61) % 400) / 400 < 1 / (1 + Math.exp(-d)) ? d : -d);
  });
  const results = measure(margins);
  expect(value(results, "temperature_cross_fitted")!).toBeGreaterThan(6);
  expect(value(results, "temperature_cross_fitted")!).toBeLessThan(11);
  expect(value(results, "ece_cross_fitted")!).toBeLessThan(0.5 * value(results, "ece")!);
  expect(value(results, "nll_cross_fitted")!).toBeLessThan(value(results, "nll")!);
});

test("another seed gives another null, the same seed the same", () => {
  const input = judged([pair("a"), pair("b"), pair("c")], [1, -0.5, 2]);
  const mean = (seed: string) => value(measureAll(input, { ...options, seed }), "ece_null_mean");
  expect(mean("1")).toBe(mean("1"));
  expect(mean("1")).not.toBe(mean("2"));
  expect([1, 1e5, 2e5, 1e6].map(nullResamples)).toEqual([1000, 1000, 500, 200]);
});

describe("diagrams", () => {
  test("reliability bins hold every comparison once, each with its interval", () => {
    const { outcomes, rows } = judged(
      [0, 1, 2, 3].map((i) => pair(`${i}`)),
      [0.1, -0.1, 3, 0],
    );
    const bins = reliabilityBins(outcomes, rows, 0.95);
    expect(bins.map(({ low, high, n, accuracy }) => [low, high, n, accuracy])).toEqual([
      [0.5, 0.55, 3, 0.5],
      [0.95, 1, 1, 1],
    ]);
    expect(bins[1]!.interval).toEqual(wilson(1, 1, 0.95));
  });

  test("the histogram has 0 as an edge, counts ties apart and says what it clips", () => {
    const margins = [0, 0, -1, -0.5, 0.25, 0.5, 0.75, 1, 1000];
    const { outcomes, rows } = judged(
      margins.map((_, i) => pair(`${i}`)),
      margins,
    );
    const { bins, ties, clipped } = marginHistogram(outcomes, rows);
    expect(bins.map((b) => b.low)).toContain(0);
    expect(bins.map((b) => b.n).reduce((a, b) => a + b, 0) + ties).toBe(margins.length);
    expect([ties, clipped]).toEqual([2, 1]);
    expect(bins.filter((b) => b.high <= 0).reduce((n, b) => n + b.n, 0)).toBe(2);
    expect(marginHistogram(judged([], []).outcomes, rows)).toEqual({ bins: [], ties: 0, clipped: 0 });
  });
});
