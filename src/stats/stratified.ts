import { clusterError, studentInterval, type ClusteredSample } from "./cluster.ts";
import type { Bounds } from "./proportion.ts";
import { sumOf, sumsBy } from "./sums.ts";

export interface StratifiedMean {
  /** Mean of each stratum; null where it is empty. */
  perStratum: readonly (number | null)[];
  /** Σ share_s · mean_s; null where a stratum with a share is empty. */
  estimate: number | null;
  /** Mean over all items, whatever their stratum. */
  micro: number | null;
  se: number | null;
  interval: Bounds | null;
  clusters: number;
}

/**
 * Linear combination of stratum means, Σ_s share_s · mean_s, with its cluster-robust t(G − 1) interval; clusters may
 * cross strata. Shares that sum to 1 give a macro average, shares (1, −1) a difference.
 * @param stratum of each item, in [0, shares.length)
 */
export function stratifiedMean(
  sample: ClusteredSample,
  stratum: ArrayLike<number>,
  shares: readonly number[],
  level: number,
  range: Bounds = [0, 1],
): StratifiedMean {
  const { y, cluster, clusters } = sample;
  const n = y.length;
  const weight = (i: number): number => sample.weight?.[i] ?? 1;
  const totals = sumsBy(n, stratum, shares.length, weight);
  const sums = sumsBy(n, stratum, shares.length, (i) => weight(i) * y[i]!);
  const perStratum = shares.map((_, s) => (totals[s]! > 0 ? sums[s]! / totals[s]! : null));
  const all = sumOf(n, weight);
  const micro = all > 0 ? sumOf(n, (i) => weight(i) * y[i]!) / all : null;
  if (n === 0 || perStratum.some((value, s) => value === null && shares[s] !== 0)) {
    return { perStratum, estimate: null, micro, se: null, interval: null, clusters };
  }
  const estimate = sumOf(shares.length, (s) => shares[s]! * (perStratum[s] ?? 0));
  const se = clusterError(n, cluster, clusters, (i) => {
    const s = stratum[i]!;
    return shares[s] === 0 ? 0 : (shares[s]! * weight(i) * (y[i]! - perStratum[s]!)) / totals[s]!;
  });
  return { perStratum, estimate, micro, se, interval: studentInterval(estimate, se, clusters, level, range), clusters };
}
