/**
 * A metric turns outcomes into numbers with their uncertainty. Pure. Read `accuracy.ts` as the example, and
 * `registry.ts` for the list. Every metric passes `test/contract/metric.test.ts`.
 */
import type { OutcomeTable } from "../protocols/protocol.ts";
import type { RowColumns, ScoreTable } from "../scores/table.ts";

export interface Interval {
  low: number;
  high: number;
  /** Two-sided confidence level in (0, 1). */
  level: number;
  method: string;
}

/** A number with its sample size and interval. Nothing undefined becomes 0 or NaN: it is null with a reason. */
export interface Estimate {
  value: number | null;
  n: number;
  clusters?: number;
  interval?: Interval;
  undefinedBecause?: string;
  /** Numbers without which the value cannot be read: bins, resamples. */
  details?: Readonly<Record<string, number>>;
}

export interface MetricOptions {
  level: number;
  /** Seed text of the run; streams are named `rmbench:<seed>:<purpose>:<suite>[:<group>]`. */
  seed: string;
  suite: string;
  group: string;
  /** Credit of a tie in `accuracy`, where it is not the protocol's: none, as RewardBench counts. */
  tieCredit?: 0 | undefined;
}

export interface MetricInput {
  /** The comparisons of one group (a suite, subset, direction or tag value). */
  outcomes: OutcomeTable;
  rows: RowColumns;
  scores: ScoreTable;
}

export interface Metric {
  /** Key in the report. */
  name: string;
  /** Paper and equation, or the section of docs/metrics.md. */
  source: string;
  /** Named results; most metrics give one of their own name. */
  measure(input: MetricInput, options: MetricOptions): Record<string, Estimate>;
}
