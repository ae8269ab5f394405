import { tabulate } from "./tabulate.ts";
import { confidenceBins, confidenceEdge, confidences, credits, equalMassBins, unitBins } from "./calibration-bins.ts";
import { logistic } from "./logistic.ts";
import { normalCdf } from "./normal.ts";
import { tieAccuracy, wilson } from "./proportion.ts";
import { sumOf } from "./sums.ts";

/** Calibration errors over the non-empty bins, whose gap is |accuracy − mean confidence| and weight their share of items. */
export interface CalibrationError {
  /** Expected: weighted mean gap. */
  ece: number;
  /** Unweighted mean gap (the "ACE" of arXiv 2312.07401). */
  ace: number;
  /** Largest gap. */
  mce: number;
  /** Root of the weighted mean squared gap. */
  rmsce: number;
  /** Weighted mean squared gap less its sampling variance (Kumar, Liang & Ma 2019, arXiv 1909.10155); may be negative. */
  debiasedSq: number;
  /** √max(0, debiasedSq). */
  debiasedL2: number;
  /** ECE less the bias that sampling adds under normal bins (closed form of Kumar et al.); may be negative. */
  debiasedL1: number;
  /** Items per non-empty bin. */
  counts: readonly number[];
}

interface Bin {
  bin: number;
  n: number;
  confidence: number;
  accuracy: number;
  /** Sample variance of correctness, n − 1 in the denominator; 0 for one item. */
  variance: number;
}

function occupiedBins(confidence: ArrayLike<number>, correct: ArrayLike<number>, bin: Int32Array): Bin[] {
  const size = bin.reduce((most, b) => Math.max(most, b), -1) + 1;
  const n = new Float64Array(size);
  const confidenceSum = new Float64Array(size);
  const correctSum = new Float64Array(size);
  const squareSum = new Float64Array(size);
  for (let i = 0; i < bin.length; i++) {
    const b = bin[i]!;
    n[b]!++;
    confidenceSum[b]! += confidence[i]!;
    correctSum[b]! += correct[i]!;
    squareSum[b]! += correct[i]! ** 2;
  }
  const occupied: Bin[] = [];
  for (let b = 0; b < size; b++) {
    const count = n[b]!;
    if (count === 0) continue;
    const accuracy = correctSum[b]! / count;
    // Credits are multiples of ½, so these sums are exact and the difference does not cancel.
    const variance = count < 2 ? 0 : Math.max(0, (squareSum[b]! - count * accuracy ** 2) / (count - 1));
    occupied.push({ bin: b, n: count, confidence: confidenceSum[b]! / count, accuracy, variance });
  }
  return occupied;
}

/** E|N(gap, variance)|, the expected absolute gap that a true gap shows after sampling noise. */
function foldedMean(gap: number, variance: number): number {
  if (variance < 1e-30) return gap;
  const s = Math.sqrt(variance);
  return s * Math.sqrt(2 / Math.PI) * Math.exp((-gap * gap) / (2 * variance)) + gap * (1 - 2 * normalCdf(-gap / s));
}

/** Errors of given bins; null without items. `confidence` in [0, 1], `correct` in [0, 1] with ½ for ties. */
export function calibrationError(
  confidence: ArrayLike<number>,
  correct: ArrayLike<number>,
  bin: Int32Array,
): CalibrationError | null {
  const bins = occupiedBins(confidence, correct, bin);
  if (bins.length === 0) return null;
  const total = bin.length;
  const gaps = bins.map((b) => Math.abs(b.accuracy - b.confidence));
  const weighted = (term: (b: Bin, gap: number) => number): number =>
    sumOf(bins.length, (k) => (bins[k]!.n / total) * term(bins[k]!, gaps[k]!));
  const ece = weighted((_, gap) => gap);
  const debiasedSq = weighted((b, gap) => (b.n < 2 ? 0 : gap ** 2 - b.variance / b.n));
  return {
    ece,
    ace: sumOf(gaps.length, (k) => gaps[k]!) / gaps.length,
    mce: Math.max(...gaps),
    rmsce: Math.sqrt(weighted((_, gap) => gap ** 2)),
    debiasedSq,
    debiasedL2: Math.sqrt(Math.max(0, debiasedSq)),
    debiasedL1: 2 * ece - weighted((b, gap) => foldedMean(gap, b.variance / b.n)),
    counts: bins.map((b) => b.n),
  };
}

/** Errors over `bins` equal bins of the confidence on [½, 1]. Naeini et al. 2015, on max(p, 1 − p): both orders of a pair. */
export function eceWidth(margins: ArrayLike<number>, bins: number): CalibrationError | null {
  const confidence = confidences(margins);
  return calibrationError(confidence, credits(margins), confidenceBins(confidence, bins));
}

/** Errors over `bins` bins of equal mass of the confidence. */
export function eceMass(margins: ArrayLike<number>, bins: number): CalibrationError | null {
  const confidence = confidences(margins);
  return calibrationError(confidence, credits(margins), equalMassBins(confidence, bins));
}

/**
 * Errors in the form of arXiv 2312.07401: every pair in both orders, (p, 1) and (1 − p, 0), over `bins` equal right-closed
 * bins on [0, 1]. With `bins` = 2B the ECE equals that of B bins on [½, 1].
 */
export function eceMirroredMore(margins: ArrayLike<number>, bins: number): CalibrationError | null {
  const n = margins.length;
  const both = tabulate(2 * n, (i) => (i < n ? margins[i]! : -margins[i - n]!));
  const probability = tabulate(2 * n, (i) => logistic(both[i]!));
  const preferred = tabulate(2 * n, (i) => (i < n ? 1 : 0));
  return calibrationError(probability, preferred, unitBins(probability, bins));
}

export interface ReliabilityBin {
  bin: number;
  /** Range of the bin on the confidence axis. */
  low: number;
  high: number;
  n: number;
  /** Mean confidence and share of right pairs (ties ½). */
  confidence: number;
  accuracy: number;
  /** Wilson interval of the accuracy; null where every pair of the bin is tied. */
  interval: readonly [low: number, high: number] | null;
}

/** The occupied bins of a reliability diagram on [½, 1], each with its own (not simultaneous) interval. */
export function reliability(margins: ArrayLike<number>, bins: number, level: number): ReliabilityBin[] {
  const confidence = confidences(margins);
  const bin = confidenceBins(confidence, bins);
  const correct = credits(margins);
  const ties = new Float64Array(bins);
  for (let i = 0; i < bin.length; i++) if (correct[i] === 0.5) ties[bin[i]!]!++;
  return occupiedBins(confidence, correct, bin).map((b) => {
    const wins = b.accuracy * b.n - ties[b.bin]! / 2;
    const interval =
      ties[b.bin] === 0
        ? wilson(wins, b.n, level)
        : (tieAccuracy(wins, ties[b.bin]!, b.n - wins - ties[b.bin]!, level)?.half.interval ?? null);
    return {
      bin: b.bin,
      low: confidenceEdge(b.bin, bins),
      high: confidenceEdge(b.bin + 1, bins),
      n: b.n,
      confidence: b.confidence,
      accuracy: b.accuracy,
      interval,
    };
  });
}
