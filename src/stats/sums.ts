/**
 * Σ term(i) for i in [0, n), compensated after Neumaier (1974, ZAMM 54:39): the result does not depend on the order
 * of the terms beyond the last bits. An empty sum is 0.
 */
export function sumOf(n: number, term: (i: number) => number): number {
  let total = 0;
  let compensation = 0;
  for (let i = 0; i < n; i++) {
    const x = term(i);
    const next = total + x;
    compensation += Math.abs(total) >= Math.abs(x) ? total - next + x : x - next + total;
    total = next;
  }
  return total + compensation;
}

/** `sumOf` for each group: Σ term(i) over the i with group[i] = g, for g in [0, groups). */
export function sumsBy(n: number, group: ArrayLike<number>, groups: number, term: (i: number) => number): Float64Array {
  const total = new Float64Array(groups);
  const compensation = new Float64Array(groups);
  for (let i = 0; i < n; i++) {
    const g = group[i]!;
    const x = term(i);
    const next = total[g]! + x;
    compensation[g]! += Math.abs(total[g]!) >= Math.abs(x) ? total[g]! - next + x : x - next + total[g]!;
    total[g] = next;
  }
  return total.map((sum, g) => sum + compensation[g]!);
}

/** Compensated sum of a list; 0 when empty. */
export function sum(x: ArrayLike<number>): number {
  return sumOf(x.length, (i) => x[i]!);
}

/** Arithmetic mean; NaN when empty. */
export function mean(x: ArrayLike<number>): number {
  return sum(x) / x.length;
}

/** Whether all numbers are one; their variance may differ from 0, since their mean is rounded. */
export function isConstant(x: ArrayLike<number>): boolean {
  for (let i = 1; i < x.length; i++) if (x[i] !== x[0]) return false;
  return true;
}

/** Mean and sample variance (n − 1 in the denominator) in two passes. The variance of one number is NaN. */
export function meanVar(x: ArrayLike<number>): { mean: number; variance: number } {
  const centre = mean(x);
  return { mean: centre, variance: sumOf(x.length, (i) => (x[i]! - centre) ** 2) / (x.length - 1) };
}
