import { betaIncInv } from "./beta.ts";
import { normalQuantile } from "./normal.ts";

/** Lower and upper bound of an interval. */
export type Bounds = readonly [low: number, high: number];

/** Φ⁻¹ at the upper end of a two-sided interval. */
export function normalCritical(level: number): number {
  return normalQuantile(1 - (1 - level) / 2);
}

/**
 * Wilson's score interval (1927, JASA 22:209) for a proportion `estimate` in [0, 1] of a sample of `n` > 0. `n` may be
 * real: an effective sample size.
 */
export function wilsonReal(estimate: number, n: number, level: number): Bounds {
  const z2n = normalCritical(level) ** 2 / n;
  const centre = (estimate + z2n / 2) / (1 + z2n);
  const half = Math.sqrt(z2n * (estimate * (1 - estimate) + z2n / 4)) / (1 + z2n);
  return [estimate === 0 ? 0 : Math.max(0, centre - half), estimate === 1 ? 1 : Math.min(1, centre + half)];
}

/** Wilson's interval for `successes` of `n` > 0. Exactly 0 at the lower end for 0 successes, exactly 1 at the upper for n. */
export function wilson(successes: number, n: number, level: number): Bounds {
  return wilsonReal(successes / n, n, level);
}

/**
 * Clopper & Pearson's interval (1934, Biometrika 26:404): coverage is at least `level`. `successes` and `n` may be real.
 */
export function clopperPearson(successes: number, n: number, level: number): Bounds {
  const tail = (1 - level) / 2;
  return [
    successes <= 0 ? 0 : betaIncInv(successes, n - successes + 1, tail),
    successes >= n ? 1 : betaIncInv(successes + 1, n - successes, 1 - tail),
  ];
}

export interface TieAccuracy {
  /** Ties count as losses. */
  strict: { estimate: number; interval: Bounds };
  /** Ties count one half. `nEff` and `interval` are null where every item is tied: no variance is not certainty. */
  half: { estimate: number; nEff: number | null; interval: Bounds | null };
  tieRate: number;
}

/** Accuracy with ties, both ways; null without items. The half-credit interval is Wilson's on n·a(1−a)/variance. */
export function tieAccuracy(wins: number, ties: number, losses: number, level: number): TieAccuracy | null {
  const n = wins + ties + losses;
  if (n === 0) return null;
  const estimate = (wins + ties / 2) / n;
  const tieRate = ties / n;
  const binomial = estimate * (1 - estimate);
  const variance = binomial - tieRate / 4;
  let nEff: number | null = n;
  if (ties === n) nEff = null;
  else if (binomial > 0) nEff = (n * binomial) / variance;
  return {
    strict: { estimate: wins / n, interval: wilson(wins, n, level) },
    half: { estimate, nEff, interval: nEff === null ? null : wilsonReal(estimate, nEff, level) },
    tieRate,
  };
}
