import { argsort } from "./argsort.ts";
import { quantile, sorted } from "./quantile.ts";
import { sumOf } from "./sums.ts";
import { tabulate } from "./tabulate.ts";

export interface LowessOptions {
  /** Share of the points that each local line is fitted on, in (0, 1]. */
  fraction: number;
  /** Refits that give points far from the curve less weight. */
  iterations: number;
  /** Points within this distance of the last fitted one are interpolated, in the unit of x; 0 fits all. */
  delta: number;
}

export interface Curve {
  /** Ascending, with equal values side by side. */
  x: Float64Array;
  y: Float64Array;
}

/**
 * Robust locally weighted regression (Cleveland 1979, JASA 74:829; `delta` as in his program of 1981, The American
 * Statistician 35:54): at each x a straight line over its ⌊fraction · n⌋ nearest points by tricube weights, refitted with
 * bisquare weights of the residuals.
 * @param x finite, as is y; at least one point
 */
export function lowess(x: ArrayLike<number>, y: ArrayLike<number>, options: LowessOptions): Curve {
  const n = x.length;
  const order = argsort(x);
  const xs = tabulate(n, (i) => x[order[i]!]!);
  const ys = tabulate(n, (i) => y[order[i]!]!);
  const neighbours = Math.min(n, Math.max(1, Math.floor(options.fraction * n + 1e-10)));
  let robustness = new Float64Array(n).fill(1);
  let fitted = smooth(xs, ys, robustness, neighbours, options.delta);
  for (let i = 0; i < options.iterations; i++) {
    robustness = bisquare(ys, fitted);
    fitted = smooth(xs, ys, robustness, neighbours, options.delta);
  }
  return { x: xs, y: fitted };
}

/** The curve at `x`: linear between its points, level beyond its ends. */
export function interpolate({ x: xs, y: ys }: Curve, x: number): number {
  const last = xs.length - 1;
  if (x <= xs[0]!) return ys[0]!;
  if (x >= xs[last]!) return ys[last]!;
  let [low, high] = [0, last];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  const share = (x - xs[low]!) / (xs[high]! - xs[low]!);
  return ys[low]! + share * (ys[high]! - ys[low]!);
}

function smooth(
  x: Float64Array,
  y: Float64Array,
  robustness: Float64Array,
  neighbours: number,
  delta: number,
): Float64Array {
  const n = x.length;
  const fitted = new Float64Array(n);
  let left = 0;
  let last = -1;
  let i = 0;
  while (last < n - 1) {
    while (left + neighbours < n && x[i]! > (x[left]! + x[left + neighbours]!) / 2) left++;
    fitted[i] = lineAt(x[i]!, x, y, robustness, left, left + neighbours) ?? y[i]!;
    for (let k = last + 1; k < i; k++) {
      const share = (x[k]! - x[last]!) / (x[i]! - x[last]!);
      fitted[k] = share * fitted[i]! + (1 - share) * fitted[last]!;
    }
    last = i;
    let next = last + 1;
    for (; next < n && x[next]! <= x[last]! + delta; next++) {
      if (x[next] !== x[last]) continue;
      fitted[next] = fitted[last]!;
      last = next;
    }
    i = Math.max(next - 1, last + 1);
  }
  return fitted;
}

/** The weighted least-squares line through the points [from, to), at `at`; null where all weights are 0. */
function lineAt(
  at: number,
  x: Float64Array,
  y: Float64Array,
  robustness: Float64Array,
  from: number,
  to: number,
): number | null {
  const radius = Math.max(at - x[from]!, x[to - 1]! - at);
  const n = to - from;
  const weight = tabulate(n, (k) => tricube(Math.abs(x[from + k]! - at), radius) * robustness[from + k]!);
  const total = sumOf(n, (k) => weight[k]!);
  if (!(total > 0)) return null;
  const centre = sumOf(n, (k) => weight[k]! * x[from + k]!) / total;
  const spread = sumOf(n, (k) => weight[k]! * (x[from + k]! - centre) ** 2) / total;
  const slope = spread <= 1e-12 * (x[x.length - 1]! - x[0]!) ** 2 ? 0 : (at - centre) / spread;
  return sumOf(n, (k) => weight[k]! * (1 + slope * (x[from + k]! - centre)) * y[from + k]!) / total;
}

function tricube(distance: number, radius: number): number {
  return radius === 0 ? 1 : (1 - (distance / radius) ** 3) ** 3;
}

/** (1 − (residual / 6 medians)²)², 0 beyond; where most residuals are 0 the others count for nothing. */
function bisquare(y: Float64Array, fitted: Float64Array): Float64Array<ArrayBuffer> {
  const residual = tabulate(y.length, (i) => Math.abs(y[i]! - fitted[i]!));
  const scale = 6 * quantile(sorted(residual), 0.5)!;
  return tabulate(y.length, (i) => {
    const u = scale === 0 ? Number(residual[i]! > 0) : Math.min(1, residual[i]! / scale);
    return (1 - u * u) ** 2;
  }) as Float64Array<ArrayBuffer>;
}
