import type { Bounds } from "./proportion.ts";
import { quantile, sorted } from "./quantile.ts";
import { rankCorrelation } from "./rank-correlation.ts";
import { Rng } from "./rng.ts";

export interface BootstrappedCorrelation {
  /** Null for fewer than two points or a constant variable. */
  estimate: number | null;
  /** Percentile interval; null where fewer than half of the resamples have a correlation. */
  interval: Bounds | null;
}

/**
 * Pearson's r and Spearman's ρ of n points with percentile bootstrap intervals over the points (Efron 1979, Ann. Statist.
 * 7:1). A resample in which a variable is constant has no correlation and is left out; few points have many of them.
 * @param seed of the draws: the same seed gives the same intervals
 */
export function bootstrapCorrelation(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  level: number,
  seed: string,
  resamples: number,
): { pearson: BootstrappedCorrelation; spearman: BootstrappedCorrelation } {
  const n = x.length;
  const rng = new Rng(seed);
  const drawn: Record<"pearson" | "spearman", number[]> = { pearson: [], spearman: [] };
  for (let b = 0; n > 0 && b < resamples; b++) {
    const points = Array.from({ length: n }, () => rng.below(n));
    const one = rankCorrelation(
      points.map((i) => x[i]!),
      points.map((i) => y[i]!),
    );
    for (const name of ["pearson", "spearman"] as const) if (one[name] !== null) drawn[name].push(one[name]);
  }
  const whole = rankCorrelation(x, y);
  const of = (name: "pearson" | "spearman"): BootstrappedCorrelation => {
    const values = sorted(drawn[name]);
    const [low, high] = [quantile(values, (1 - level) / 2), quantile(values, (1 + level) / 2)];
    const defined = whole[name] !== null && values.length >= resamples / 2 && low !== null && high !== null;
    return { estimate: whole[name], interval: defined ? [low, high] : null };
  };
  return { pearson: of("pearson"), spearman: of("spearman") };
}
