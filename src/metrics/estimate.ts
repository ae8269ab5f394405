import { clusterMean } from "../stats/cluster.ts";
import type { Bounds } from "../stats/proportion.ts";
import { proportionInterval } from "../stats/proportion-interval.ts";
import type { Estimate, Interval } from "./metric.ts";
import { itemMeans, type Sample } from "./sample.ts";

/** Why a number does not exist. docs/metrics.md explains each. */
export type Reason =
  | "empty"
  | "no-weight"
  | "one-item"
  | "one-cluster"
  | "one-side"
  | "no-variance"
  | "no-length"
  | "no-rewards"
  | "undefined"
  | "separable"
  | "anti-separable"
  | "non-positive";

export function undefinedEstimate(n: number, reason: Reason): Estimate {
  return { value: null, n, undefinedBecause: reason };
}

/** An interval without width is left out: no spread in the data is not certainty. */
export function intervalOf(bounds: Bounds | null, level: number, method: string): Interval | undefined {
  if (bounds === null || bounds[0] === bounds[1]) return undefined;
  return { low: bounds[0], high: bounds[1], level, method };
}

/** `clusters` where items share clusters, else nothing. */
export function clustersOf(sample: Sample): { clusters?: number } {
  return sample.clusters < sample.items ? { clusters: sample.clusters } : {};
}

/** Mean over items of credits in [0, 1], with the interval of a proportion. */
export function proportionOf(sample: Sample, credit: (comparison: number) => number, level: number): Estimate {
  if (sample.items === 0) return undefinedEstimate(0, "empty");
  const { estimate, interval, method } = proportionInterval(itemMeans(sample, credit), level);
  if (estimate === null) return undefinedEstimate(sample.items, "no-weight");
  return {
    value: estimate,
    n: sample.items,
    ...clustersOf(sample),
    interval: intervalOf(interval, level, method),
  };
}

/** Mean over items of any number, with a t interval (cluster-robust where there are clusters) inside `range`. */
export function meanOf(
  sample: Sample,
  value: (comparison: number) => number,
  level: number,
  range: Bounds = [-Infinity, Infinity],
): Estimate {
  if (sample.items === 0) return undefinedEstimate(0, "empty");
  const { estimate, interval } = clusterMean(itemMeans(sample, value), level, range);
  if (estimate === null) return undefinedEstimate(sample.items, "no-weight");
  return {
    value: estimate,
    n: sample.items,
    ...clustersOf(sample),
    interval: intervalOf(interval, level, studentMethod(sample)),
  };
}

/** Name of a t(G − 1) interval. */
export function studentMethod(sample: Sample): string {
  return sample.clusters < sample.items ? "cluster-t" : "t";
}
