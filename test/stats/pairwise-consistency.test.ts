import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bradleyTerry } from "../../src/stats/bradley-terry.ts";
import { logistic } from "../../src/stats/logistic.ts";
import { threeCycles } from "../../src/stats/three-cycles.ts";

/** P(a die shows more than another), by all 9 throws. */
function dice(sides: readonly (readonly number[])[]): number[][] {
  return sides.map((a) =>
    sides.map((b) =>
      a === b ? Number.NaN : a.flatMap((x) => b.map((y) => Number(x > y))).reduce((s, w) => s + w, 0) / 9,
    ),
  );
}

/** P of candidates with one strength each. */
const ofStrengths = (s: readonly number[]): number[][] =>
  s.map((a, i) => s.map((b, j) => (i === j ? Number.NaN : logistic(a - b))));

describe("b5, arXiv 2312.00886: the dice {2,4,9}, {1,6,8}, {3,5,7}", () => {
  const p = dice([
    [2, 4, 9],
    [1, 6, 8],
    [3, 5, 7],
  ]);

  test("each beats the next with 5/9: one three-cycle, antisymmetry error 0", () => {
    expect([p[0]![1], p[1]![2], p[2]![0]]).toEqual([5 / 9, 5 / 9, 5 / 9]);
    expect(threeCycles(p)).toEqual({ triples: 1, cycles: 1 });
    for (const [i, j] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const)
      expect(p[i]![j]! + p[j]![i]!).toBeCloseTo(1, 15);
  });

  test("equal strengths are the best fit, 1/18 off everywhere", () => {
    const fit = bradleyTerry(p)!;
    fit.strength.forEach((s) => expect(s).toBeCloseTo(0, 12));
    expect(fit.residual).toBeCloseTo(5 / 9 - 1 / 2, 12);
  });
});

test("probabilities of one reward each have no cycle and no residual, and give the rewards back", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 6 }), (rewards) => {
      const p = ofStrengths(rewards);
      const fit = bradleyTerry(p)!;
      const centre = rewards.reduce((sum, r) => sum + r, 0) / rewards.length;
      rewards.forEach((r, i) => expect(fit.strength[i]).toBeCloseTo(r - centre, 6));
      expect(fit.residual).toBeLessThan(1e-6);
      expect(threeCycles(p).cycles).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test("what was not compared is in no triple, and a candidate without a comparison has no strength", () => {
  const p = ofStrengths([1, 0, -1]);
  p[0]![2] = p[2]![0] = Number.NaN;
  expect(threeCycles(p)).toEqual({ triples: 0, cycles: 0 });
  expect(bradleyTerry(p)!.strength[0]! - bradleyTerry(p)!.strength[2]!).toBeCloseTo(2, 6);
  p[0]![1] = p[1]![0] = Number.NaN;
  expect(bradleyTerry(p)).toBe(null);
});
