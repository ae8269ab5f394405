import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argsort } from "../../src/stats/argsort.ts";
import { aurocClustered, aurocDelong } from "../../src/stats/auroc.ts";
import { confidences } from "../../src/stats/calibration-bins.ts";
import { clusterMean } from "../../src/stats/cluster.ts";
import { eceMass, eceMirroredMore, eceWidth } from "../../src/stats/ece.ts";
import { clusterFolds } from "../../src/stats/folds.ts";
import { lengthBias } from "../../src/stats/length-bias.ts";
import { brierLoss, logLoss } from "../../src/stats/logistic.ts";
import { nullEceMonteCarlo } from "../../src/stats/null-ece.ts";
import { clopperPearson, tieAccuracy, wilson, wilsonReal } from "../../src/stats/proportion.ts";
import { proportionInterval } from "../../src/stats/proportion-interval.ts";
import { quantile } from "../../src/stats/quantile.ts";
import { rankCorrelation } from "../../src/stats/rank-correlation.ts";
import { Rng, streamSeed, thresholdsOf } from "../../src/stats/rng.ts";
import { mean, sum } from "../../src/stats/sums.ts";
import { calibrationSlope, crossFitTemperature, temperatureFit } from "../../src/stats/temperature.ts";

/** Eighths: no bin edge is the logistic function of one but ½, and no fit is lost to rounding. */
const margin = fc.integer({ min: -160, max: 160 }).map((x) => x / 8);
const margins = fc.array(margin, { minLength: 2, maxLength: 60 });
const alone = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const near = (got: number | null, want: number | null, digits = 1e-10): void => {
  if (got === null || want === null) expect(got).toBe(want);
  else expect(Math.abs(got - want)).toBeLessThanOrEqual(digits * Math.max(1, Math.abs(want)));
};
const shuffled = <T>(items: readonly T[], seed: number): T[] => new Rng(`shuffle ${seed}`).shuffle([...items]);

describe("turning every pair round", () => {
  test("keeps confidence and uncentred correlation, and turns the fitted slope", () => {
    fc.assert(
      fc.property(
        margins,
        fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 60, maxLength: 60 }),
        (d, long) => {
          const x = long.slice(0, d.length);
          const turned = d.map((v) => -v);
          expect(confidences(turned)).toEqual(confidences(d));
          const [plain, mirrored] = [d, turned].map((m, i) => {
            return lengthBias(m, i === 0 ? x : x.map((v) => -v), alone(d.length), d.length, 0.95);
          });
          near(mirrored!.uncentredR, plain!.uncentredR);
          near(mirrored!.slopeThroughOrigin, plain!.slopeThroughOrigin);
          near(mirrored!.mirroredKendall, plain!.mirroredKendall);
          const [fit, other] = [temperatureFit(d), temperatureFit(turned)];
          if (fit.beta === null) expect(other.beta).toBe(null);
          else if (Number.isFinite(fit.beta)) near(other.beta!, -fit.beta, 1e-6);
          else expect(other.beta).toBe(-fit.beta);
        },
      ),
    );
  });
});

describe("scaling every margin", () => {
  test("divides the slope and multiplies the temperature", () => {
    fc.assert(
      fc.property(margins, fc.double({ min: 0.01, max: 100, noNaN: true }), (d, c) => {
        const [fit, scaled] = [temperatureFit(d), temperatureFit(d.map((v) => c * v))];
        fc.pre(fit.status === "ok");
        near(scaled.beta! * c, fit.beta, 1e-7);
        near(scaled.temperature! / c, fit.temperature, 1e-7);
      }),
    );
  });

  test("changes no rank statistic", () => {
    const scores = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(scores, scores, (a, b) => {
        expect(
          aurocDelong(
            a.map((v) => v * 8),
            b.map((v) => v * 8),
            0.95,
          ),
        ).toEqual(aurocDelong(a, b, 0.95));
      }),
    );
  });
});

