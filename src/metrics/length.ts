import { tabulate, tabulateInt } from "../stats/tabulate.ts";
import { accuracyGap } from "../stats/accuracy-gap.ts";
import type { ClusteredSample } from "../stats/cluster.ts";
import { lengthBias } from "../stats/length-bias.ts";
import { proportionInterval } from "../stats/proportion-interval.ts";
import { sum } from "../stats/sums.ts";
import { twoSided } from "../stats/two-sided.ts";
import { intervalOf, undefinedEstimate, type Reason } from "./estimate.ts";
import type { Estimate, Interval, Metric, MetricInput } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/**
 * Does the reward follow length? `length_bias` is the reward per character (Σ d·x / Σ x²), `length_correlation` its uncentred
 * correlation, `length_slope` the slope beyond the mean preference, `length_spearman` and `length_kendall` the rank
 * correlations over both orders; `accuracy_chosen_longer`, `…_shorter`, `…_same_length` and `length_gap` split the accuracy.
 * Every comparison with known lengths counts once.
 */
export const length: Metric = {
  name: "length",
  source: "docs/metrics.md#length; Newcombe 1998",
  measure(input, { level }) {
    const known = knownLengths(input);
    const { n } = sampleOf(input.outcomes, input.rows);
    // A comparison by a pairwise model has no lengths, which is not the same as no comparison.
    const none = n === 0 ? "empty" : "no-length";
    return { ...biases(known, level, none), ...accuracies(known, level, none) };
  },
};

interface Lengths extends ClusteredSample {
  y: Float64Array;
  cluster: Int32Array;
  margin: Float64Array;
  /** Characters of the chosen response minus those of the rejected one. */
  difference: Float64Array;
}

function knownLengths({ outcomes, rows }: MetricInput): Lengths {
  const sample = sampleOf(outcomes, rows);
  const difference = tabulate(sample.n, (k) => outcomes.lengthDifference[sample.outcome[k]!]!);
  return select({ y: sample.credit, ...sample, difference }, (_, i) => Number.isFinite(difference[i]));
}

/** The comparisons that `keep` accepts, with their clusters numbered anew. */
function select(all: Lengths, keep: (difference: number, i: number) => boolean): Lengths {
  const { length: n } = all.difference;
  const kept = new Uint32Array(n);
  let size = 0;
  for (let i = 0; i < n; i++) if (keep(all.difference[i]!, i)) kept[size++] = i;
  if (size === n) return all;
  const number = new Int32Array(all.clusters).fill(-1);
  let clusters = 0;
  const cluster = tabulateInt(size, (k) => {
    const old = all.cluster[kept[k]!]!;
    if (number[old]! < 0) number[old] = clusters++;
    return number[old]!;
  });
  const of = (column: Float64Array): Float64Array => tabulate(size, (k) => column[kept[k]!]!);
  return { y: of(all.y), margin: of(all.margin), difference: of(all.difference), cluster, clusters };
}

function independent({ y, clusters }: Lengths): boolean {
  return clusters === y.length;
}

function shared(of: Lengths): { n: number; clusters?: number } {
  return independent(of) ? { n: of.y.length } : { n: of.y.length, clusters: of.clusters };
}

function biases(known: Lengths, level: number, none: Reason): Record<string, Estimate> {
  const bias = lengthBias(known.margin, known.difference, known.cluster, known.clusters, level);
  const reason = reasonFor(known, none);
  const estimate = (value: number | null, interval?: Interval): Estimate =>
    value === null ? undefinedEstimate(known.y.length, reason) : { value, ...shared(known), interval };
  return {
    length_bias: estimate(
      bias.slopeThroughOrigin,
      intervalOf(bias.interval, level, independent(known) ? "t" : "cluster-t"),
    ),
    length_correlation: estimate(bias.uncentredR),
    length_slope: estimate(bias.slope),
    length_spearman: estimate(bias.mirroredSpearman),
    length_kendall: estimate(bias.mirroredKendall),
  };
}

function reasonFor({ margin, difference }: Lengths, none: Reason): Reason {
  if (margin.length === 0) return none;
  if (difference.every((x) => x === 0)) return "no-length";
  // Where neither is all 0, only the slope with an intercept can be missing: it needs two items of two lengths.
  return margin.length > 1 || margin.every((d) => d === 0) ? "no-variance" : "one-item";
}

function accuracies(known: Lengths, level: number, none: Reason): Record<string, Estimate> {
  const nothing = known.y.length === 0 ? none : "empty";
  const longer = select(known, (x) => x > 0);
  const shorter = select(known, (x) => x < 0);
  return {
    accuracy_chosen_longer: accuracyOf(longer, level, nothing),
    accuracy_chosen_shorter: accuracyOf(shorter, level, nothing),
    accuracy_same_length: accuracyOf(
      select(known, (x) => x === 0),
      level,
      nothing,
    ),
    length_gap: gapOf(
      select(known, (x) => x !== 0),
      level,
      none,
    ),
  };
}

function accuracyOf(part: Lengths, level: number, nothing: Reason): Estimate {
  const { estimate, interval, method } = proportionInterval(part, level);
  if (estimate === null) return undefinedEstimate(0, nothing);
  return { value: estimate, ...shared(part), interval: intervalOf(interval, level, method) };
}

/** Accuracy where the chosen response is longer, less that where it is shorter. */
function gapOf(unequal: Lengths, level: number, none: Reason): Estimate {
  const side = unequal.difference.map((x) => (x > 0 ? 0 : 1));
  const { gap, gapInterval } = twoSided(unequal, side, level);
  if (gap === null) return undefinedEstimate(unequal.y.length, unequal.y.length === 0 ? none : "one-side");
  if (!independent(unequal)) {
    return { value: gap, ...shared(unequal), interval: intervalOf(gapInterval, level, "cluster-t") };
  }
  const longer = unequal.y.filter((_, i) => side[i] === 0);
  const shorter = unequal.y.filter((_, i) => side[i] === 1);
  const newcombe = accuracyGap(sum(longer), longer.length, sum(shorter), shorter.length, level);
  return { value: gap, ...shared(unequal), interval: intervalOf(newcombe!.interval, level, "newcombe") };
}
