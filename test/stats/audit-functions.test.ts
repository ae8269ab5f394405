import { describe, expect, it } from "vitest";
import { bootstrapCorrelation } from "../../src/stats/bootstrap-correlation.ts";
import { performanceGapRecovered } from "../../src/stats/performance-gap.ts";
import { preferenceStrength } from "../../src/stats/preference-strength.ts";
import { signAgreement } from "../../src/stats/sign-agreement.ts";

describe("preferenceStrength", () => {
  it("passes fixture c1, arXiv 2401.06080", () => {
    const { mu, sigma } = preferenceStrength([0.5, -0.2, 0.1]);
    expect(mu).toBeCloseTo(0.1333333333, 10);
    expect(sigma).toBeCloseTo(0.2867441756, 10);
  });

  it("agrees with numpy 2.4.6: mean, and std with ddof 0", () => {
    const { mu, sigma } = preferenceStrength([1.5, -0.25, 3, 0.125, -2, 0.7]);
    expect(mu).toBeCloseTo(0.5125000000000001, 14);
    expect(sigma).toBeCloseTo(1.5406809912070267, 14);
  });
});

describe("performanceGapRecovered", () => {
  it("passes fixture d11, arXiv 2312.09390", () => {
    expect(performanceGapRecovered(0.6, 0.75, 0.9)).toBeCloseTo(0.5, 12);
  });

  it("leaves the unit interval where a model is below the weak one or above the ceiling, and is null without a gap", () => {
    expect(performanceGapRecovered(0.6, 0.45, 0.9)).toBeCloseTo(-0.5, 12);
    expect(performanceGapRecovered(0.6, 1.05, 0.9)).toBeCloseTo(1.5, 12);
    expect(performanceGapRecovered(0.6, 0.7, 0.6)).toBeNull();
  });
});

describe("signAgreement", () => {
  it("passes fixture d14, arXiv 2308.15812: three-way, an equal rating agrees only with an equal ranking", () => {
    const ratings = [2, 0, -1, 1, 0, 3, -2];
    const rankings = [0.5, 0, -3, -1, 1, 0, -0.1];
    const { n, agreeing, confusion } = signAgreement(ratings, rankings);
    expect({ n, agreeing }).toEqual({ n: 7, agreeing: 4 });
    expect(confusion).toEqual([
      [1, 1, 1],
      [1, 1, 0],
      [0, 0, 2],
    ]);
  });
});

describe("bootstrapCorrelation", () => {
  const x = [0.61, 0.72, 0.55, 0.8, 0.67, 0.9];
  const y = [0.2, 0.5, 0.25, 0.4, 0.45, 0.8];

  it("agrees with scipy 1.17.1 on the correlations (fixture d13, arXiv 2311.00168)", () => {
    const { pearson, spearman } = bootstrapCorrelation(x, y, 0.95, "a", 100);
    expect(pearson.estimate).toBeCloseTo(0.8748683796094401, 12);
    expect(spearman.estimate).toBeCloseTo(0.7714285714285715, 12);
  });

  it("comes near the exact bootstrap distribution: scipy's r of all 252 resamples of four points that have one", () => {
    const { pearson } = bootstrapCorrelation([1, 2, 3, 4.5], [2, 1, 4, 3.5], 0.5, "exact", 40_000);
    expect(pearson.interval![0]).toBeGreaterThanOrEqual(0.6225);
    expect(pearson.interval![0]).toBeLessThanOrEqual(0.679);
    expect(pearson.interval![1]).toBeGreaterThanOrEqual(0.8416);
    expect(pearson.interval![1]).toBeLessThanOrEqual(0.8433);
  });

  it("gives the same interval for the same seed, and another for another", () => {
    const run = (seed: string) => bootstrapCorrelation(x, y, 0.9, seed, 500).spearman.interval;
    expect(run("a")).toEqual(run("a"));
    expect(run("a")).not.toEqual(run("b"));
  });

  it("has neither estimate nor interval where a variable is constant", () => {
    const { pearson, spearman } = bootstrapCorrelation([1, 1, 1], [1, 2, 3], 0.95, "a", 100);
    expect([pearson, spearman]).toEqual([
      { estimate: null, interval: null },
      { estimate: null, interval: null },
    ]);
  });
});