test("margins that balance have slope 0, whatever their scale", () => {
  for (const c of [1, 0.01, 1 / 3, 1.8352125616500894]) {
    expect(temperatureFit([-7.625, 12.875, -5.25].map((d) => c * d))).toMatchObject({
      status: "non-positive",
      beta: 0,
    });
  }
});

test("the fitted slope is the minimum of the log loss", () => {
  fc.assert(
    fc.property(margins, (d) => {
      const fit = temperatureFit(d);
      fc.pre(fit.beta !== null && Number.isFinite(fit.beta));
      const lossAt = (beta: number): number => mean(d.map((v) => logLoss(beta * v)));
      near(fit.nll, lossAt(fit.beta!));
      for (const factor of [0.9, 1.1])
        expect(lossAt(fit.beta! * factor + 1e-6)).toBeGreaterThanOrEqual(fit.nll! - 1e-12);
    }),
  );
});

test("repeating every item inside its cluster changes neither mean nor error", () => {
  const items = fc.array(fc.tuple(fc.constantFrom(0, 0.5, 1), fc.nat(4)), { minLength: 6, maxLength: 40 });
  fc.assert(
    fc.property(items, fc.integer({ min: 2, max: 4 }), (list, times) => {
      const of = (some: typeof list) =>
        clusterMean({ y: some.map(([y]) => y), cluster: some.map(([, g]) => g), clusters: 5 }, 0.95);
      const [once, often] = [of(list), of(list.flatMap((item) => Array.from({ length: times }, () => item)))];
      near(often.estimate, once.estimate);
      near(often.se, once.se);
    }),
  );
});

test("whole weights count like repeated items, for mean and clustered error", () => {
  const items = fc.array(fc.tuple(fc.constantFrom(0, 0.5, 1), fc.nat(4), fc.integer({ min: 1, max: 4 })), {
    minLength: 6,
    maxLength: 30,
  });
  fc.assert(
    fc.property(items, (list) => {
      const copies = list.flatMap(([y, g, w]) => Array.from({ length: w }, () => [y, g] as const));
      const weighted = clusterMean(
        { y: list.map(([y]) => y), weight: list.map(([, , w]) => w), cluster: list.map(([, g]) => g), clusters: 5 },
        0.95,
      );
      const repeated = clusterMean({ y: copies.map(([y]) => y), cluster: copies.map(([, g]) => g), clusters: 5 }, 0.95);
      near(weighted.estimate, repeated.estimate);
      near(weighted.se, repeated.se);
    }),
  );
});

test("the order of items does not matter", () => {
  fc.assert(
    fc.property(margins, fc.nat(), (d, seed) => {
      const other = shuffled(d, seed);
      for (const measure of [
        (m: number[]) => eceWidth(m, 10)!.ece,
        (m: number[]) => eceMass(m, 10)!.debiasedL1,
        (m: number[]) => eceMirroredMore(m, 10)!.ece,
        (m: number[]) => mean(m.map(brierLoss)),
        (m: number[]) => temperatureFit(m).nll,
      ]) {
        near(measure(other), measure(d), 1e-11);
      }
    }),
  );
});

test("ECE over B bins of the confidence is ECE over 2B bins of both orders, ties or not", () => {
  fc.assert(fc.property(margins, (d) => near(eceMirroredMore(d, 20)!.ece, eceWidth(d, 10)!.ece, 1e-12)));
});

