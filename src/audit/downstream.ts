/** Accuracies of models beside what they led to downstream. Pure. */
import { RmbenchError } from "../errors.ts";
import { bootstrapCorrelation, type BootstrappedCorrelation } from "../stats/bootstrap-correlation.ts";
import { performanceGapRecovered } from "../stats/performance-gap.ts";
import { streamSeed } from "../stats/rng.ts";

export interface DownstreamPoint {
  /** The run as the user named it, and its model. */
  run: string;
  model: string;
  accuracy: number;
  /** The user's number for this run. */
  value: number;
}

export interface DownstreamReport {
  points: readonly DownstreamPoint[];
  pearson: BootstrappedCorrelation;
  spearman: BootstrappedCorrelation;
  /** Performance gap recovered in the user's numbers, of every run but the two that span the gap; null: not asked for. */
  gap: { run: string; recovered: number | null }[] | null;
}

export const resamples = 10_000;

/**
 * @param span the runs of the weak supervisor and of the strong ceiling, by name, or null.
 * @throws RmbenchError `usage` for fewer than three points or a span that names no run.
 */
export function downstreamReport(
  points: readonly DownstreamPoint[],
  span: { weak: string; ceiling: string } | null,
  level: number,
  seed: string,
): DownstreamReport {
  if (points.length < 3)
    throw new RmbenchError("usage", `${points.length} runs have a value: a correlation needs at least three`, {
      hint: "name more runs, and give each a line in the file of values",
    });
  const correlation = bootstrapCorrelation(
    points.map(({ accuracy }) => accuracy),
    points.map(({ value }) => value),
    level,
    streamSeed(seed, "downstream"),
    resamples,
  );
  return { points, ...correlation, gap: span === null ? null : gapsOf(points, span) };
}

function gapsOf(points: readonly DownstreamPoint[], { weak, ceiling }: { weak: string; ceiling: string }) {
  const named = (name: string) => {
    const found = points.filter(({ run, model }) => run === name || model === name);
    if (found.length === 1) return found[0]!;
    const what = found.length === 0 ? "no run" : `${found.length} runs`;
    throw new RmbenchError("usage", `${what} with a value is called ${JSON.stringify(name)}`, {
      hint: `the runs are ${points.map(({ run }) => run).join(", ")}`,
    });
  };
  const [low, high] = [named(weak), named(ceiling)];
  return points
    .filter((point) => point !== low && point !== high)
    .map(({ run, value }) => ({ run, recovered: performanceGapRecovered(low.value, value, high.value) }));
}
