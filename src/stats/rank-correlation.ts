import { tabulate } from "./tabulate.ts";
import { argsort } from "./argsort.ts";
import { isConstant, mean, sumOf } from "./sums.ts";

/** Correlations; null for fewer than two points or a constant variable. */
export interface RankCorrelation {
  kendallTauB: number | null;
  spearman: number | null;
  pearson: number | null;
}

/** Kendall's tau-b, Spearman's rho and Pearson's r, in O(n log n). */
export function rankCorrelation(x: ArrayLike<number>, y: ArrayLike<number>): RankCorrelation {
  const byX = argsort(x);
  const byY = argsort(y);
  return {
    kendallTauB: kendallTauB(x, byX, y, byY),
    spearman: pearson(midranks(x, byX), midranks(y, byY)),
    pearson: pearson(x, y),
  };
}

/** Spearman's rho alone; null for fewer than two points or a constant variable. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  return pearson(midranks(x, argsort(x)), midranks(y, argsort(y)));
}

function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number | null {
  const n = x.length;
  if (n < 2 || isConstant(x) || isConstant(y)) return null;
  const mx = mean(x);
  const my = mean(y);
  const xx = sumOf(n, (i) => (x[i]! - mx) ** 2);
  const yy = sumOf(n, (i) => (y[i]! - my) ** 2);
  // Squares of differences below 1e-162 are 0.
  if (xx === 0 || yy === 0) return null;
  const r = sumOf(n, (i) => (x[i]! - mx) * (y[i]! - my)) / Math.sqrt(xx) / Math.sqrt(yy);
  return Math.max(-1, Math.min(1, r));
}

/** Ranks from 1, equal values sharing the mean of theirs. */
function midranks(x: ArrayLike<number>, order: Uint32Array): Float64Array {
  const n = x.length;
  const rank = new Float64Array(n);
  for (let start = 0; start < n;) {
    let end = start + 1;
    while (end < n && x[order[end]!] === x[order[start]!]) end++;
    for (let i = start; i < end; i++) rank[order[i]!] = (start + 1 + end) / 2;
    start = end;
  }
  return rank;
}

/** The order by x, and by y among equal x: the order by y dealt into the places of the order by x. */
function byBoth(x: ArrayLike<number>, byX: Uint32Array, byY: Uint32Array): Uint32Array {
  const n = byX.length;
  const next = new Uint32Array(n);
  const group = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    const first = i > 0 && x[byX[i]!] === x[byX[i - 1]!] ? group[byX[i - 1]!]! : i;
    group[byX[i]!] = first;
    next[i] = i;
  }
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[next[group[byY[i]!]!]!++] = byY[i]!;
  return order;
}

/** Number of pairs within runs of equal neighbours. */
function tiedPairs(n: number, same: (i: number) => boolean): number {
  let pairs = 0;
  let run = 1;
  for (let i = 1; i <= n; i++) {
    if (i < n && same(i)) run++;
    else {
      pairs += (run * (run - 1)) / 2;
      run = 1;
    }
  }
  return pairs;
}

/** (concordant − discordant) / √((n₀ − n₁)(n₀ − n₂)) by Knight's merge sort (1966, JASA 61:436). */
function kendallTauB(x: ArrayLike<number>, byX: Uint32Array, y: ArrayLike<number>, byY: Uint32Array): number | null {
  const n = x.length;
  if (n < 2) return null;
  const order = byBoth(x, byX, byY);
  const values = tabulate(n, (i) => y[order[i]!]!);
  const sameX = (i: number): boolean => x[byX[i]!] === x[byX[i - 1]!];
  const tiedX = tiedPairs(n, sameX);
  const tiedY = tiedPairs(n, (i) => y[byY[i]!] === y[byY[i - 1]!]);
  const tiedBoth = tiedPairs(n, (i) => sameX(i) && values[i] === values[i - 1]);
  const all = (n * (n - 1)) / 2;
  if (all === tiedX || all === tiedY) return null;
  const score = all - tiedX - tiedY + tiedBoth - 2 * inversions(values);
  return score / Math.sqrt(all - tiedX) / Math.sqrt(all - tiedY);
}

/** Number of pairs i < j with values[i] > values[j], by bottom-up merge sort. */
function inversions(values: Float64Array): number {
  const n = values.length;
  let from = values.slice();
  let to = new Float64Array(n);
  let count = 0;
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      const middle = Math.min(n, start + width);
      const end = Math.min(n, start + 2 * width);
      let left = start;
      let right = middle;
      for (let k = start; k < end; k++) {
        if (left < middle && (right >= end || from[left]! <= from[right]!)) to[k] = from[left++]!;
        else {
          to[k] = from[right++]!;
          count += middle - left;
        }
      }
    }
    [from, to] = [to, from];
  }
  return count;
}
