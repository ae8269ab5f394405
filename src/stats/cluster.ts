import { clopperPearson, type Bounds } from "./proportion.ts";
import { studentTQuantile } from "./student.ts";
import { sumOf } from "./sums.ts";

/** A weighted sample in clusters. */
export interface ClusteredSample {
  y: ArrayLike<number>;
  /** Weight of each item; all 1 when absent. */
  weight?: ArrayLike<number>;
  /** Cluster of each item, in [0, clusters). */
  cluster: ArrayLike<number>;
  clusters: number;
}

/** Standard errors below this are rounding: the clusters do not differ. */
const noError = 1e-12;

/** estimate ± t(G − 1) · se, cut to `range`; null where `se` is. */
export function studentInterval(
  estimate: number,
  se: number | null,
  clusters: number,
  level: number,
  range: Bounds = [-Infinity, Infinity],
): Bounds | null {
  if (se === null) return null;
  const half = se === 0 ? 0 : studentTQuantile(1 - (1 - level) / 2, clusters - 1) * se;
  return [Math.max(range[0], estimate - half), Math.min(range[1], estimate + half)];
}

/**
 * CR1 standard error √(G/(G−1) Σ_g (Σ_{i in g} influence(i))²) of an estimate whose error is the sum of `influence`
 * over independent clusters (Liang & Zeger 1986, Biometrika 73:13). Null for fewer than two clusters.
 */
export function clusterError(
  n: number,
  cluster: ArrayLike<number>,
  clusters: number,
  influence: (i: number) => number,
): number | null {
  const perCluster = new Float64Array(clusters);
  for (let i = 0; i < n; i++) perCluster[cluster[i]!]! += influence(i);
  const squares = sumOf(clusters, (g) => perCluster[g]! ** 2);
  if (clusters < 2) return null;
  const se = Math.sqrt((squares * clusters) / (clusters - 1));
  return se < noError ? 0 : se;
}

export interface ClusterMean {
  /** Null without items or without weight. */
  estimate: number | null;
  n: number;
  clusters: number;
  /** Null for one cluster; 0 where all clusters agree. */
  se: number | null;
  interval: Bounds | null;
  /** Variance over that of as many independent items; null where undefined. May be below 1. */
  deff: number | null;
  nEff: number | null;
}

/** Weighted mean with its cluster-robust error and t(G − 1) interval, cut to `range`. */
export function clusterMean(sample: ClusteredSample, level: number, range: Bounds = [0, 1]): ClusterMean {
  const { y, cluster, clusters } = sample;
  const n = y.length;
  const weight = (i: number): number => sample.weight?.[i] ?? 1;
  const total = sumOf(n, weight);
  if (!(total > 0)) return { estimate: null, n, clusters, se: null, interval: null, deff: null, nEff: null };
  const estimate = sumOf(n, (i) => weight(i) * y[i]!) / total;
  const influence = (i: number): number => (weight(i) * (y[i]! - estimate)) / total;
  const se = clusterError(n, cluster, clusters, influence);
  const independent = (sumOf(n, (i) => influence(i) ** 2) * n) / (n - 1);
  const deff = se === null || !(independent > 0) ? null : se ** 2 / independent;
  return {
    estimate,
    n,
    clusters,
    se,
    interval: studentInterval(estimate, se, clusters, level, range),
    deff,
    nEff: deff === null || deff === 0 ? null : n / deff,
  };
}

export interface KornGraubard {
  nEff: number;
  interval: Bounds;
  /** Effective size cut at the number of items, and the interval to use. */
  nEffTruncated: number;
  intervalTruncated: Bounds;
}

/**
 * Interval of a clustered proportion near 0 or 1 (Korn & Graubard 1998, Surv. Meth. 24:193): Clopper-Pearson on the
 * effective sample size. Where all items or all clusters agree the effective size is n. Null for fewer than two
 * clusters.
 */
export function kornGraubard(sample: ClusteredSample, level: number): KornGraubard | null {
  const { estimate, n, clusters, se } = clusterMean(sample, level);
  if (estimate === null || se === null) return null;
  const p = 1 - (1 - level) / 2;
  const nEff =
    se === 0
      ? n
      : ((estimate * (1 - estimate)) / se ** 2) * (studentTQuantile(p, n - 1) / studentTQuantile(p, clusters - 1)) ** 2;
  const nEffTruncated = Math.min(n, nEff);
  return {
    nEff,
    interval: clopperPearson(nEff * estimate, nEff, level),
    nEffTruncated,
    intervalTruncated: clopperPearson(nEffTruncated * estimate, nEffTruncated, level),
  };
}
