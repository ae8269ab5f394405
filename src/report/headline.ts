/** The few numbers of a suite that every rendering leads with. */
import type { Estimate } from "../metrics/metric.ts";
import type { SuiteReport } from "./schema.ts";

export type SuiteNumbers = Omit<SuiteReport, "findings">;

export interface BestShortcut {
  name: string;
  accuracy: Estimate & { value: number };
}

/** The shortcut that gets most pairs right, or null where none could be judged. */
export function bestShortcut(suite: SuiteNumbers): BestShortcut | null {
  const judged = suite.shortcuts.flatMap(({ name, accuracy }) =>
    accuracy.value === null ? [] : [{ name, accuracy: { ...accuracy, value: accuracy.value } }],
  );
  return judged.reduce<BestShortcut | null>(
    (top, next) => (top === null || next.accuracy.value > top.accuracy.value ? next : top),
    null,
  );
}

export interface HeadlineEce {
  ece: number;
  /** What a perfectly calibrated model would show at this n, or null where nothing says so. */
  perfect: { mean: number; q95: number } | null;
  /** After a cross-fitted temperature. */
  crossFitted: boolean;
}

export function headlineEce(suite: SuiteNumbers): HeadlineEce | null {
  const { headline } = suite.calibration;
  const ece = valueOf(suite, headline);
  if (ece === null) return null;
  const mean = valueOf(suite, `${headline}_null_mean`);
  const q95 = valueOf(suite, `${headline}_null_q95`);
  const perfect = mean === null || q95 === null ? null : { mean, q95 };
  return { ece, perfect, crossFitted: headline === "ece_cross_fitted" };
}

export function valueOf(suite: SuiteNumbers, metric: string): number | null {
  return suite.metrics[metric]?.value ?? null;
}

/** Number of bins of the headline ECE: as the metric says, else from the width of the bins in the report; null without either. */
export function binCount(suite: SuiteNumbers): number | null {
  const said = suite.metrics[suite.calibration.headline]?.details?.["bins"];
  if (said !== undefined) return said;
  const first = suite.calibration.bins[0];
  return first === undefined ? null : Math.round(0.5 / (first.high - first.low));
}
