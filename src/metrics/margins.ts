import { quantile, sorted } from "../stats/quantile.ts";
import { meanOf, undefinedEstimate } from "./estimate.ts";
import type { Estimate, Metric } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/** Mean and quartiles of the margins, in the model's own unit. Quartiles count every comparison once. */
export const margins: Metric = {
  name: "margins",
  source: "docs/metrics.md#margins; Hyndman & Fan 1996, type 7",
  measure({ outcomes, rows }, { level }) {
    const sample = sampleOf(outcomes, rows);
    const order = sorted(sample.margin);
    const at = (p: number): Estimate => {
      const value = quantile(order, p);
      return value === null ? undefinedEstimate(0, "empty") : { value, n: sample.n };
    };
    return {
      margin_mean: meanOf(sample, (k) => sample.margin[k]!, level),
      margin_q25: at(0.25),
      margin_median: at(0.5),
      margin_q75: at(0.75),
    };
  },
};
