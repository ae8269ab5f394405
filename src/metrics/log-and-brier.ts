import { brierLoss, logLoss } from "../stats/logistic.ts";
import { meanOf } from "./estimate.ts";
import type { Metric } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/** Proper scores of P(chosen > rejected) = σ(margin): mean log loss in nats and Brier score. A tie gives ln 2 and ¼. */
export const logAndBrier: Metric = {
  name: "nll_brier",
  source: "docs/metrics.md#nll-and-brier; Brier 1950; Good 1952",
  measure({ outcomes, rows }, { level }) {
    const sample = sampleOf(outcomes, rows);
    return {
      nll: meanOf(sample, (k) => logLoss(sample.margin[k]!), level, [0, Infinity]),
      brier: meanOf(sample, (k) => brierLoss(sample.margin[k]!), level, [0, 1]),
    };
  },
};
