import { codePoints } from "../code-points.ts";
import type { PreferencePair, Response } from "./pair.ts";

/** Five numbers of a distribution, in Unicode code points; `median` and `p95` are exact. */
export interface Spread {
  min: number;
  median: number;
  mean: number;
  p95: number;
  max: number;
}

export interface PairStats {
  pairs: number;
  subsets: Record<string, number>;
  /** Pairs per direction; pairs without one are not counted. */
  directions: Record<string, number>;
  clusters: number;
  /** Pairs of the largest cluster. */
  largestCluster: number;
  /** Pairs per shape: `1x3` is one chosen and three rejected responses, `trajectory 1x1` responses of messages. */
  shapes: Record<string, number>;
  /** Pairs per number of turns in the prompt. */
  turns: Record<string, number>;
  withDocuments: number;
  withTools: number;
  lengths: { prompt: Spread | null; chosen: Spread | null; rejected: Spread | null };
  /** Share of pairs whose longest chosen response is longer than their longest rejected one; ties count half. */
  chosenLonger: number | null;
  /** Tags with their number of pairs. */
  tags: Record<string, number>;
}

/** Counts by value, exact and small, because lengths repeat. */
class Histogram {
  readonly #counts = new Map<number, number>();
  #n = 0;
  #sum = 0;

  add(value: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
    this.#n++;
    this.#sum += value;
  }

  spread(): Spread | null {
    if (this.#n === 0) return null;
    const sorted = [...this.#counts].sort(([a], [b]) => a - b);
    const at = (share: number): number => {
      let left = Math.ceil(share * this.#n);
      for (const [value, count] of sorted) {
        left -= count;
        if (left <= 0) return value;
      }
      return sorted.at(-1)?.[0] ?? 0;
    };
    return {
      min: sorted[0]?.[0] ?? 0,
      median: at(0.5),
      mean: this.#sum / this.#n,
      p95: at(0.95),
      max: sorted.at(-1)?.[0] ?? 0,
    };
  }
}

const lengthOf = (response: Response): number =>
  typeof response === "string"
    ? codePoints(response)
    : response.reduce((sum, turn) => sum + codePoints(turn.content), 0);

const bump = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
const byCount = (counts: Map<string, number>): Record<string, number> =>
  Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));

/** What a file of pairs is made of, from one pass. Holds one entry per cluster. */
export async function pairStats(pairs: AsyncIterable<readonly PreferencePair[]>): Promise<PairStats> {
  const [subsets, directions, shapes, turns, tags, clusters] = Array.from(
    { length: 6 },
    () => new Map<string, number>(),
  ) as [
    Map<string, number>,
    Map<string, number>,
    Map<string, number>,
    Map<string, number>,
    Map<string, number>,
    Map<string, number>,
  ];
  const lengths = { prompt: new Histogram(), chosen: new Histogram(), rejected: new Histogram() };
  let [n, alone, withDocuments, withTools, longer, compared] = [0, 0, 0, 0, 0, 0];
  for await (const window of pairs) {
    for (const pair of window) {
      n++;
      bump(subsets, pair.subset);
      if (pair.direction !== null) bump(directions, pair.direction);
      if (pair.cluster === null) alone++;
      else bump(clusters, pair.cluster);
      const kind = [...pair.chosen, ...pair.rejected].some((response) => typeof response !== "string");
      bump(shapes, `${kind ? "trajectory " : ""}${pair.chosen.length}x${pair.rejected.length}`);
      bump(turns, String(pair.prompt.length));
      for (const tag of Object.keys(pair.tags)) bump(tags, tag);
      if (pair.documents !== null) withDocuments++;
      if (pair.tools !== null) withTools++;
      lengths.prompt.add(lengthOf(pair.prompt));
      const [chosen, rejected] = [pair.chosen.map(lengthOf), pair.rejected.map(lengthOf)];
      for (const length of chosen) lengths.chosen.add(length);
      for (const length of rejected) lengths.rejected.add(length);
      if (chosen.length > 0 && rejected.length > 0) {
        compared++;
        const difference = Math.max(...chosen) - Math.max(...rejected);
        longer += difference > 0 ? 1 : difference === 0 ? 0.5 : 0;
      }
    }
  }
  return {
    pairs: n,
    subsets: byCount(subsets),
    directions: byCount(directions),
    clusters: clusters.size + alone,
    largestCluster: Math.max(n > 0 ? 1 : 0, ...new Set(clusters.values())),
    shapes: byCount(shapes),
    turns: byCount(turns),
    withDocuments,
    withTools,
    lengths: {
      prompt: lengths.prompt.spread(),
      chosen: lengths.chosen.spread(),
      rejected: lengths.rejected.spread(),
    },
    chosenLonger: compared === 0 ? null : longer / compared,
    tags: byCount(tags),
  };
}
