export interface ThreeCycles {
  /** Triples of candidates whose three comparisons all have a winner. */
  triples: number;
  /** Those in which each beats the next. */
  cycles: number;
}

/**
 * Counts triples that no order explains, a ≻ b ≻ c ≻ a (Kendall & Babington Smith 1940, Biometrika 31:324).
 * @param probability P(i ≻ j) for i ≠ j, NaN where the two were not compared; above ½ row i wins, at ½ neither
 */
export function threeCycles(probability: readonly (readonly number[])[]): ThreeCycles {
  const n = probability.length;
  const winner = (i: number, j: number): number | null => {
    const p = probability[i]![j]!;
    return p > 0.5 ? i : p < 0.5 ? j : null;
  };
  let [triples, cycles] = [0, 0];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      for (let k = j + 1; k < n; k++) {
        const winners = [winner(i, j), winner(j, k), winner(i, k)];
        if (winners.includes(null)) continue;
        triples++;
        // Without a cycle the first of the three wins twice.
        if (new Set(winners).size === 3) cycles++;
      }
    }
  }
  return { triples, cycles };
}
