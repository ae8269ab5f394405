import { aurocClustered } from "../stats/auroc.ts";
import { normalCritical } from "../stats/proportion.ts";
import { quantile, sorted } from "../stats/quantile.ts";
import { tabulate } from "../stats/tabulate.ts";
import { comparisonEntries, sampleWithMargins } from "./comparison-entries.ts";
import { clustersOf, intervalOf, proportionOf, undefinedEstimate } from "./estimate.ts";
import type { Estimate, Metric } from "./metric.ts";
import { sampleOf, type Sample } from "./sample.ts";

const parts = 5;

/**
 * For rewards with a standard deviation, that of a model of mean and variance or of an ensemble's members: does it know where
 * the model errs? The deviation of a margin is s = √(s_chosen² + s_rejected²). `disagreement_auroc`: P(s of a wrong comparison
 * > s of a right one). `accuracy_disagreement_q1` … `_q5`: accuracy by fifths of s, the surest first. `interval_coverage`: share
 * of margin intervals d ± z·s that reach the labelled side. `confident_true`, `confident_false`: RewardUQ's shares of pairs whose
 * reward intervals r ± z·s do not overlap, in the right and in the wrong order. No result without deviations.
 */
export const uncertainty: Metric = {
  name: "uncertainty",
  source: "docs/metrics.md#uncertainty; RewardUQ (arXiv 2602.24040)",
  measure({ outcomes, rows, scores }, { level }) {
    const { std } = scores.entries;
    if (std === null || scores.kind !== "pointwise") return {};
    const judged = sampleOf(outcomes, rows);
    const places = comparisonEntries(judged, outcomes, scores);
    if (places === null) return {};
    const known = (k: number): boolean =>
      Number.isFinite(std[places.chosen[k]!]) && Number.isFinite(std[places.rejected[k]!]);
    const kept = Array.from({ length: judged.n }, (_, k) => k).filter(known);
    const sample = sampleWithMargins(judged, rows, (k) => (known(k) ? judged.margin[k]! : Number.NaN));
    const [chosen, rejected] = [places.chosen, places.rejected].map((side) =>
      tabulate(kept.length, (k) => std[side[kept[k]!]!]!),
    ) as [Float64Array, Float64Array];
    const deviation = tabulate(kept.length, (k) => Math.hypot(chosen[k]!, rejected[k]!));
    const z = normalCritical(level);
    const share = (holds: (k: number, margin: number) => boolean): Estimate =>
      proportionOf(sample, (k) => Number(holds(k, sample.margin[k]!)), level);
    const apart = (k: number): number => z * (chosen[k]! + rejected[k]!);
    return {
      disagreement_auroc: errorsByDeviation(sample, deviation, level),
      ...accuracyByDeviation(sample, rows, deviation, level),
      interval_coverage: share((k, margin) => margin + z * deviation[k]! >= 0),
      confident_true: share((k, margin) => margin > apart(k)),
      confident_false: share((k, margin) => margin < -apart(k)),
    };
  },
};

/** How well the deviation tells wrong comparisons from right ones; ties are neither. */
function errorsByDeviation(sample: Sample, deviation: Float64Array, level: number): Estimate {
  const withCredit = (credit: number): number[] =>
    Array.from({ length: sample.n }, (_, k) => k).filter((k) => sample.credit[k] === credit);
  const [wrong, right] = [withCredit(0), withCredit(1)];
  const n = wrong.length + right.length;
  if (wrong.length === 0 || right.length === 0) return undefinedEstimate(n, n === 0 ? "empty" : "one-side");
  const { auc, interval } = aurocClustered(
    wrong.map((k) => deviation[k]!),
    right.map((k) => deviation[k]!),
    wrong.map((k) => sample.cluster[k]!),
    right.map((k) => sample.cluster[k]!),
    sample.clusters,
    level,
  );
  return { value: auc, n, ...clustersOf(sample), interval: intervalOf(interval, level, "cluster-t") };
}

/** Fifths by the quantiles of the deviation; equal deviations are in one of them. */
function accuracyByDeviation(
  sample: Sample,
  rows: Parameters<typeof sampleWithMargins>[1],
  deviation: Float64Array,
  level: number,
): Record<string, Estimate> {
  const ordered = sorted(deviation);
  const limits = Array.from({ length: parts - 1 }, (_, i) => quantile(ordered, (i + 1) / parts));
  const partOf = (s: number): number => limits.filter((limit) => limit !== null && s > limit).length;
  return Object.fromEntries(
    Array.from({ length: parts }, (_, part) => {
      const own = sampleWithMargins(sample, rows, (k) =>
        partOf(deviation[k]!) === part ? sample.margin[k]! : Number.NaN,
      );
      return [`accuracy_disagreement_q${part + 1}`, proportionOf(own, (k) => own.credit[k]!, level)];
    }),
  );
}
