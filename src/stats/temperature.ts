import { tabulate } from "./tabulate.ts";
import { clusterError, studentInterval } from "./cluster.ts";
import { logistic, logLoss } from "./logistic.ts";
import type { Bounds } from "./proportion.ts";
import { sumOf } from "./sums.ts";

/**
 * `ok`: 0 < beta < ∞. `separable`: no wrong pair, beta grows without bound. `anti-separable`: no right pair.
 * `non-positive`: no temperature calibrates an inverted model. `undefined`: no pair, or only ties.
 */
export type FitStatus = "ok" | "undefined" | "separable" | "anti-separable" | "non-positive";

export interface TemperatureFit {
  status: FitStatus;
  /** Slope of the logistic regression of the preference on the margin, through the origin; null where undefined. */
  beta: number | null;
  /** 1 / beta; 0 where separable; null where no temperature exists. */
  temperature: number | null;
  /** Model-based standard error of beta; null where beta is not finite. */
  se: number | null;
  /** Mean log loss at beta; null where beta is not finite. */
  nll: number | null;
}

/**
 * Minimises Σ softplus(−beta · margin) (Guo et al. 2017, arXiv 1706.04599, with T = 1/beta). Ties are allowed.
 * @param guess of beta; it saves steps and changes nothing
 */
export function temperatureFit(margins: ArrayLike<number>, guess?: number): TemperatureFit {
  const n = margins.length;
  let low = 0;
  let high = 0;
  for (let i = 0; i < n; i++) {
    low = Math.min(low, margins[i]!);
    high = Math.max(high, margins[i]!);
  }
  const none = { se: null, nll: null };
  if (low === 0 && high === 0) return { status: "undefined", beta: null, temperature: null, ...none };
  if (low === 0) return { status: "separable", beta: Infinity, temperature: 0, ...none };
  if (high === 0) return { status: "anti-separable", beta: -Infinity, temperature: null, ...none };
  const scale = Math.max(high, -low);
  const beta =
    scoreRoot(
      tabulate(n, (i) => margins[i]! / scale),
      (guess ?? 0) * scale,
    ) / scale;
  const fit = {
    beta,
    se: 1 / Math.sqrt(scoreAt(margins, beta).information),
    nll: sumOf(n, (i) => logLoss(beta * margins[i]!)) / n,
  };
  return beta > 0
    ? { status: "ok", temperature: 1 / beta, ...fit }
    : { status: "non-positive", temperature: null, ...fit };
}

/** Σ d σ(−βd), which falls strictly in β, and minus its derivative Σ d² σ(βd) σ(−βd). */
function scoreAt(margins: ArrayLike<number>, beta: number): { score: number; information: number } {
  let information = 0;
  const score = sumOf(margins.length, (i) => {
    const d = margins[i]!;
    const e = Math.exp(-Math.abs(beta * d));
    information += (d * d * e) / (1 + e) ** 2;
    return beta * d >= 0 ? (d * e) / (1 + e) : d / (1 + e);
  });
  return { score, information };
}

/** Root of the score in β · max|margin|: Newton steps inside a bracket found by doubling. */
function scoreRoot(z: Float64Array, guess: number): number {
  let at = scoreAt(z, 0);
  // Margins that balance do so only up to rounding; a temperature of 1e17 would be no finding.
  if (Math.abs(at.score) <= z.length * Number.EPSILON) return 0;
  const direction = Math.sign(at.score);
  let inner = 0;
  let outer = Infinity * direction;
  let b = guess * direction > 0 ? guess : direction;
  for (let i = 0; i < 400; i++) {
    at = scoreAt(z, b);
    if (at.score === 0) return b;
    if (at.score * direction > 0) inner = b;
    else outer = b;
    const newton = b + at.score / at.information;
    const inside = (newton - inner) * direction > 0 && (outer - newton) * direction > 0;
    const bounded = Number.isFinite(outer) ? (inner + outer) / 2 : 2 * b;
    // Until the root is bracketed a Newton step may overshoot without end, so it is held to doubling.
    const next = inside && Math.abs(newton) <= Math.abs(2 * b) ? newton : bounded;
    // Newton doubles its digits: after a step of 1e-8 the error is that of the arithmetic.
    if (Math.abs(next - b) <= 1e-8 * Math.abs(next) && next === newton) return next;
    if (Math.abs(next - b) <= 1e-15 * Math.abs(next)) return next;
    b = next;
  }
  return b;
}

export interface CalibrationSlope {
  slope: number;
  /** Null for one cluster. */
  se: number | null;
  df: number;
  interval: Bounds | null;
}

/**
 * Calibration slope (Cox 1958, Biometrika 45:562): the fitted beta, 1 when calibrated and below 1 when over-confident, with
 * its cluster-robust t(G − 1) interval. Null where beta is not finite.
 */
export function calibrationSlope(
  margins: ArrayLike<number>,
  cluster: ArrayLike<number>,
  clusters: number,
  level: number,
  fit: TemperatureFit = temperatureFit(margins),
): CalibrationSlope | null {
  const { beta } = fit;
  if (beta === null || !Number.isFinite(beta)) return null;
  const total = scoreAt(margins, beta).information;
  const se = clusterError(margins.length, cluster, clusters, (i) => {
    const d = margins[i]!;
    return (d * logistic(-beta * d)) / total;
  });
  return { slope: beta, se, df: clusters - 1, interval: studentInterval(beta, se, clusters, level) };
}

export interface CrossFit {
  /** What each fold was divided by: the temperature of all other folds, null where it has none. */
  temperatures: readonly (number | null)[];
  statuses: readonly FitStatus[];
  /** Margins, each divided by the temperature that its fold did not see; null unless every fit is `ok`. */
  scaled: Float64Array | null;
}

/**
 * Out-of-fold temperature scaling: the margins of a fold are divided by the temperature fitted on the other folds.
 * @param fold of each margin, in [0, folds)
 */
export function crossFitTemperature(margins: ArrayLike<number>, fold: ArrayLike<number>, folds: number): CrossFit {
  const n = margins.length;
  const others = new Float64Array(n);
  const fits: TemperatureFit[] = [];
  for (let k = 0; k < folds; k++) {
    let size = 0;
    for (let i = 0; i < n; i++) if (fold[i] !== k) others[size++] = margins[i]!;
    const known = fits[0];
    fits.push(temperatureFit(others.subarray(0, size), known?.status === "ok" ? known.beta! : undefined));
  }
  const scaled = fits.every((fit) => fit.status === "ok")
    ? tabulate(n, (i) => margins[i]! / fits[fold[i]!]!.temperature!)
    : null;
  return {
    temperatures: fits.map((fit) => (fit.status === "ok" ? fit.temperature : null)),
    statuses: fits.map((fit) => fit.status),
    scaled,
  };
}
