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
 * @param groups by question, the group that stays together as far as a batch holds it; without it every question stands
 *   alone.
 */
export function plan(lengths: ArrayLike<number>, limits: BatchLimits, groups?: ArrayLike<number>): Batch[] {
  const batches: Batch[] = [];
  let [open, longest]: [number[], number] = [[], 1];
  const close = (): void => {
    if (open.length > 0) batches.push({ items: Uint32Array.from(open), padded: longest * open.length });
    [open, longest] = [[], 1];
  };
  const fits = (count: number, tokens: number): boolean =>
    open.length + count <= Math.max(1, limits.batchSize) &&
    Math.max(longest, tokens) * (open.length + count) <= limits.batchTokens;
  for (const group of groupsByLength(lengths, groups)) {
    if (group.length > 1 && !fits(group.length, lengths[group[0]!]!)) close();
    for (const item of group) {
      if (!fits(1, lengths[item]!)) close();
      open.push(item);
      longest = Math.max(longest, lengths[item]!);
    }
  }
  close();
  return batches;
}

/** The questions of each group, both the groups and what they hold the longest first. */
function groupsByLength(lengths: ArrayLike<number>, groups: ArrayLike<number> | undefined): number[][] {
  const order = Array.from({ length: lengths.length }, (_, i) => i);
  order.sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  if (groups === undefined) return order.map((item) => [item]);
  const members = new Map<number, number[]>();
  for (const item of order) {
    const group = members.get(groups[item]!);
    if (group === undefined) members.set(groups[item]!, [item]);
    else group.push(item);
  }
  return [...members.values()];
}

/** A question that can be asked. */
export interface Askable {
  /** Input length in tokens. */
  tokens: number;
  stored: boolean;
  /** Questions of one group have a prompt in common. */
  group: number;
}

/**
 * The batches that have to run, as indices into `questions`. Where rounding depends on the batch mates (`tolerant`),
 * stored questions stay in their batches, so that a resumed run computes what a fresh one would. Where the model shares
 * prefixes, questions with one prompt are in one batch.
 */
export function planMissing(
  questions: readonly Askable[],
  {
    batching,
    batchTokens,
    batchSize,
    sharesPrefixes = false,
  }: BatchLimits & { batching: "invariant" | "tolerant" | "single" | "served"; sharesPrefixes?: boolean },
): number[][] {
  const places = questions.flatMap(({ stored }, i) => (batching === "tolerant" || !stored ? [i] : []));
  const lengths = places.map((i) => questions[i]!.tokens);
  const groups = sharesPrefixes ? places.map((i) => questions[i]!.group) : undefined;
  return plan(lengths, { batchTokens, batchSize: batching === "single" ? 1 : batchSize }, groups)
    .map(({ items }) => Array.from(items, (k) => places[k]!))
    .filter((batch) => batch.some((i) => !questions[i]!.stored));
}
