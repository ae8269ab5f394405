import { confidences } from "../stats/calibration-bins.ts";
import { eceMass, eceMirroredMore, eceWidth } from "../stats/ece.ts";
import { nullEceMonteCarlo } from "../stats/null-ece.ts";
import { Rng, streamSeed } from "../stats/rng.ts";
import { undefinedEstimate } from "./estimate.ts";
import type { Estimate, Metric, MetricOptions } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/** Bins on [½, 1] of the confidence: the same resolution as 20 bins on [0, 1] over both orders of every pair. */
export const eceBins = 10;
const moreBins = 10;

/** Resamples of the null at n comparisons: 1,000 up to 10⁵, then so many that 10⁸ outcomes are drawn, at least 200. */
export function nullResamples(n: number): number {
  return Math.max(200, Math.min(1000, Math.floor(1e8 / Math.max(1, n))));
}

/** The ECE of `margins`, and what a perfectly calibrated model with the same confidences would show. */
export function eceWithNull(
  margins: Float64Array,
  names: { ece: string; mean: string; q95: string },
  purpose: string,
  { seed, suite, group }: MetricOptions,
): Record<string, Estimate> {
  const n = margins.length;
  const errors = eceWidth(margins, eceBins);
  // Sorted, so that the draws do not depend on the order of the rows.
  const confidence = confidences(margins).sort();
  const resamples = nullResamples(n);
  const rng = new Rng(streamSeed(seed, purpose, suite, group));
  const perfect = nullEceMonteCarlo(confidence, eceBins, resamples, rng);
  if (errors === null || perfect === null) {
    const empty = undefinedEstimate(0, "empty");
    return { [names.ece]: empty, [names.mean]: empty, [names.q95]: empty };
  }
  return {
    [names.ece]: { value: errors.ece, n, details: { bins: eceBins, mce: errors.mce } },
    [names.mean]: { value: perfect.mean, n, details: { bins: eceBins, resamples } },
    [names.q95]: { value: perfect.q95, n, details: { bins: eceBins, resamples } },
  };
}

/**
 * Expected calibration error of σ(margin) over both orders of every pair, in three forms: `ece` over ten bins of the
 * confidence on [½, 1], with the mean and 95 % quantile that a perfectly calibrated model would show at this n; `ece_more`
 * as in arXiv 2312.07401; `ece_debiased_mass` over ten bins of equal mass, less the bias of sampling (`ece_mass` before).
 */
export const ece: Metric = {
  name: "ece",
  source: "docs/metrics.md#calibration-error; arXiv 2312.07401; arXiv 1909.10155; Bröcker & Smith 2007",
  measure({ outcomes, rows }, options) {
    const { margin, n } = sampleOf(outcomes, rows);
    const names = { ece: "ece", mean: "ece_null_mean", q95: "ece_null_q95" };
    const results = eceWithNull(margin, names, "null-ece", options);
    const more = eceMirroredMore(margin, moreBins);
    const mass = eceMass(margin, eceBins);
    const empty = undefinedEstimate(0, "empty");
    return {
      ...results,
      ece_more:
        more === null ? empty : { value: more.ece, n, details: { bins: moreBins, ace: more.ace, mce: more.mce } },
      ece_mass: mass === null ? empty : { value: mass.ece, n, details: { bins: mass.counts.length } },
      ece_debiased_mass: mass === null ? empty : { value: mass.debiasedL1, n, details: { bins: mass.counts.length } },
    };
  },
};
