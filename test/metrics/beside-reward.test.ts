/** Metrics of what some models say beside a reward, on tables small enough to work out by hand. */
import { describe, expect, test } from "vitest";
import { poolSuites } from "../../src/metrics/pool.ts";
import type { Estimate, MetricInput } from "../../src/metrics/metric.ts";
import { measureAll } from "../../src/metrics/registry.ts";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { selectRows } from "../../src/protocols/select.ts";
import type { ScoreTable } from "../../src/scores/table.ts";
import { logistic } from "../../src/stats/logistic.ts";
import { wilson } from "../../src/stats/proportion.ts";
import { besideReward } from "../../src/report/beside-reward.ts";
import { pair, tableOf } from "../protocols/suites.ts";
import { lengthyPairs, table, withParts } from "../scores/combine-tables.ts";

const options = { level: 0.95, seed: "0", suite: "test", group: "" };
const inputOf = (scores: ScoreTable): MetricInput => ({ outcomes: pairwise.judge(scores), rows: scores.rows, scores });
const measure = (scores: ScoreTable) => measureAll(inputOf(scores), options);
const values = (results: Record<string, Estimate>, ...keys: string[]) => keys.map((key) => results[key]?.value);
const own = (key: string): boolean =>
  /^(attribute|disagree|accuracy_dis|interval_|confident|order|flips|position|antisym)/.test(key);
const flat = (n: number) => Array.from({ length: n }, (_, i) => pair(`p${i}`));

test("a model that gives a reward alone has none of these", () => {
  const results = measure(table(flat(4), (e) => e));
  expect(Object.keys(results).filter(own)).toEqual([]);
  expect(besideReward({ metrics: results })).toEqual([]);
});

describe("orders", () => {
  /** Log-odds of a over b with the chosen response first, and with it second. */
  const asked: readonly [number, number][] = [
    [2, -1],
    [1, 0.5],
    [-0.5, -3],
    [-1, 2],
    [0, 0],
    [3, 0],
  ];
  const scores = tableOf(pairwise, flat(6), (_, { row, order }) => asked[row]![order], "pairwise");
  const results = measure(scores);

  test("consistency, flips, bias and antisymmetry of six comparisons", () => {
    // Rows 0, 3 and 4 keep their verdict, row 1 follows the first place, row 2 the second, row 5 neither.
    expect(values(results, "order_consistency", "flips_to_first", "flips_to_second")).toEqual([3 / 6, 1 / 6, 1 / 6]);
    expect(results["order_consistency"]!.interval).toMatchObject({ low: wilson(3, 6, 0.95)![0], method: "wilson" });
    const sum = (of: (pair: readonly [number, number]) => number): number =>
      asked.reduce((s, one) => s + of(one), 0) / 6;
    expect(results["position_bias"]!.value).toBeCloseTo(
      sum(([a, b]) => (a + b) / 2),
      12,
    );
    expect(results["antisymmetry_error"]!.value).toBeCloseTo(
      sum(([a, b]) => Math.abs(logistic(a) + logistic(b) - 1)),
      12,
    );
    expect(besideReward({ metrics: results })[0]).toMatch(
      /^Same verdict in both orders: 50\.0% \[.*\]; log-odds of the first place \+/,
    );
  });

  test("an antisymmetric model has no bias and no error", () => {
    const fair = measure(
      tableOf(pairwise, flat(5), (_, { row, order }) => (order === 0 ? row - 1.5 : 1.5 - row), "pairwise"),
    );
    expect(values(fair, "order_consistency", "flips_to_first", "position_bias", "antisymmetry_error")).toEqual([
      1, 0, 0, 0,
    ]);
  });

  test("every comparison of a row with several responses has its own two orders", () => {
    const many = [pair("m", { chosen: ["a", "b"], rejected: ["c", "d", "e"] })];
    const six = measure(
      tableOf(pairwise, many, (_, { index, order }) => (index === 4 ? 1 : order === 0 ? 1 : -1), "pairwise"),
    );
    expect(six["order_consistency"]!.value).toBeCloseTo(5 / 6, 12);
    expect(six["flips_to_first"]!.value).toBeCloseTo(1 / 6, 12);
  });
});