describe("intervals of proportions", () => {
  const sample = fc
    .integer({ min: 1, max: 400 })
    .chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
  const level = fc.constantFrom(0.8, 0.9, 0.95, 0.99);

  test("hold the estimate, stay in [0, 1], and mirror", () => {
    fc.assert(
      fc.property(sample, level, ([k, n], l) => {
        for (const interval of [wilson, clopperPearson]) {
          const [low, high] = interval(k, n, l);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(k / n);
          expect(high).toBeGreaterThanOrEqual(k / n);
          near(interval(n - k, n, l)[0], 1 - high);
        }
        expect(wilson(0, n, l)[0]).toBe(0);
        expect(wilson(n, n, l)[1]).toBe(1);
      }),
    );
  });

  test("independent credits get Wilson's interval, with ties on the effective size", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0.5, 1), { minLength: 1, maxLength: 60 }), (y) => {
        const count = (credit: number): number => y.filter((v) => v === credit).length;
        const { half } = tieAccuracy(count(1), count(0.5), count(0), 0.95)!;
        const got = proportionInterval({ y, cluster: alone(y.length), clusters: y.length }, 0.95);
        near(got.estimate, half.estimate);
        expect(got.interval === null).toBe(half.interval === null);
        got.interval?.forEach((bound, i) => near(bound, half.interval![i]!, 1e-9));
      }),
    );
  });

  test("clusters decide the method by their number, the credits and how far the mean is from 0 and 1", () => {
    const of = (groups: readonly (readonly number[])[]) =>
      proportionInterval(
        { y: groups.flat(), cluster: groups.flatMap((g, i) => g.map(() => i)), clusters: groups.length },
        0.95,
      );
    const many = <T>(n: number, group: T): T[] => Array.from({ length: n }, () => group);
    const mixed = [...many(20, [1, 1]), ...many(20, [0, 1])];
    expect(of(mixed).method).toBe("cluster-t");
    expect(of(mixed.slice(10, 35)).method).toBe("korn-graubard");
    expect(of([...many(60, [1, 1]), [0, 1]]).method).toBe("korn-graubard");
    expect(of([...many(60, [1, 1]), [0.5, 1]]).method).toBe("cluster-wilson");
    expect(
      of([
        [1, 0.5],
        [0, 1],
        [0, 0],
      ]).method,
    ).toBe("cluster-t");
    expect(of([[1, 1, 0]]).interval).toBe(null);
  });

  test("clusters that agree are not certainty: as wide as for independent items", () => {
    const balanced = proportionInterval({ y: [1, 0, 1, 0, 1, 0], cluster: [0, 0, 1, 1, 2, 2], clusters: 3 }, 0.95);
    expect(balanced.interval).toEqual(clopperPearson(3, 6, 0.95));
    const tied = proportionInterval({ y: [0.5, 0.5, 0.5, 0.5], cluster: [0, 0, 1, 1], clusters: 2 }, 0.95);
    expect(tied).toMatchObject({ estimate: 0.5, interval: null });
  });

  test("weights shrink the effective size by Kish's factor", () => {
    const weight = [4, 1, 1, 1, 1];
    const got = proportionInterval({ y: [1, 1, 1, 1, 1], weight, cluster: alone(5), clusters: 5 }, 0.95);
    expect(got.interval).toEqual(wilsonReal(1, 64 / 20, 0.95));
  });
});

test("argsort is a stable sort", () => {
  const value = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(-0, 0, -Infinity),
  );
  const check = (x: number[]): void => {
    const want = alone(x.length).sort((a, b) => (x[a]! < x[b]! ? -1 : x[a]! > x[b]! ? 1 : a - b));
    expect(Array.from(argsort(x))).toEqual(want);
  };
  fc.assert(fc.property(fc.array(value), check));
  fc.assert(fc.property(fc.array(value, { minLength: 600, maxLength: 700 }), check), { numRuns: 20 });
});

test("AUROC and Kendall's tau are what counting pairs gives", () => {
  const scores = fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 2, maxLength: 25 });
  fc.assert(
    fc.property(scores, scores, (a, b) => {
      const wins = sum(a.flatMap((x) => b.map((y) => (x > y ? 1 : x === y ? 0.5 : 0))));
      near(aurocDelong(a, b, 0.95).auc, wins / (a.length * b.length), 1e-12);
      near(aurocClustered(a, b, alone(a.length), alone(b.length), 25, 0.95).auc, wins / (a.length * b.length), 1e-12);
      const n = Math.min(a.length, b.length);
      let [score, untiedA, untiedB] = [0, 0, 0];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < i; j++) {
          score += Math.sign(a[i]! - a[j]!) * Math.sign(b[i]! - b[j]!);
          untiedA += Math.abs(Math.sign(a[i]! - a[j]!));
          untiedB += Math.abs(Math.sign(b[i]! - b[j]!));
        }
      }
      const want = untiedA * untiedB === 0 ? null : score / Math.sqrt(untiedA * untiedB);
      near(rankCorrelation(a.slice(0, n), b.slice(0, n)).kendallTauB, want, 1e-12);
    }),
  );
});

