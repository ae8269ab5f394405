import type { RowColumns } from "../scores/table.ts";
import { clusterFolds } from "../stats/folds.ts";
import { brierLoss, logLoss } from "../stats/logistic.ts";
import { quantile, sorted } from "../stats/quantile.ts";
import { streamSeed } from "../stats/rng.ts";
import { crossFitTemperature, type FitStatus } from "../stats/temperature.ts";
import { eceWithNull } from "./ece.ts";
import { meanOf, undefinedEstimate, type Reason } from "./estimate.ts";
import type { Metric } from "./metric.ts";
import { sampleOf, type Sample } from "./sample.ts";

const mostFolds = 5;

const keys = [
  "temperature_cross_fitted",
  "ece_cross_fitted",
  "ece_cross_fitted_null_mean",
  "ece_cross_fitted_null_q95",
  "nll_cross_fitted",
  "brier_cross_fitted",
];

/**
 * Calibration after temperature scaling that never saw the pairs it is judged on: clusters are dealt to five folds, each
 * fold's margins are divided by the temperature fitted on the other folds, then ECE, log loss and Brier score are pooled.
 * `temperature_cross_fitted` is the median temperature over the folds.
 */
export const crossFitted: Metric = {
  name: "cross_fitted",
  source: "docs/metrics.md#cross-fitted-calibration; arXiv 1706.04599",
  measure({ outcomes, rows }, options) {
    const sample = sampleOf(outcomes, rows);
    const none = (reason: Reason) => Object.fromEntries(keys.map((key) => [key, undefinedEstimate(sample.n, reason)]));
    if (sample.n === 0) return none("empty");
    if (sample.clusters < 2) return none("one-cluster");
    const folds = Math.min(mostFolds, sample.clusters);
    const seed = streamSeed(options.seed, "folds", options.suite);
    const foldOfCluster = clusterFolds(seed, clusterKeys(sample, rows), folds);
    const fold = sample.cluster.map((g) => foldOfCluster[g]!);
    const { scaled, statuses, temperatures } = crossFitTemperature(sample.margin, fold, folds);
    if (scaled === null) return none(reasonOf(statuses.find((status) => status !== "ok")!));
    const names = {
      ece: "ece_cross_fitted",
      mean: "ece_cross_fitted_null_mean",
      q95: "ece_cross_fitted_null_q95",
    };
    const median = quantile(sorted(temperatures as readonly number[]), 0.5);
    return {
      temperature_cross_fitted: { value: median, n: sample.n, details: { folds } },
      ...eceWithNull(scaled, names, "null-ece-cross-fitted", options),
      nll_cross_fitted: meanOf(sample, (k) => logLoss(scaled[k]!), options.level, [0, Infinity]),
      brier_cross_fitted: meanOf(sample, (k) => brierLoss(scaled[k]!), options.level, [0, 1]),
    };
  },
};

function reasonOf(status: FitStatus): Reason {
  return status === "ok" ? "undefined" : status;
}

/** One key per cluster: its name, or subset and id of the row that stands alone. */
function clusterKeys({ clusterRow }: Sample, { cluster, subset, id }: RowColumns): string[] {
  return Array.from(clusterRow, (row) => {
    const code = cluster.codes[row]!;
    if (code >= 0) return `cluster:${cluster.values[code]!}`;
    return `row:${subset.values[subset.codes[row]!] ?? ""}:${id.at(row)}`;
  });
}