describe("uncertainty", () => {
  /** Margins with the deviation of both sides: of the margin it is √2 times as much. */
  const items: readonly [number, number][] = [
    [4, 0.1],
    [3, 0.2],
    [2, 0.3],
    [1, 0.4],
    [0.5, 0.5],
    [-0.3, 0.6],
    [2, 0.7],
    [-3, 0.8],
    [-1, 0.9],
    [-5, 1],
  ];
  const scores = withParts(
    table(flat(10), (e) => (e % 2 === 0 ? items[e >> 1]![0] : 0)),
    (e) => ({ std: items[e >> 1]![1] }),
  );
  const results = measure(scores);

  test("deviations that tell errors: AUROC over pairs of a wrong and a right comparison", () => {
    const deviationsOf = (right: boolean): number[] => items.filter(([d]) => d > 0 === right).map(([, s]) => s);
    const [wrong, right] = [deviationsOf(false), deviationsOf(true)];
    const above = wrong.flatMap((w) => right.map((r) => Number(w > r)));
    expect(results["disagreement_auroc"]!.value).toBeCloseTo(above.reduce((s, x) => s + x, 0) / above.length, 12);
    expect(results["disagreement_auroc"]!.n).toBe(10);
  });

  test("accuracy by fifths of the deviation, the surest first", () => {
    const keys = [1, 2, 3, 4, 5].map((q) => `accuracy_disagreement_q${q}`);
    expect(values(results, ...keys)).toEqual([1, 1, 0.5, 0.5, 0]);
    expect(keys.map((key) => results[key]!.n)).toEqual([2, 2, 2, 2, 2]);
  });

  test("coverage and RewardUQ's confident shares", () => {
    const z = 1.959963984540054;
    const share = (holds: (d: number, s: number) => boolean): number =>
      items.filter(([d, s]) => holds(d, s)).length / 10;
    expect(results["interval_coverage"]!.value).toBe(share((d, s) => d + z * Math.SQRT2 * s >= 0));
    expect(results["confident_true"]!.value).toBe(share((d, s) => d - z * s > z * s));
    expect(results["confident_false"]!.value).toBe(share((d, s) => d + z * s < -z * s));
    expect(values(results, "interval_coverage", "confident_true", "confident_false")).toEqual([0.8, 0.3, 0.1]);
    expect(besideReward({ metrics: results })).toEqual([
      "Deviations tell errors with AUROC .958; confidently right 30.0%, confidently wrong 10.0%.",
    ]);
  });

  test("comparisons without a deviation are in none of them", () => {
    const some = withParts(scores, (e) => ({ std: e === 18 ? Number.NaN : items[e >> 1]![1] }));
    expect(values(measure(some), "confident_false", "disagreement_auroc")).toEqual([0, expect.any(Number)]);
    expect(measure(some)["confident_true"]!.n).toBe(9);
    expect(measure(some)["accuracy"]!.n).toBe(10);
  });
});

describe("attributes", () => {
  const pairs = lengthyPairs(12);
  const plain = table(pairs, (e) => Math.sin(e * e));
  const scores = withParts(plain, (e) => ({
    attributes: {
      long: plain.entries.length[e]!,
      "Half-right": e % 2 === 0 ? (e >> 1) % 2 : 0.5,
      half_right: -plain.entries.length[e]!,
    },
  }));
  const results = measure(scores);

  test("each is judged as if it were the reward", () => {
    const judged = measure({ ...scores, entries: { ...scores.entries, value: scores.entries.attributes["long"]! } });
    expect(results["attribute_long_accuracy"]).toEqual(judged["accuracy"]);
    expect(results["attribute_half_right_accuracy"]).toMatchObject({ value: 0.5, n: 12 });
    expect(results["attribute_half_right_2_accuracy"]!.value).toBeCloseTo(1 - judged["accuracy"]!.value!, 12);
  });

  test("its rank correlation with length is over rewards", () => {
    expect(values(results, "attribute_long_length_spearman", "attribute_half_right_2_length_spearman")).toEqual([
      1, -1,
    ]);
    expect(results["attribute_long_length_spearman"]!.n).toBe(24);
    expect(besideReward({ metrics: results })[0]).toMatch(/^Alone: /);
  });

  test("of a group they are those of its rows, and of what has a verdict", () => {
    const { outcomes, rows } = inputOf(scores);
    const half = measureAll({ outcomes: selectRows(outcomes, (row) => row < 6), rows, scores }, options);
    const alone = measure(
      withParts(
        table(pairs.slice(0, 6), (e) => plain.entries.value[e]!),
        (e) => ({ attributes: { long: plain.entries.length[e]! } }),
      ),
    );
    expect(half["attribute_long_accuracy"]).toEqual(alone["attribute_long_accuracy"]);
    expect(half["attribute_long_length_spearman"]!.n).toBe(12);
    const lost = {
      ...scores,
      entries: { ...scores.entries, value: scores.entries.value.map((v, e) => (e === 2 ? Number.NaN : v)) },
    };
    expect(measure(lost)["attribute_long_accuracy"]!.n).toBe(11);
  });

  test("suites together have the attributes and deviations that all of them have", () => {
    const other = withParts(
      table(pairs, (e) => e),
      () => ({ std: 1, attributes: { long: 0, own: 1 } }),
    );
    const pool = (...tables: ScoreTable[]) =>
      measureAll(
        poolSuites(tables.map((one, s) => ({ id: `s${s}`, scores: one, outcomes: pairwise.judge(one) }))),
        options,
      );
    const pooled = pool(scores, other);
    expect(Object.keys(pooled).filter((key) => key.endsWith("_length_spearman"))).toEqual([
      "attribute_long_length_spearman",
    ]);
    expect(pooled["attribute_long_accuracy"]!.n).toBe(24);
    expect(pooled["confident_true"]).toBeUndefined();
    expect(pool(other, other)["confident_true"]).toMatchObject({ n: 24 });
  });
});
