import { tabulate, tabulateInt } from "./tabulate.ts";
import { argsort } from "./argsort.ts";
import { clusterError, studentInterval } from "./cluster.ts";
import { logistic } from "./logistic.ts";
import { normalCritical, type Bounds } from "./proportion.ts";
import { meanVar, mean } from "./sums.ts";

/** For each x the share of `against` below it, ties one half; both are walked in ascending order. */
function sharesBelow(
  x: ArrayLike<number>,
  byX: Uint32Array,
  against: ArrayLike<number>,
  byAgainst: Uint32Array,
): Float64Array {
  const m = against.length;
  const shares = new Float64Array(x.length);
  let below = 0;
  let upTo = 0;
  for (const i of byX) {
    while (below < m && against[byAgainst[below]!]! < x[i]!) below++;
    while (upTo < m && against[byAgainst[upTo]!]! <= x[i]!) upTo++;
    shares[i] = (below + upTo) / 2 / m;
  }
  return shares;
}

/** DeLong's structural components: how often each positive is above the negatives, each negative below the positives. */
function placements(
  positive: ArrayLike<number>,
  negative: ArrayLike<number>,
): { v10: Float64Array; v01: Float64Array } {
  const byPositive = argsort(positive);
  const byNegative = argsort(negative);
  const below = sharesBelow(negative, byNegative, positive, byPositive);
  return {
    v10: sharesBelow(positive, byPositive, negative, byNegative),
    v01: tabulate(negative.length, (j) => 1 - below[j]!),
  };
}

export interface AurocDelong {
  auc: number | null;
  variance: number | null;
  interval: Bounds | null;
  /** On the logit scale; null where the AUROC is 0 or 1 or the variance 0. */
  logitInterval: Bounds | null;
}

/** P(positive > negative) + ½ P(equal), for independent scores (DeLong et al. 1988, Biometrics 44:837). O(n log n). */
export function aurocDelong(positive: ArrayLike<number>, negative: ArrayLike<number>, level: number): AurocDelong {
  const undefinedVariance = { variance: null, interval: null, logitInterval: null };
  if (positive.length === 0 || negative.length === 0) return { auc: null, ...undefinedVariance };
  const { v10, v01 } = placements(positive, negative);
  const auc = mean(v10);
  if (positive.length < 2 || negative.length < 2) return { auc, ...undefinedVariance };
  const variance = meanVar(v10).variance / positive.length + meanVar(v01).variance / negative.length;
  const half = normalCritical(level) * Math.sqrt(variance);
  const logit = Math.log(auc / (1 - auc));
  const logitHalf = half / (auc * (1 - auc));
  return {
    auc,
    variance,
    interval: [Math.max(0, auc - half), Math.min(1, auc + half)],
    logitInterval:
      auc > 0 && auc < 1 && variance > 0 ? [logistic(logit - logitHalf), logistic(logit + logitHalf)] : null,
  };
}

export interface AurocClustered {
  auc: number | null;
  /** Null for one cluster. */
  variance: number | null;
  interval: Bounds | null;
}

/**
 * AUROC of scores that share clusters, as chosen and rejected responses of one prompt do (Obuchowski 1997, Biometrics
 * 53:567), with its t(G − 1) interval in [0, 1].
 */
export function aurocClustered(
  positive: ArrayLike<number>,
  negative: ArrayLike<number>,
  positiveCluster: ArrayLike<number>,
  negativeCluster: ArrayLike<number>,
  clusters: number,
  level: number,
): AurocClustered {
  if (positive.length === 0 || negative.length === 0) return { auc: null, variance: null, interval: null };
  const { v10, v01 } = placements(positive, negative);
  const auc = mean(v10);
  const n = positive.length;
  const cluster = (i: number): number => (i < n ? positiveCluster[i]! : negativeCluster[i - n]!);
  const all = tabulateInt(n + negative.length, cluster);
  const se = clusterError(all.length, all, clusters, (i) =>
    i < n ? (v10[i]! - auc) / n : (v01[i - n]! - auc) / negative.length,
  );
  return {
    auc,
    variance: se === null ? null : se ** 2,
    interval: studentInterval(auc, se, clusters, level, [0, 1]),
  };
}
