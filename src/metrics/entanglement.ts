import { comparisonEntries, sampleWithMargins } from "./comparison-entries.ts";
import { proportionOf } from "./estimate.ts";
import type { Estimate, Metric, MetricInput } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/**
 * For implicit rewards, which give the attribute `log_ratio` (log π / π_ref of the whole response): the share of comparisons
 * whose chosen response the training made less likely, and the share in which both responses moved the same way. Over
 * comparisons with a verdict. No result for other models.
 */
export const entanglement: Metric = {
  name: "entanglement",
  source: "docs/metrics.md#gradient-entanglement; arXiv 2410.13828",
  measure({ outcomes, rows, scores }: MetricInput, { level }): Record<string, Estimate> {
    const column = scores.entries.attributes["log_ratio"];
    if (column === undefined || scores.kind !== "pointwise") return {};
    const sample = sampleOf(outcomes, rows);
    const places = comparisonEntries(sample, outcomes, scores);
    if (places === null) return {};
    const shareOf = (holds: (chosen: number, rejected: number) => boolean): Estimate => {
      // What is not finite has no sign, and is left out.
      const own = sampleWithMargins(sample, rows, (k) => {
        const [chosen, rejected] = [column[places.chosen[k]!]!, column[places.rejected[k]!]!];
        return Number.isFinite(chosen) && Number.isFinite(rejected) ? Number(holds(chosen, rejected)) : Number.NaN;
      });
      return proportionOf(own, (k) => own.margin[k]!, level);
    };
    return {
      log_ratio_chosen_falling: shareOf((chosen) => chosen < 0),
      log_ratio_moves_together: shareOf((chosen, rejected) => chosen * rejected > 0),
    };
  },
};
