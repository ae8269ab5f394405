import { entriesByRow } from "../scores/entries-by-row.ts";
import { entryStatus, type ScoreTable } from "../scores/table.ts";
import { aurocClustered } from "../stats/auroc.ts";
import { intervalOf, undefinedEstimate } from "./estimate.ts";
import type { Metric } from "./metric.ts";
import { sampleOf, type Sample } from "./sample.ts";

/**
 * AUROC of the raw rewards, chosen against rejected responses of all rows: unlike accuracy it needs rewards that can be
 * compared across prompts. Undefined for pairwise scores, which are no rewards.
 */
export const auroc: Metric = {
  name: "auroc",
  source: "docs/metrics.md#auroc; DeLong et al. 1988; Obuchowski 1997",
  measure({ outcomes, rows, scores }, { level }) {
    const sample = sampleOf(outcomes, rows);
    if (sample.n === 0) return { auroc: undefinedEstimate(0, "empty") };
    if (scores.kind !== "pointwise") return { auroc: undefinedEstimate(sample.n, "no-rewards") };
    const [chosen, rejected] = rewardsOf(scores, sample);
    const { auc, interval } = aurocClustered(
      chosen.value,
      rejected.value,
      chosen.cluster,
      rejected.cluster,
      sample.clusters,
      level,
    );
    if (auc === null) return { auroc: undefinedEstimate(0, "empty") };
    return {
      auroc: {
        value: auc,
        n: chosen.value.length + rejected.value.length,
        clusters: sample.clusters,
        interval: intervalOf(interval, level, "cluster-t"),
      },
    };
  },
};

interface Rewards {
  value: Float64Array;
  cluster: Int32Array;
}

/** Finite rewards of the rows of a sample, by side, with the cluster of their row. */
function rewardsOf(scores: ScoreTable, sample: Sample): [Rewards, Rewards] {
  const { start, entry } = entriesByRow(scores);
  const { side, status, value } = scores.entries;
  let most = 0;
  for (let j = 0; j < sample.items; j++) most += start[sample.itemRow[j]! + 1]! - start[sample.itemRow[j]!]!;
  const both = [0, 1].map(() => ({ n: 0, value: new Float64Array(most), cluster: new Int32Array(most) }));
  for (let j = 0; j < sample.items; j++) {
    const row = sample.itemRow[j]!;
    for (let position = start[row]!; position < start[row + 1]!; position++) {
      const e = entry[position]!;
      if (entryStatus[status[e]!] !== "ok" || !Number.isFinite(value[e]!)) continue;
      const own = both[side[e]!]!;
      own.value[own.n] = value[e]!;
      own.cluster[own.n++] = sample.itemCluster[j]!;
    }
  }
  return both.map(({ n, value: v, cluster }) => ({ value: v.slice(0, n), cluster: cluster.slice(0, n) })) as [
    Rewards,
    Rewards,
  ];
}
