import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { comparisonEntries } from "../../src/metrics/comparison-entries.ts";
import { sampleOf } from "../../src/metrics/sample.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { bestOfN } from "../../src/protocols/best-of-n.ts";
import { outcomeState, type OutcomeTable } from "../../src/protocols/protocol.ts";
import { pair, tableOf, withValues } from "./suites.ts";

/** A row with the scores of its chosen responses, then of its rejected ones. */
function judged(chosen: readonly number[], rejected: readonly number[]): OutcomeTable {
  const row = pair("x", { chosen: chosen.map((_, i) => `good ${i}`), rejected: rejected.map((_, i) => `bad ${i}`) });
  return bestOfN.judge(
    tableOf(bestOfN, [row], (_, { side, index }) => (side === "chosen" ? chosen : rejected)[index]!),
  );
}
const stateOf = ({ state }: OutcomeTable) => outcomeState[state[0]!];

describe("credit", () => {
  test.each([
    [[2, 1, 0, 0], 1],
    [[2, 2, 0, 0], 0.5],
    [[1, 1, 1, 1], 0.25],
    [[1, 2, 0, 0], 0],
  ])("of %j is that of RewardBench 2's rule 1/k: %d", ([right, ...wrong], credit) => {
    expect(judged([right!], wrong).credit[0]).toBe(credit);
  });

  test("of [NaN, 0, 0, 0] is no loss, as it is for RewardBench 2, but no verdict", () => {
    const outcomes = judged([Number.NaN], [0, 0, 0]);
    expect([stateOf(outcomes), outcomes.credit[0]]).toEqual(["invalid", Number.NaN]);
  });

  test.each<[number[], number[], number, number]>([
    [[3, 1], [2, 0], 1, 1],
    [[2, 1], [2, 0], 1 / 2, 0],
    [[2, 2], [2, 0], 2 / 3, 0],
    [[2, 2], [2, 2], 1 / 2, 0],
    [[0, -1], [-1, 3], 0, -3],
  ])("of several chosen responses %j against %j is their share of the best", (chosen, rejected, credit, margin) => {
    const outcomes = judged(chosen, rejected);
    expect([outcomes.credit[0], outcomes.margin[0]]).toEqual([credit, margin]);
    expect(stateOf(outcomes)).toBe(margin === 0 ? "tied" : "judged");
  });

  test("needs a finite margin", () => {
    expect(stateOf(judged([Number.MAX_VALUE], [-Number.MAX_VALUE]))).toBe("invalid");
  });
});

const score = fc.integer({ min: -4, max: 4 });
const side = fc.array(score, { minLength: 1, maxLength: 5 });

describe("properties", () => {
  test("the order of the responses does not matter", () => {
    fc.assert(
      fc.property(side, side, (chosen, rejected) => {
        const plain = judged(chosen, rejected);
        const turned = judged([...chosen].reverse(), [...rejected].reverse());
        expect([turned.credit[0], turned.margin[0]]).toEqual([plain.credit[0], plain.margin[0]]);
      }),
    );
  });

  test("a growing transformation leaves the credit alone", () => {
    fc.assert(
      fc.property(side, side, (chosen, rejected) => {
        const cube = (values: number[]) => values.map((x) => x ** 3 + 2 * x - 7);
        expect(judged(cube(chosen), cube(rejected)).credit[0]).toBe(judged(chosen, rejected).credit[0]);
      }),
    );
  });

  test("the credits of all labellings of one choice add up to 1", () => {
    fc.assert(
      fc.property(fc.array(score, { minLength: 2, maxLength: 6 }), (scores) => {
        const credits = scores.map((right, i) => judged([right], scores.toSpliced(i, 1)).credit[0]!);
        expect(credits.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
      }),
    );
  });
});

const four = pair("q", { chosen: ["one"], rejected: ["two", "three", "two"] });

function asked(row: PreferencePair) {
  const units = bestOfN.units(row, 0, "listwise", "numbered");
  const [first] = units;
  if (first?.question.kind !== "listwise") throw new Error("not listwise");
  for (const { question } of units) expect(question).toBe(first.question);
  const { of } = first.question;
  return { of, places: units.map(({ side, index, candidate }) => [side, index, of[candidate!]!.response]) };
}

test("all responses share one listwise question, in an order that knows no labels and no places", () => {
  const { of, places } = asked(four);
  expect(new Set(of.map(({ response }) => response))).toEqual(new Set(["one", "two", "three"]));
  expect(of).toHaveLength(3);
  expect(places).toEqual([
    ["chosen", 0, "one"],
    ["rejected", 0, "two"],
    ["rejected", 1, "three"],
    ["rejected", 2, "two"],
  ]);
  expect(asked({ ...four, chosen: ["two"], rejected: ["three", "one"] }).of).toEqual(of);

  const first = Array.from({ length: 400 }, (_, i) => {
    const row = asked(pair(`q${i}`, { chosen: ["yes"], rejected: ["no", "perhaps", "never"] }));
    return row.of.findIndex(({ response }) => response === "yes");
  });
  // 400 draws of four places: 100 ± 35 is four standard deviations.
  for (const place of [0, 1, 2, 3]) {
    const n = first.filter((one) => one === place).length;
    expect(Math.abs(n - 100)).toBeLessThan(35);
  }
});

test("the chance of a guess is the mean share of chosen responses, by weight", () => {
  const rows = [four, pair("p", { chosen: ["a", "b"], rejected: ["c"], weight: 3 })];
  expect(bestOfN.chance!(tableOf(bestOfN, rows, () => 0))).toBeCloseTo((1 * 0.25 + 3 * (2 / 3)) / 4, 12);
});

test("the difference in length is that of the sides' means", () => {
  const row = pair("l", { chosen: ["1234"], rejected: ["1", "123"] });
  expect(bestOfN.judge(tableOf(bestOfN, [row], () => 1)).lengthDifference[0]).toBe(2);
});

test("metrics of single comparisons do not take a choice for one", () => {
  const table = tableOf(bestOfN, [pair("1"), four], (_, unit) => unit.index);
  const outcomes = bestOfN.judge(table);
  expect(comparisonEntries(sampleOf(outcomes, table.rows), outcomes, table)).toBeNull();
  const two = tableOf(bestOfN, [pair("1"), pair("2")], (_, unit) => unit.index);
  const choices = bestOfN.judge(two);
  expect(comparisonEntries(sampleOf(choices, two.rows), choices, two)?.rejected).toEqual(Uint32Array.of(1, 3));
});

test("comparisons of two are refused", () => {
  const table = tableOf(bestOfN, [four], () => 0);
  expect(() => bestOfN.judge({ ...table, kind: "pairwise" })).toThrow(/a score for each response/);
  expect(() => bestOfN.units(four, 0, "pairwise", "numbered")).toThrow(/pointwise or listwise/);
  expect(bestOfN.judge({ ...withValues(table, (value) => value + 1), kind: "listwise" })).toEqual(bestOfN.judge(table));
});
