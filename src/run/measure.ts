import { accuracy } from "../metrics/accuracy.ts";
import { marginHistogram, reliabilityBins } from "../metrics/diagrams.ts";
import { measureAll } from "../metrics/registry.ts";
import type { Estimate, MetricOptions } from "../metrics/metric.ts";
import { poolSuites } from "../metrics/pool.ts";
import { outcomeState, type OutcomeTable, type Protocol } from "../protocols/protocol.ts";
import { protocolNamed } from "../protocols/registry.ts";
import { rowsOf, splitByColumn } from "../protocols/select.ts";
import { findingsOf } from "../report/findings.ts";
import type { Counts, GroupReport, Report, SuiteReport } from "../report/schema.ts";
import { entriesByRow } from "../scores/entries-by-row.ts";
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
  /** As in the report's settings: RewardBench gives a tie no credit. */
  compat?: Report["settings"]["compat"];
}

/** Score table → outcomes → metrics: the same function for live, replayed and merged scores. Pure. */
export function measureSuite(
  suite: SuiteIdentity,
  protocol: Protocol,
  scores: ScoreTable,
  { level, seed, output, compat }: MeasureOptions,
): SuiteReport {
  const tieCredit = tieCreditOf(compat, [protocol.name]);
  const optionsFor = (group: string): MetricOptions => ({ level, seed, suite: suite.id, group, tieCredit });
  const outcomes = protocol.judge(scores);
  const groupsBy = (by: GroupReport["by"], column: Codes): GroupReport[] => {
    const groups: GroupReport[] = [];
    for (const [name, chosen] of splitByColumn(outcomes, column)) {
      const metrics = measureAll({ outcomes: chosen, rows: scores.rows, scores }, optionsFor(`${by}=${name}`));
      groups.push({ by, name, counts: countsOf(chosen, scores), metrics });
    }
    return groups.sort((a, b) => (a.name < b.name ? -1 : 1));
  };
  const { subset, direction } = scores.rows;
  const whole = {
    ...suite,
    chance: protocol.chance?.(scores) ?? suite.chance,
    protocol: protocol.name,
    counts: countsOf(outcomes, scores),
    metrics: measureAll({ outcomes, rows: scores.rows, scores }, optionsFor("")),
    groups: [
      ...groupsBy("subset", subset),
      ...groupsBy("direction", direction),
      ...contextColumns(scores).flatMap(([by, column]) => groupsBy(by, column).sort(byNumber)),
    ],
    calibration: { ...headlineOf(output), bins: binsOf(outcomes, scores, level) },
    margins: histogramOf(outcomes, scores),
    shortcuts: shortcutsOf(protocol, scores, optionsFor),
  };
  return { ...whole, findings: findingsOf(whole) };
}

/** What the rows of a run with context pairs are grouped by: their number, and where the pairs say it, whether the user was seen. */
function contextColumns({ rows }: ScoreTable): [GroupReport["by"], Codes][] {
  const { context_pairs: number, user_seen: seen } = rows.tags;
  if (number === undefined) return [];
  if (seen === undefined) return [["context_pairs", number]];
  return [
    ["context_pairs", number],
    ["context_pairs, user_seen", crossed(number, seen)],
  ];
}

/** Both values of a row, as one: `8, yes`; none where one of them is missing. */
function crossed(a: Codes, b: Codes): Codes {
  const width = b.values.length;
  const codes = a.codes.map((code, i) => (code < 0 || b.codes[i]! < 0 ? -1 : code * width + b.codes[i]!));
  return { codes, values: a.values.flatMap((one) => b.values.map((other) => `${one}, ${other}`)) };
}

function byNumber(a: GroupReport, b: GroupReport): number {
  return Number.parseInt(a.name, 10) - Number.parseInt(b.name, 10);
}

/**
 * All suites together: the mean of their accuracies, and every metric over the rows of all of them as of one suite. Pure.
 * @param tables the score table of each suite of `suites`, by its id
 */
