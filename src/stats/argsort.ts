/** Word of a double that holds its sign, by the byte order of this machine. */
const highWord = new Uint32Array(new Float64Array([1]).buffer)[1] === 0x3ff00000 ? 1 : 0;

const bits = 11;
const buckets = 1 << bits;

/** Below this many numbers the buckets of a radix sort cost more than comparisons. */
const few = 512;

/**
 * Indices of `x` in ascending order, stable. `x` must be free of NaN. Large lists are sorted by the bits of the doubles
 * (radix sort), O(n) and several times faster than by comparison at a million.
 */
export function argsort(x: ArrayLike<number>): Uint32Array {
  const n = x.length;
  let index = new Uint32Array(n);
  for (let i = 0; i < n; i++) index[i] = i;
  if (n < few) return index.sort((a, b) => (x[a]! < x[b]! ? -1 : Number(x[a]! > x[b]!)));
  let { high, low } = sortableWords(x);
  let nextHigh = new Uint32Array(n);
  let nextLow = new Uint32Array(n);
  let nextIndex = new Uint32Array(n);
  const place = new Uint32Array(buckets + 1);
  for (let pass = 0; pass < 6; pass++) {
    const key = pass < 3 ? low : high;
    const shift = bits * (pass % 3);
    place.fill(0);
    for (let i = 0; i < n; i++) place[((key[i]! >>> shift) & (buckets - 1)) + 1]!++;
    if (place.includes(n)) continue;
    for (let d = 1; d < buckets; d++) place[d]! += place[d - 1]!;
    // The keys move along with their indices: reading them in order is worth more than the copy.
    for (let i = 0; i < n; i++) {
      const to = place[(key[i]! >>> shift) & (buckets - 1)]!++;
      nextHigh[to] = high[i]!;
      nextLow[to] = low[i]!;
      nextIndex[to] = index[i]!;
    }
    [high, nextHigh] = [nextHigh, high];
    [low, nextLow] = [nextLow, low];
    [index, nextIndex] = [nextIndex, index];
  }
  return index;
}

/** The two words of each double, changed so that unsigned comparison of (high, low) orders the doubles. */
function sortableWords(x: ArrayLike<number>): { high: Uint32Array<ArrayBuffer>; low: Uint32Array<ArrayBuffer> } {
  const n = x.length;
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  const high = new Uint32Array(n);
  const low = new Uint32Array(n);
  for (let i = 0; i < n; i++) {
    double[0] = x[i]! + 0; // −0 becomes 0
    // Negative numbers sort in reverse of their bits, and before the positive ones.
    const word = words[highWord]!;
    const flip = word >>> 31 ? 0xffffffff : 0;
    high[i] = word ^ (flip | 0x80000000);
    low[i] = words[1 - highWord]! ^ flip;
  }
  return { high, low };
}
