import { tabulate, tabulateInt } from "./tabulate.ts";
import { argsort } from "./argsort.ts";
import { logistic } from "./logistic.ts";

/** Confidence of each pair, max(p, 1 − p) = σ(|margin|), in [½, 1]. */
export function confidences(margins: ArrayLike<number>): Float64Array {
  return tabulate(margins.length, (i) => logistic(Math.abs(margins[i]!)));
}

/** Credit of each margin: 1 above 0, 0 below, ½ for a tie. */
export function credits(margins: ArrayLike<number>): Float64Array {
  return tabulate(margins.length, (i) => (margins[i] === 0 ? 0.5 : Number(margins[i]! > 0)));
}

/** The k-th edge of `bins` equal bins on [½, 1]. */
export function confidenceEdge(k: number, bins: number): number {
  return (bins + k) / (2 * bins);
}

/** Number of edges strictly below x, found from a guess by the edges themselves. */
function binOf(x: number, guess: number, edge: Float64Array): number {
  let k = Math.max(0, Math.min(edge.length, guess));
  while (k < edge.length && edge[k]! < x) k++;
  while (k > 0 && !(edge[k - 1]! < x)) k--;
  return k;
}

/** Bin of each confidence among `bins` equal right-closed bins on [½, 1]; the first bin also holds ½. */
export function confidenceBins(confidence: ArrayLike<number>, bins: number): Int32Array {
  const edge = tabulate(bins - 1, (k) => confidenceEdge(k + 1, bins));
  return tabulateInt(confidence.length, (i) => {
    const c = confidence[i]!;
    return binOf(c, Math.floor((c - 0.5) * 2 * bins), edge);
  });
}

/** Bin of each probability among `bins` equal right-closed bins on [0, 1]; the first bin also holds 0. */
export function unitBins(probability: ArrayLike<number>, bins: number): Int32Array {
  const edge = tabulate(bins - 1, (k) => (k + 1) / bins);
  return tabulateInt(probability.length, (i) => binOf(probability[i]!, Math.floor(probability[i]! * bins), edge));
}

/**
 * Bins of nearly equal size that never split equal confidences and do not depend on the order of items: a group of equal
 * values with ranks s … e − 1 goes to bin ⌊bins (s + e) / 2n⌋. Some bins may stay empty.
 */
export function equalMassBins(confidence: ArrayLike<number>, bins: number): Int32Array {
  const n = confidence.length;
  const order = argsort(confidence);
  const bin = new Int32Array(n);
  for (let start = 0; start < n;) {
    const value = confidence[order[start]!]!;
    let end = start + 1;
    while (end < n && confidence[order[end]!] === value) end++;
    const index = Math.floor((bins * (start + end)) / (2 * n));
    for (let i = start; i < end; i++) bin[order[i]!] = index;
    start = end;
  }
  return bin;
}
