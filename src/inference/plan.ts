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
    batches.push({ items, padded: longest * items.length });
    start += items.length;
  }
  return batches;
}

/** A question that can be asked. */
export interface Askable {
  /** Input length in tokens. */
  tokens: number;
  stored: boolean;
}

/**
 * The batches that have to run, as indices into `questions`. Where rounding depends on the batch mates (`tolerant`),
 * stored questions stay in their batches, so that a resumed run computes what a fresh one would.
 */
export function planMissing(
  questions: readonly Askable[],
  { batching, batchTokens, batchSize }: BatchLimits & { batching: "invariant" | "tolerant" | "single" },
): number[][] {
  const places = questions.flatMap(({ stored }, i) => (batching === "tolerant" || !stored ? [i] : []));
  const lengths = places.map((i) => questions[i]!.tokens);
  return plan(lengths, { batchTokens, batchSize: batching === "single" ? 1 : batchSize })
    .map(({ items }) => Array.from(items, (k) => places[k]!))
    .filter((batch) => batch.some((i) => !questions[i]!.stored));
}
