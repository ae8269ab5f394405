import type { ClusteredSample } from "./cluster.ts";
import type { Bounds } from "./proportion.ts";
import { stratifiedMean } from "./stratified.ts";

export interface TwoSided {
  /** Accuracy on the first and on the second side; null where it has no items. */
  first: number | null;
  second: number | null;
  /** (first + second) / 2, null where a side is missing: never the other side's number. */
  balanced: number | null;
  seBalanced: number | null;
  balancedInterval: Bounds | null;
  /** first − second, null where a side is missing. */
  gap: number | null;
  seGap: number | null;
  gapInterval: Bounds | null;
}

/**
 * Balanced accuracy and signed gap of a suite whose items point in two directions, with cluster-robust intervals.
 * @param side 0 for items of the first direction, 1 for the second
 */
export function twoSided(sample: ClusteredSample, side: ArrayLike<number>, level: number): TwoSided {
  const balanced = stratifiedMean(sample, side, [0.5, 0.5], level);
  const gap = stratifiedMean(sample, side, [1, -1], level, [-1, 1]);
  return {
    first: balanced.perStratum[0] ?? null,
    second: balanced.perStratum[1] ?? null,
    balanced: balanced.estimate,
    seBalanced: balanced.se,
    balancedInterval: balanced.interval,
    gap: gap.estimate,
    seGap: gap.se,
    gapInterval: gap.interval,
  };
}
