import { mean, sumOf } from "./sums.ts";

/**
 * Mean and population standard deviation of one pair's margins over models: preference strength and its spread (Secrets
 * of RLHF in Large Language Models Part II, 2401.06080, §2: μ = mean d, σ = √mean (d − μ)²).
 * @param margins r(chosen) − r(rejected) by each model, at least one.
 */
export function preferenceStrength(margins: ArrayLike<number>): { mu: number; sigma: number } {
  const mu = mean(margins);
  return { mu, sigma: Math.sqrt(sumOf(margins.length, (i) => (margins[i]! - mu) ** 2) / margins.length) };
}