export function measureOverall(
  suites: readonly SuiteReport[],
  tables: ReadonlyMap<string, ScoreTable>,
  { level, seed, compat }: Pick<MeasureOptions, "level" | "seed" | "compat">,
): Report["overall"] {
  const accuracyOfMean = meanAccuracy(suites, level);
  const [only] = suites;
  if (suites.length === 1) return { accuracy: accuracyOfMean, metrics: only!.metrics };
  const pooled = poolSuites(
    suites.map(({ id, protocol }) => {
      const scores = tables.get(id)!;
      return { id, scores, outcomes: protocolNamed(protocol).judge(scores) };
    }),
  );
  const protocols = suites.map(({ protocol }) => protocol);
  return {
    accuracy: accuracyOfMean,
    metrics: measureAll(pooled, {
      level,
      seed,
      suite: "",
      group: "overall",
      tieCredit: tieCreditOf(compat, protocols),
    }),
  };
}

/** RewardBench gives a tie of two no credit, and RewardBench 2 shares that of the best of n, as the protocol does. */
function tieCreditOf(compat: MeasureOptions["compat"], protocols: readonly string[]): 0 | undefined {
  return compat === undefined || protocols.includes("best-of-n") ? undefined : 0;
}

/**
 * Unweighted mean of the suites' accuracies. Suites are independent of each other, so the distances from value to limit add
 * in squares, each side apart (MOVER: Zou and Donner 2008, Statistics in Medicine 27, eq. 5): a suite at 0 or 1 has a
 * one-sided interval. No interval where a suite has none.
 */
function meanAccuracy(suites: readonly SuiteReport[], level: number): Estimate {
  const accuracies = suites.map((suite) => suite.metrics["accuracy"]);
  const n = accuracies.reduce((sum, estimate) => sum + (estimate?.n ?? 0), 0);
  const values = accuracies.flatMap((estimate) => (typeof estimate?.value === "number" ? [estimate.value] : []));
  if (values.length < suites.length || values.length === 0) {
    return { value: null, n, undefinedBecause: "a suite has no accuracy" };
  }
  const value = values.reduce((sum, one) => sum + one, 0) / values.length;
  const intervals = accuracies.flatMap((estimate) => estimate?.interval ?? []);
  if (intervals.length < suites.length) return { value, n };
  const distance = (limit: "low" | "high") =>
    Math.hypot(...intervals.map((interval, i) => interval[limit] - values[i]!)) / suites.length;
  const interval = { low: value - distance("low"), high: value + distance("high"), level, method: "mover" };
  return { value, n, interval };
}

function countsOf(outcomes: OutcomeTable, scores: ScoreTable): Counts {
  const states = Object.fromEntries(outcomeState.map((state) => [state, 0])) as Record<
    (typeof outcomeState)[number],
    number
  >;
  for (let i = 0; i < outcomes.n; i++) states[outcomeState[outcomes.state[i]!]!]++;
  const { start, entry } = entriesByRow(scores);
  const rows = rowsOf(outcomes);
  let truncated = 0;
  let droppedDocuments = 0;
  for (const row of rows) {
    for (let position = start[row]!; position < start[row + 1]!; position++) {
      truncated += scores.entries.truncated[entry[position]!]!;
      droppedDocuments += scores.entries.droppedDocuments[entry[position]!]!;
    }
  }
  return {
    pairs: rows.length,
    comparisons: outcomes.n,
    judged: states.judged + states.tied,
    tied: states.tied,
    invalid: states.invalid,
    unparsable: states.unparsable,
    failed: states.failed,
    tooLong: states["too-long"],
    unmatched: states.unmatched,
    truncated,
    droppedDocuments,
  };
}

function binsOf(outcomes: OutcomeTable, { rows }: ScoreTable, level: number): SuiteReport["calibration"]["bins"] {
  return reliabilityBins(outcomes, rows, level).map(({ low, high, n, confidence, accuracy: share, interval }) => ({
    low,
    high,
    n,
    confidence,
    accuracy: share,
    ...(interval === null ? {} : { interval: { low: interval[0], high: interval[1], level, method: "wilson" } }),
  }));
}

function histogramOf(outcomes: OutcomeTable, { rows }: ScoreTable): SuiteReport["margins"] {
  const { bins, ties, clipped } = marginHistogram(outcomes, rows);
  if (bins.length === 0) return null;
  return { edges: [bins[0]!.low, ...bins.map((bin) => bin.high)], counts: bins.map((bin) => bin.n), ties, clipped };
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
