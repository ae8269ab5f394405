/** How much one batch may hold. */
export interface BatchLimits {
  /** Tokens of one batch, padding included: count × longest. */
  batchTokens: number;
  batchSize: number;
}

/** Indices of the questions that share a forward pass, longest first. */
export interface Batch {
  items: Uint32Array;
  /** Tokens that the device computes: count × longest. */
  padded: number;
  /** Tokens that were asked for. */
  tokens: number;
}

/**
 * Length-sorted batches under a token budget, the largest first so that the peak of memory is known early. Pure: the
 * same lengths and limits give the same batches, whatever is already stored. A question longer than the budget is a
 * batch of its own.
 *
 * @param lengths input length in tokens per question.
 */
export function plan(lengths: ArrayLike<number>, limits: BatchLimits): Batch[] {
  const order = Uint32Array.from({ length: lengths.length }, (_, i) => i);
  order.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const batches: Batch[] = [];
  for (let start = 0; start < order.length;) {
    const longest = Math.max(1, lengths[order[start]!]!);
    const fitting = Math.max(1, Math.floor(limits.batchTokens / longest));
    const items = order.slice(start, start + Math.min(fitting, Math.max(1, limits.batchSize)));
    let tokens = 0;
    for (const item of items) tokens += lengths[item]!;
    batches.push({ items, padded: longest * items.length, tokens });
    start += items.length;
  }
  return batches;
}
