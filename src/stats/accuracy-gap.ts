import { wilson, type Bounds } from "./proportion.ts";

export interface AccuracyGap {
  gap: number;
  /** (p₁ + p₂) / 2: accuracy standardised to as many items of either group. */
  balanced: number;
  interval: Bounds;
  cohenH: number;
  /** Pooled two-sample z, null where the pooled proportion is 0 or 1. */
  z: number | null;
}

/**
 * Difference of two independent proportions k₁/n₁ − k₂/n₂ with the hybrid score interval of Newcombe (1998, Stat. Med.
 * 17:873, method 10). Null where a group is empty.
 */
export function accuracyGap(k1: number, n1: number, k2: number, n2: number, level: number): AccuracyGap | null {
  if (n1 === 0 || n2 === 0) return null;
  const p1 = k1 / n1;
  const p2 = k2 / n2;
  const [low1, high1] = wilson(k1, n1, level);
  const [low2, high2] = wilson(k2, n2, level);
  const pooled = (k1 + k2) / (n1 + n2);
  const gap = p1 - p2;
  return {
    gap,
    balanced: (p1 + p2) / 2,
    interval: [gap - Math.hypot(p1 - low1, high2 - p2), gap + Math.hypot(high1 - p1, p2 - low2)],
    cohenH: 2 * Math.asin(Math.sqrt(p1)) - 2 * Math.asin(Math.sqrt(p2)),
    z: pooled > 0 && pooled < 1 ? gap / Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2)) : null,
  };
}
