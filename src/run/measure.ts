import { accuracy } from "../metrics/accuracy.ts";
import { marginHistogram, reliabilityBins } from "../metrics/diagrams.ts";
import { measureAll } from "../metrics/registry.ts";
import type { Estimate, MetricOptions } from "../metrics/metric.ts";
import { outcomeState, type OutcomeTable, type Protocol } from "../protocols/protocol.ts";
import { splitByColumn } from "../protocols/select.ts";
import { findingsOf } from "../report/findings.ts";
import type { Counts, GroupReport, Report, SuiteReport } from "../report/schema.ts";
import type { Codes, ScoreTable } from "../scores/table.ts";

/** What the report says of a suite besides its numbers. */
export type SuiteIdentity = Pick<
  SuiteReport,
  "id" | "title" | "version" | "licence" | "chance" | "available" | "fingerprint" | "pinned"
>;

export interface MeasureOptions {
  level: number;
  seed: string;
  output: Report["model"]["output"];
}

/** Score table → outcomes → metrics: the same function for live, replayed and merged scores. Pure. */
export function measureSuite(
  suite: SuiteIdentity,
  protocol: Protocol,
  scores: ScoreTable,
  { level, seed, output }: MeasureOptions,
): SuiteReport {
  const optionsFor = (group: string): MetricOptions => ({ level, seed, suite: suite.id, group });
  const outcomes = protocol.judge(scores);
  const groupsBy = (by: GroupReport["by"]): GroupReport[] =>
    [...splitByColumn(outcomes, scores.rows[by])]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, chosen]) => ({
        by,
        name,
        counts: countsOf(chosen, scores, inGroup(scores.rows[by], name)),
        metrics: measureAll({ outcomes: chosen, rows: scores.rows, scores }, optionsFor(`${by}=${name}`)),
      }));
  const whole = {
    ...suite,
    protocol: protocol.name,
    counts: countsOf(outcomes, scores, () => true),
    metrics: measureAll({ outcomes, rows: scores.rows, scores }, optionsFor("")),
    groups: [...groupsBy("subset"), ...groupsBy("direction")],
    calibration: { ...headlineOf(output), bins: binsOf(outcomes, scores, level) },
    margins: histogramOf(outcomes, scores),
    shortcuts: shortcutsOf(protocol, scores, optionsFor),
  };
  return { ...whole, findings: findingsOf(whole) };
}

/**
 * Unweighted mean of the suites' accuracies. Suites are independent of each other, so the half-widths of their
 * intervals add in squares; the interval is left out where a suite has none.
 */
export function overallAccuracy(suites: readonly SuiteReport[], level: number): Estimate {
  const accuracies = suites.map((suite) => suite.metrics["accuracy"]);
  const n = accuracies.reduce((sum, estimate) => sum + (estimate?.n ?? 0), 0);
  const values = accuracies.flatMap((estimate) => (typeof estimate?.value === "number" ? [estimate.value] : []));
  if (values.length < suites.length || values.length === 0) {
    return { value: null, n, undefinedBecause: "a suite has no accuracy" };
  }
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  const halves = accuracies.flatMap((estimate) => {
    const interval = estimate?.interval;
    return interval === undefined ? [] : [(interval.high - interval.low) / 2];
  });
  if (halves.length < suites.length) return { value, n };
  const half = Math.hypot(...halves) / suites.length;
  const interval = {
    low: Math.max(0, value - half),
    high: Math.min(1, value + half),
    level,
    method: "independent-suites",
  };
  return { value, n, interval };
}

function inGroup(column: Codes, name: string): (row: number) => boolean {
  const code = column.values.indexOf(name);
  return (row) => column.codes[row] === code;
}

function countsOf(outcomes: OutcomeTable, { rows, entries }: ScoreTable, keep: (row: number) => boolean): Counts {
  const states = Object.fromEntries(outcomeState.map((state) => [state, 0])) as Record<
    (typeof outcomeState)[number],
    number
  >;
  for (let i = 0; i < outcomes.n; i++) states[outcomeState[outcomes.state[i]!]!]++;
  let pairs = 0;
  for (let row = 0; row < rows.n; row++) if (keep(row)) pairs++;
  let truncated = 0;
  let droppedDocuments = 0;
  for (let i = 0; i < entries.n; i++) {
    if (!keep(entries.row[i]!)) continue;
    truncated += entries.truncated[i]!;
    droppedDocuments += entries.droppedDocuments[i]!;
  }
  return {
    pairs,
    comparisons: outcomes.n,
    judged: states.judged + states.tied,
    tied: states.tied,
    invalid: states.invalid,
    unparsable: states.unparsable,
    failed: states.failed,
    tooLong: states["too-long"],
    truncated,
    droppedDocuments,
  };
}

function binsOf(outcomes: OutcomeTable, { rows }: ScoreTable, level: number): SuiteReport["calibration"]["bins"] {
  return reliabilityBins(outcomes, rows, { level }).map(({ low, high, n, confidence, accuracy: share, interval }) => ({
    low,
    high,
    n,
    confidence,
    accuracy: share,
    ...(interval === null ? {} : { interval: { low: interval[0], high: interval[1], level, method: "wilson" } }),
  }));
}

function histogramOf(outcomes: OutcomeTable, { rows }: ScoreTable): SuiteReport["margins"] {
  const { bins } = marginHistogram(outcomes, rows);
  if (bins.length === 0) return null;
  return { edges: [bins[0]!.low, ...bins.map((bin) => bin.high)], counts: bins.map((bin) => bin.n) };
}

function headlineOf(output: Report["model"]["output"]): Pick<SuiteReport["calibration"], "headline" | "because"> {
  if (output === "bradley-terry") {
    return { headline: "ece", because: "the model declares Bradley–Terry logits: σ(margin) is its probability" };
  }
  return {
    headline: "ece_cross_fitted",
    because: `the model declares ${output === "other" ? "no probability" : `a ${output}`}: σ(margin / T) with T fitted on the other folds`,
  };
}

function shortcutsOf(
  protocol: Protocol,
  scores: ScoreTable,
  optionsFor: (group: string) => MetricOptions,
): SuiteReport["shortcuts"] {
  return Object.entries(scores.entries.shortcuts).map(([name, column]) => {
    const n = scores.entries.n;
    const entries = { ...scores.entries, value: Float64Array.from(column), status: new Uint8Array(n) };
    const replaced = { ...scores, entries };
    const outcomes = protocol.judge(replaced);
    const measured = accuracy.measure(
      { outcomes, rows: scores.rows, scores: replaced },
      optionsFor(`shortcut=${name}`),
    );
    return { name, accuracy: measured["accuracy"]! };
  });
}
