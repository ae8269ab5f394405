import { accuracy } from "./accuracy.ts";
import { attributes } from "./attributes.ts";
import { auroc } from "./auroc.ts";
import { contrast } from "./contrast.ts";
import { counts } from "./counts.ts";
import { crossFitted } from "./cross-fitted.ts";
import { ece } from "./ece.ts";
import { entanglement } from "./entanglement.ts";
import { length } from "./length.ts";
import { logAndBrier } from "./log-and-brier.ts";
import { margins } from "./margins.ts";
import type { Estimate, Metric, MetricInput, MetricOptions } from "./metric.ts";
import { orders } from "./orders.ts";
import { temperature } from "./temperature.ts";
import { tournament } from "./tournament.ts";
import { twoSided } from "./two-sided.ts";
import { uncertainty } from "./uncertainty.ts";

/** All metrics, in the order in which reports list their results. Register a new one here. */
export const metrics: readonly Metric[] = [
  accuracy,
  twoSided,
  contrast,
  margins,
  logAndBrier,
  ece,
  temperature,
  crossFitted,
  auroc,
  length,
  orders,
  tournament,
  uncertainty,
  attributes,
  entanglement,
  counts,
];

/** All results of all metrics on one group of outcomes. */
export function measureAll(input: MetricInput, options: MetricOptions): Record<string, Estimate> {
  return Object.assign({}, ...metrics.map((metric) => metric.measure(input, options))) as Record<string, Estimate>;
}
