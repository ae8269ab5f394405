/** f(0), f(1), …, f(n − 1) as doubles; many times faster than `Float64Array.from`, which goes through an iterator. */
export function tabulate(n: number, f: (i: number) => number): Float64Array {
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = f(i);
  return values;
}

/** The same as 32-bit integers. */
export function tabulateInt(n: number, f: (i: number) => number): Int32Array {
  const values = new Int32Array(n);
  for (let i = 0; i < n; i++) values[i] = f(i);
  return values;
}