test("folds follow the keys, not their order, and are even", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 40 }), fc.nat(), (keys, seed) => {
      const folds = clusterFolds("s", keys, 5);
      const other = shuffled(keys, seed);
      clusterFolds("s", other, 5).forEach((fold, i) => expect(fold).toBe(folds[keys.indexOf(other[i]!)]));
      const sizes = alone(5).map((k) => folds.filter((fold) => fold === k).length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test("no fold is scaled by a temperature that saw it", () => {
  const d = [2, -1, 3, 0.5, -2, 4, 1, -0.5, 2.5, 1.5];
  const fold = d.map((_, i) => i % 2);
  const { scaled } = crossFitTemperature(d, fold, 2);
  const changed = crossFitTemperature(
    d.map((v, i) => (i === 0 ? 40 : v)),
    fold,
    2,
  );
  expect(changed.scaled![2]).toBe(scaled![2]);
  expect(changed.scaled![1]).not.toBe(scaled![1]);
});

test("counting draws below thresholds is drawing them one by one", () => {
  const probability = Float64Array.from({ length: 500 }, (_, i) => i / 500);
  const [fast, slow] = [new Rng("draws"), new Rng("draws")];
  expect(fast.countBelow(thresholdsOf(probability), 10, 490)).toBe(
    sum(Array.from(probability.subarray(10, 490), (p) => (slow.uniform() < p ? 1 : 0))),
  );
  expect(fast.u32()).toBe(slow.u32());
  // A probability equal to the draw is not above it; the next double is.
  const u = new Rng("edge").uniform();
  const count = (p: number): number => new Rng("edge").countBelow(thresholdsOf([p]), 0, 1);
  expect([u - 2 ** -53, u, u + 2 ** -53, 0, 1].map(count)).toEqual([0, 0, 1, 0, 1]);
});

test("a perfectly calibrated model's ECE lies inside its own null", () => {
  const rng = new Rng(streamSeed("0", "test"));
  const d = Array.from({ length: 4000 }, () => {
    const size = 3 * rng.uniform();
    return rng.uniform() < 1 / (1 + Math.exp(-size)) ? size : -size;
  });
  const perfect = nullEceMonteCarlo(confidences(d), 10, 400, rng)!;
  expect(eceWidth(d, 10)!.ece).toBeLessThan(1.5 * perfect.q95);
  const overconfident = d.map((v) => 3 * v);
  const itsNull = nullEceMonteCarlo(confidences(overconfident), 10, 400, rng)!;
  expect(eceWidth(overconfident, 10)!.ece).toBeGreaterThan(2 * itsNull.q95);
  const slope = calibrationSlope(d, alone(d.length), d.length, 0.95)!;
  expect(slope.interval![0]).toBeLessThan(1.1);
  expect(slope.interval![1]).toBeGreaterThan(0.9);
});

test("a variable of one value has no correlation, though its mean is rounded", () => {
  for (const value of [0.1, 1 / 3, 1e300]) {
    const x = [value, value, value];
    for (const one of [rankCorrelation(x, [1, 2, 4]), rankCorrelation([1, 2, 4], x)]) {
      expect(one).toEqual({ kendallTauB: null, spearman: null, pearson: null });
    }
  }
});

test("a quantile on a number is that number, whatever stands beside it", () => {
  expect(quantile([1, 2, Infinity], 0.5)).toBe(2);
  expect(quantile([-Infinity, 2, 3], 0.5)).toBe(2);
  expect(quantile([1, Infinity], 0.5)).toBe(Infinity);
});
