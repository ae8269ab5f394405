/** The three signs of a preference, in the order of rows and columns of the confusion matrix. */
export const preferenceSigns = ["chosen", "equal", "rejected"] as const;

export interface SignAgreement {
  /** Items with both a rating and a ranking. */
  n: number;
  /** Items whose rating difference and ranking have the same sign, equality included. */
  agreeing: number;
  /** Counts [sign by ratings][sign by ranking], both in the order of `preferenceSigns`. */
  confusion: readonly (readonly number[])[];
  /** 1 where the signs agree, of each item. */
  agrees: Float64Array;
}

/**
 * How often one judge's ratings and rankings of the same items prefer the same response, three-way: an equal rating
 * agrees only with an equal ranking (Peering Through Preferences, 2308.15812).
 * @param byRating rating(chosen) − rating(rejected) of each item
 * @param byRanking any number with the sign of the ranking, same length
 */
export function signAgreement(byRating: ArrayLike<number>, byRanking: ArrayLike<number>): SignAgreement {
  const n = byRating.length;
  const confusion = preferenceSigns.map(() => preferenceSigns.map(() => 0));
  const agrees = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const [rated, ranked] = [1 - Math.sign(byRating[i]!), 1 - Math.sign(byRanking[i]!)];
    confusion[rated]![ranked]!++;
    agrees[i] = rated === ranked ? 1 : 0;
  }
  return { n, agreeing: agrees.reduce((sum, one) => sum + one, 0), confusion, agrees };
}
