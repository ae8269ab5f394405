import { tabulate } from "./tabulate.ts";
import { clusterError, studentInterval } from "./cluster.ts";
import type { Bounds } from "./proportion.ts";
import { rankCorrelation } from "./rank-correlation.ts";
import { mean, sumOf } from "./sums.ts";

export interface LengthBias {
  /** Reward per unit of length: Σ d·x / Σ x², free of which response was chosen. Null where all lengths or margins are 0. */
  slopeThroughOrigin: number | null;
  seThroughOrigin: number | null;
  /** Cluster-robust t(G − 1) interval of the slope through the origin. */
  interval: Bounds | null;
  /** Least squares with an intercept: the length effect beyond the mean preference. Null for fewer than two lengths. */
  intercept: number | null;
  slope: number | null;
  seSlope: number | null;
  /** Σ d·x / √(Σ d² Σ x²): Pearson's r over both orders of every pair. */
  uncentredR: number | null;
  /** Rank correlations over both orders of every pair. */
  mirroredSpearman: number | null;
  mirroredKendall: number | null;
}

const nothing: LengthBias = {
  slopeThroughOrigin: null,
  seThroughOrigin: null,
  interval: null,
  intercept: null,
  slope: null,
  seSlope: null,
  uncentredR: null,
  mirroredSpearman: null,
  mirroredKendall: null,
};

/**
 * How far margins follow length.
 * @param lengthDifference length of the chosen response minus that of the rejected one
 */
export function lengthBias(
  margins: ArrayLike<number>,
  lengthDifference: ArrayLike<number>,
  cluster: ArrayLike<number>,
  clusters: number,
  level: number,
): LengthBias {
  const n = margins.length;
  const xx = sumOf(n, (i) => lengthDifference[i]! ** 2);
  const dd = sumOf(n, (i) => margins[i]! ** 2);
  if (xx === 0 || dd === 0) return nothing;
  const dx = sumOf(n, (i) => margins[i]! * lengthDifference[i]!);
  const slopeThroughOrigin = dx / xx;
  const residual = (i: number): number => margins[i]! - slopeThroughOrigin * lengthDifference[i]!;
  const se = clusterError(n, cluster, clusters, (i) => (residual(i) * lengthDifference[i]!) / xx);
  const both = (values: ArrayLike<number>): Float64Array =>
    tabulate(2 * n, (i) => (i < n ? values[i]! : -values[i - n]!));
  const ranks = rankCorrelation(both(margins), both(lengthDifference));
  return {
    slopeThroughOrigin,
    seThroughOrigin: n < 2 ? null : Math.sqrt(sumOf(n, (i) => residual(i) ** 2) / (n - 1) / xx),
    interval: studentInterval(slopeThroughOrigin, se, clusters, level),
    ...withIntercept(margins, lengthDifference),
    uncentredR: Math.max(-1, Math.min(1, dx / Math.sqrt(xx) / Math.sqrt(dd))),
    mirroredSpearman: ranks.spearman,
    mirroredKendall: ranks.kendallTauB,
  };
}

function withIntercept(
  y: ArrayLike<number>,
  x: ArrayLike<number>,
): Pick<LengthBias, "intercept" | "slope" | "seSlope"> {
  const n = y.length;
  const mx = mean(x);
  const my = mean(y);
  const sxx = sumOf(n, (i) => (x[i]! - mx) ** 2);
  if (n < 2 || sxx === 0) return { intercept: null, slope: null, seSlope: null };
  const slope = sumOf(n, (i) => (x[i]! - mx) * (y[i]! - my)) / sxx;
  const intercept = my - slope * mx;
  const squares = sumOf(n, (i) => (y[i]! - intercept - slope * x[i]!) ** 2);
  return { intercept, slope, seSlope: n < 3 ? null : Math.sqrt(squares / (n - 2) / sxx) };
}
