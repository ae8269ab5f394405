/**
 * Quantile of a sorted list by linear interpolation between order statistics (type 7 of Hyndman & Fan 1996, the
 * default of R and numpy). Null when the list is empty.
 * @param sorted ascending
 * @param p in [0, 1]
 */
export function quantile(sorted: ArrayLike<number>, p: number): number | null {
  const n = sorted.length;
  if (n === 0) return null;
  const position = (n - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below]!;
  // Without a share of it, an infinite neighbour counts for nothing.
  return position === below ? low : low + (position - below) * (sorted[below + 1]! - low);
}

/** A sorted copy. */
export function sorted(x: ArrayLike<number>): Float64Array {
  return Float64Array.from(x).sort();
}
