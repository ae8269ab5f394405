import { logistic } from "../stats/logistic.ts";
import { comparisonEntries } from "./comparison-entries.ts";
import { meanOf, proportionOf } from "./estimate.ts";
import type { Estimate, Metric } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/**
 * For models that compare two responses, asked in both orders: does the verdict depend on the place? `order_consistency`: share
 * with the same verdict in both orders. `flips_to_first`, `flips_to_second`: share in which both orders prefer the first, or the
 * second, place. `position_bias`: mean log-odds of the first place over both orders. `antisymmetry_error`: mean
 * |P(a ≻ b) + P(b ≻ a) − 1|. No result for models that score single responses.
 */
export const orders: Metric = {
  name: "orders",
  source: "docs/metrics.md#orders; Nash Learning from Human Feedback (arXiv 2312.00886)",
  measure({ outcomes, rows, scores }, { level }): Record<string, Estimate> {
    if (scores.kind !== "pairwise") return {};
    const sample = sampleOf(outcomes, rows);
    const places = comparisonEntries(sample, outcomes, scores);
    if (places === null) return {};
    const { value } = scores.entries;
    const straight = (k: number): number => value[places.chosen[k]!]!;
    const swapped = (k: number): number => value[places.rejected[k]!]!;
    const share = (holds: (first: number, second: number) => boolean) =>
      proportionOf(sample, (k) => Number(holds(Math.sign(straight(k)), Math.sign(swapped(k)))), level);
    return {
      order_consistency: share((first, second) => first + second === 0),
      flips_to_first: share((first, second) => first > 0 && second > 0),
      flips_to_second: share((first, second) => first < 0 && second < 0),
      position_bias: meanOf(sample, (k) => (straight(k) + swapped(k)) / 2, level),
      antisymmetry_error: meanOf(
        sample,
        (k) => Math.abs(logistic(straight(k)) + logistic(swapped(k)) - 1),
        level,
        [0, 1],
      ),
    };
  },
};
