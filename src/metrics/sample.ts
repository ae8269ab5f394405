/**
 * The judged comparisons of a group as plain arrays for the statistics: computed once per group and shared by its metrics.
 */
import { RmbenchError } from "../errors.ts";
import { outcomeState, type OutcomeTable } from "../protocols/protocol.ts";
import type { RowColumns } from "../scores/table.ts";
import type { ClusteredSample } from "../stats/cluster.ts";

export interface Sample {
  /** Judged and tied comparisons; the others carry no verdict and are left out. */
  readonly n: number;
  /** Index into the outcome table. */
  readonly outcome: Uint32Array;
  readonly row: Uint32Array;
  readonly credit: Float64Array;
  readonly margin: Float64Array;
  /** Item of each comparison, in [0, items): a row of the suite is one item. */
  readonly item: Uint32Array;
  readonly items: number;
  /** Cluster of each comparison, in [0, clusters): the row's cluster, or the row itself where it has none. */
  readonly cluster: Int32Array;
  readonly clusters: number;
  /** First row of each cluster. */
  readonly clusterRow: Uint32Array;
  readonly itemRow: Uint32Array;
  readonly itemCluster: Int32Array;
  /** Weight of each item, or undefined where all weigh the same. */
  readonly itemWeight: Float64Array | undefined;
}

const samples = new WeakMap<OutcomeTable, Sample>();

/**
 * The guard of the statistics, which take finite numbers and check nothing.
 * @param outcomes with the comparisons of a row side by side, as every protocol gives them
 * @throws RmbenchError `internal` where a protocol judged a margin that is not finite
 */
export function sampleOf(outcomes: OutcomeTable, rows: RowColumns): Sample {
  const known = samples.get(outcomes);
  if (known !== undefined) return known;
  const sample = build(outcomes, rows);
  samples.set(outcomes, sample);
  return sample;
}

const judged = outcomeState.indexOf("judged");
const tied = outcomeState.indexOf("tied");
const isJudged = (state: number): boolean => state === judged || state === tied;

function build(outcomes: OutcomeTable, rows: RowColumns): Sample {
  const outcome = new Uint32Array(outcomes.n);
  let n = 0;
  for (let i = 0; i < outcomes.n; i++) {
    if (!isJudged(outcomes.state[i]!)) continue;
    if (!Number.isFinite(outcomes.margin[i]) || !Number.isFinite(outcomes.credit[i])) {
      throw new RmbenchError("internal", `comparison ${i} was judged by the margin ${outcomes.margin[i]}`);
    }
    outcome[n++] = i;
  }
  // Of a million comparisons every copy costs; where all were judged, the outcomes' own columns do.
  const all = n === outcomes.n;
  const judgedOf = <T extends Uint32Array | Float64Array>(column: T): T =>
    all ? column : (column.filter((_, i) => isJudged(outcomes.state[i]!)) as T);
  const row = judgedOf(outcomes.row);
  const credit = judgedOf(outcomes.credit);
  const margin = judgedOf(outcomes.margin);
  const item = new Uint32Array(n);
  const cluster = new Int32Array(n);
  const clusterRow = new Uint32Array(n);
  const itemRow = new Uint32Array(n);
  const itemCluster = new Int32Array(n);
  const itemWeight = new Float64Array(n);
  // Not an array over all clusters of the suite: a suite may have thousands of groups.
  const numberOfCode = new Map<number, number>();
  let items = 0;
  let clusters = 0;
  for (let k = 0; k < n; k++) {
    const r = row[k]!;
    if (k === 0 || r !== row[k - 1]) {
      const code = rows.cluster.codes[r]!;
      let number = code < 0 ? undefined : numberOfCode.get(code);
      if (number === undefined) {
        number = clusters++;
        clusterRow[number] = r;
        if (code >= 0) numberOfCode.set(code, number);
      }
      itemRow[items] = r;
      itemCluster[items] = number;
      itemWeight[items] = rows.weight[r]!;
      items++;
    }
    item[k] = items - 1;
    cluster[k] = itemCluster[items - 1]!;
  }
  const weights = first(itemWeight, items);
  return {
    n,
    outcome: first(outcome, n),
    row,
    credit,
    margin,
    item,
    items,
    cluster,
    clusters,
    clusterRow: first(clusterRow, clusters),
    itemRow: first(itemRow, items),
    itemCluster: first(itemCluster, items),
    itemWeight: weights.every((w) => w === weights[0] && w > 0) ? undefined : weights,
  };
}

function first<T extends Uint32Array | Int32Array | Float64Array>(column: T, length: number): T {
  return length === column.length ? column : (column.slice(0, length) as T);
}

/** The items of a sample with, as y, the mean of `value` over their comparisons, which weigh the same. */
export function itemMeans(sample: Sample, value: (comparison: number) => number): ClusteredSample {
  const y = new Float64Array(sample.items);
  const count = new Uint32Array(sample.items);
  for (let k = 0; k < sample.n; k++) {
    y[sample.item[k]!]! += value(k);
    count[sample.item[k]!]!++;
  }
  for (let j = 0; j < y.length; j++) y[j]! /= count[j]!;
  return { y, weight: sample.itemWeight, cluster: sample.itemCluster, clusters: sample.clusters };
}
