import { clusterMean, kornGraubard, type ClusteredSample } from "./cluster.ts";
import { wilsonReal, type Bounds } from "./proportion.ts";

export interface ProportionEstimate {
  estimate: number | null;
  /** Null where the data do not tell: every item tied, or one cluster only. */
  interval: Bounds | null;
  method: "wilson" | "cluster-t" | "korn-graubard" | "cluster-wilson";
}

/**
 * Mean of credits in [0, 1] with the interval that suits them.
 * - Independent items: Wilson, on the effective size a(1−a)/variance where credits are not 0/1 or weights differ.
 * - Clusters: t(G − 1) with the CR1 error for at least 30 clusters and a mean in [.1, .9]; else Korn-Graubard for 0/1
 *   credits; else, near 0 or 1, Wilson on n / design effect, and t(G − 1) in the middle.
 * - Clusters that agree exactly (standard error 0): as for n items, since no spread between few clusters is not certainty.
 */
export function proportionInterval(sample: ClusteredSample, level: number): ProportionEstimate {
  const n = sample.y.length;
  const independent = sample.clusters === n;
  const mean = clusterMean(sample, level);
  const { estimate, se } = mean;
  if (estimate === null) return { estimate: null, interval: null, method: independent ? "wilson" : "cluster-t" };
  if (independent) return { estimate, interval: independentInterval(sample, estimate, level), method: "wilson" };
  if (se === null) return { estimate, interval: null, method: "cluster-t" };
  const middle = estimate >= 0.1 && estimate <= 0.9;
  const studentised = { estimate, interval: mean.interval, method: "cluster-t" } as const;
  if (se > 0 && middle && sample.clusters >= 30) return studentised;
  if (isBinary(sample.y)) {
    const exact = kornGraubard(sample, level);
    return { estimate, interval: exact === null ? null : exact.intervalTruncated, method: "korn-graubard" };
  }
  if (se > 0 && middle) return studentised;
  if (spread(sample, estimate) === 0) return { estimate, interval: null, method: "cluster-wilson" };
  const size = se > 0 && mean.nEff !== null ? Math.min(n, mean.nEff) : n;
  return { estimate, interval: wilsonReal(clipUnit(estimate), size, level), method: "cluster-wilson" };
}

/** Wilson on the effective size; null where every credit is the same and neither 0 nor 1. */
function independentInterval(sample: ClusteredSample, estimate: number, level: number): Bounds | null {
  const { y, weight } = sample;
  if (isBinary(y) && weight === undefined) return wilsonReal(clipUnit(estimate), y.length, level);
  const p = clipUnit(estimate);
  const variance = spread(sample, estimate);
  if (variance > 0) return wilsonReal(p, (p * (1 - p)) / variance, level);
  return p === 0 || p === 1 ? wilsonReal(p, kishSize(sample), level) : null;
}

/** Σ w²(y − a)² / (Σ w)²; 0 where it is only rounding. */
function spread({ y, weight }: ClusteredSample, estimate: number): number {
  let total = 0;
  let squares = 0;
  for (let i = 0; i < y.length; i++) {
    const w = weight?.[i] ?? 1;
    total += w;
    squares += (w * (y[i]! - estimate)) ** 2;
  }
  const variance = squares / total ** 2;
  return variance < 1e-24 ? 0 : variance;
}

/** (Σ w)² / Σ w² (Kish 1965). */
function kishSize({ y, weight }: ClusteredSample): number {
  let total = 0;
  let squares = 0;
  for (let i = 0; i < y.length; i++) {
    const w = weight?.[i] ?? 1;
    total += w;
    squares += w * w;
  }
  return total ** 2 / squares;
}

function isBinary(y: ArrayLike<number>): boolean {
  for (let i = 0; i < y.length; i++) if (y[i] !== 0 && y[i] !== 1) return false;
  return true;
}

/** A weighted mean of numbers in [0, 1] can leave it by a rounding error. */
function clipUnit(p: number): number {
  if (p < 1e-15) return 0;
  return p > 1 - 1e-15 ? 1 : p;
}
