/** The numbers behind a report's pictures. */
import type { OutcomeTable } from "../protocols/protocol.ts";
import type { RowColumns } from "../scores/table.ts";
import { reliability, type ReliabilityBin } from "../stats/ece.ts";
import { quantile, sorted } from "../stats/quantile.ts";
import { eceBins } from "./ece.ts";
import { sampleOf } from "./sample.ts";

/**
 * The occupied bins of the reliability diagram, on the confidence max(p, 1 − p) in [½, 1], each with its own Wilson interval
 * (not simultaneous; null where every comparison of the bin is tied).
 */
export function reliabilityBins(outcomes: OutcomeTable, rows: RowColumns, level: number): ReliabilityBin[] {
  return reliability(sampleOf(outcomes, rows).margin, eceBins, level);
}

/** Number of bins of the margin histogram; even, so that 0 is an edge. */
const marginBins = 40;

export interface MarginHistogram {
  /** Equal bins, symmetric about 0, which is an edge; ties are counted apart. Empty without margins other than 0. */
  bins: readonly { low: number; high: number; n: number }[];
  /** Comparisons with a margin of exactly 0. */
  ties: number;
  /** Comparisons beyond the range, counted in the outermost bins. */
  clipped: number;
}

/**
 * How the margins are spread. The range is the largest |margin|, or the upper quartile plus three interquartile ranges of
 * |margin| where that is smaller, so that a few outliers do not hide the rest.
 */
export function marginHistogram(outcomes: OutcomeTable, rows: RowColumns): MarginHistogram {
  const { margin } = sampleOf(outcomes, rows);
  const size = sorted(margin.map(Math.abs));
  const [q1, q3] = [quantile(size, 0.25) ?? 0, quantile(size, 0.75) ?? 0];
  const largest = size.at(-1) ?? 0;
  const fence = q3 + 3 * (q3 - q1);
  const range = fence > 0 ? Math.min(largest, fence) : largest;
  if (range === 0) return { bins: [], ties: margin.length, clipped: 0 };
  const half = marginBins / 2;
  const counts = new Float64Array(marginBins);
  let ties = 0;
  let clipped = 0;
  for (const d of margin) {
    if (d === 0) {
      ties++;
      continue;
    }
    if (Math.abs(d) > range) clipped++;
    const steps = Math.min(half - 1, Math.floor((Math.abs(d) / range) * half));
    counts[d > 0 ? half + steps : half - 1 - steps]!++;
  }
  const edge = (k: number): number => (range * (k - half)) / half;
  return {
    bins: Array.from(counts, (n, k) => ({ low: edge(k), high: edge(k + 1), n })),
    ties,
    clipped,
  };
}
