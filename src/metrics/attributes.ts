import { spearman } from "../stats/rank-correlation.ts";
import { comparisonEntries, sampleWithMargins } from "./comparison-entries.ts";
import { proportionOf, undefinedEstimate } from "./estimate.ts";
import type { Estimate, Metric, MetricInput } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/**
 * For models with several objectives, each of them as if it were the reward: `attribute_<name>_accuracy`, and over rewards
 * `attribute_<name>_length_spearman`, its rank correlation with the length of the response. The comparisons are those in which
 * the reward has a verdict. No result for models without attributes.
 */
export const attributes: Metric = {
  name: "attributes",
  source: "docs/metrics.md#attributes; arXiv 2406.12845",
  measure({ outcomes, rows, scores }: MetricInput, { level }) {
    const named = Object.entries(scores.entries.attributes);
    if (named.length === 0) return {};
    const sample = sampleOf(outcomes, rows);
    const places = comparisonEntries(sample, outcomes, scores);
    if (places === null) return {};
    const { chosen, rejected } = places;
    const rewarded = [...new Set([...chosen, ...rejected])];
    const keys = keysOf(named.map(([name]) => name));
    const scale = scores.kind === "pairwise" ? 2 : 1;
    const results: Record<string, Estimate> = {};
    for (const [a, [, column]] of named.entries()) {
      const own = sampleWithMargins(sample, rows, (k) => (column[chosen[k]!]! - column[rejected[k]!]!) / scale);
      results[`attribute_${keys[a]!}_accuracy`] = proportionOf(own, (k) => own.credit[k]!, level);
      if (scores.kind === "pointwise") {
        results[`attribute_${keys[a]!}_length_spearman`] = withLength(rewarded, column, scores.entries.length);
      }
    }
    return results;
  },
};

function withLength(entries: readonly number[], column: Float64Array, length: Uint32Array): Estimate {
  const known = entries.filter((e) => Number.isFinite(column[e]));
  const value = spearman(
    known.map((e) => column[e]!),
    known.map((e) => length[e]!),
  );
  if (value !== null) return { value, n: known.length };
  return undefinedEstimate(
    known.length,
    known.length === 0 ? "empty" : known.length === 1 ? "one-item" : "no-variance",
  );
}

/** Names as keys of a report, each its own: `helpsteer-helpfulness` is `helpsteer_helpfulness`. */
function keysOf(names: readonly string[]): string[] {
  const plain = names.map(
    (name) =>
      name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "_")
        .replace(/^_|_$/g, "") || "unnamed",
  );
  const used = new Set<string>();
  return plain.map((name) => {
    let key = name;
    for (let twin = 2; used.has(key); twin++) key = `${name}_${twin}`;
    used.add(key);
    return key;
  });
}
