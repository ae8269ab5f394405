import { confidenceBins } from "./calibration-bins.ts";
import { quantile } from "./quantile.ts";
import { thresholdsOf, type Rng } from "./rng.ts";
import { mean } from "./sums.ts";

/**
 * What a perfectly calibrated model with these confidences would show: mean and 95 % quantile of the ECE over `resamples`
 * draws of y ~ Bernoulli(confidence), one uniform per item in order, over `bins` equal bins on [½, 1] (consistency
 * resampling: Bröcker & Smith 2007, Weather Forecast. 22:651). Null without items.
 */
export function nullEceMonteCarlo(
  confidence: Float64Array,
  bins: number,
  resamples: number,
  rng: Rng,
): { mean: number; q95: number } | null {
  const n = confidence.length;
  if (n === 0) return null;
  const bin = confidenceBins(confidence, bins);
  const expected = new Float64Array(bins);
  for (let i = 0; i < n; i++) expected[bin[i]!]! += confidence[i]!;
  // Ends of the runs of one bin: sorted confidences have one run per bin.
  const runEnd: number[] = [];
  for (let i = 1; i <= n; i++) if (i === n || bin[i] !== bin[i - 1]) runEnd.push(i);
  const occupied = [...new Set(runEnd.map((to) => bin[to - 1]!))].sort((a, b) => a - b);
  const thresholds = thresholdsOf(confidence);
  const draws = new Float64Array(resamples);
  const right = new Int32Array(bins);
  for (let b = 0; b < resamples; b++) {
    right.fill(0);
    let from = 0;
    for (const to of runEnd) {
      right[bin[from]!]! += rng.countBelow(thresholds, from, to);
      from = to;
    }
    let ece = 0;
    for (const k of occupied) ece += Math.abs(right[k]! - expected[k]!);
    draws[b] = ece / n;
  }
  return { mean: mean(draws), q95: quantile(draws.sort(), 0.95)! };
}
