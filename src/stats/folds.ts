import { tabulate } from "./tabulate.ts";
import { argsort } from "./argsort.ts";
import { sha256 } from "./rng.ts";

/**
 * Assigns clusters to `k` folds of nearly equal size: sorted by (sha256 of "seed|key", key), fold = position mod k. The
 * assignment depends on seed and keys alone, not on their order.
 * @param keys one per cluster, each once
 */
export function clusterFolds(seed: string, keys: readonly string[], k: number): Int32Array {
  // 13 hex digits are 52 bits: exact in a double, and enough to order all but a rare pair.
  const prefix = tabulate(keys.length, (i) => Number.parseInt(sha256(`${seed}|${keys[i]!}`).slice(0, 13), 16));
  const order = argsort(prefix);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && prefix[order[end]!] === prefix[order[start]!]) end++;
    if (end > start + 1) {
      const tied = Array.from(order.subarray(start, end), (item) => ({
        item,
        digest: sha256(`${seed}|${keys[item]!}`),
      }));
      tied.sort((a, b) => compare(a.digest, b.digest) || compare(keys[a.item]!, keys[b.item]!));
      for (let i = 0; i < tied.length; i++) order[start + i] = tied[i]!.item;
    }
    start = end;
  }
  const fold = new Int32Array(keys.length);
  order.forEach((item, position) => (fold[item] = position % k));
  return fold;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
