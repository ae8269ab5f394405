import { tabulateInt } from "../stats/tabulate.ts";
import { stratifiedMean } from "../stats/stratified.ts";
import { clustersOf, intervalOf, proportionOf, studentMethod, undefinedEstimate } from "./estimate.ts";
import type { Estimate, Metric } from "./metric.ts";
import { itemMeans, sampleOf } from "./sample.ts";

/**
 * How often the chosen response wins: `accuracy` gives ties the protocol's credit (½ in a comparison), `accuracy_strict` none (the rule of RewardBench),
 * and `tie_rate` says how far they can differ. Groups of several subsets also get `accuracy_macro`, the plain mean over
 * subsets.
 */
export const accuracy: Metric = {
  name: "accuracy",
  source: "docs/metrics.md#accuracy; Wilson 1927; Liang & Zeger 1986; Korn & Graubard 1998",
  measure({ outcomes, rows }, { level, tieCredit }) {
    const sample = sampleOf(outcomes, rows);
    const tied = (k: number) => sample.margin[k] === 0;
    const credit = (k: number) => (tied(k) ? (tieCredit ?? sample.credit[k]!) : sample.credit[k]!);
    const results: Record<string, Estimate> = {
      accuracy: proportionOf(sample, credit, level),
      accuracy_strict: proportionOf(sample, (k) => (sample.credit[k] === 1 ? 1 : 0), level),
      tie_rate: proportionOf(sample, (k) => Number(tied(k)), level),
    };
    // Subsets of which every comparison failed belong to the average, which is then undefined.
    const present = new Set<number>();
    for (const row of outcomes.row) present.add(rows.subset.codes[row]!);
    const codes = [...present].sort((a, b) => a - b);
    if (codes.length < 2) return results;
    const stratumOfCode = new Map(codes.map((code, s) => [code, s]));
    const stratum = tabulateInt(sample.items, (j) => stratumOfCode.get(rows.subset.codes[sample.itemRow[j]!]!)!);
    const shares = codes.map(() => 1 / codes.length);
    const macro = stratifiedMean(itemMeans(sample, credit), stratum, shares, level);
    results["accuracy_macro"] =
      macro.estimate === null
        ? undefinedEstimate(sample.items, "empty")
        : {
            value: macro.estimate,
            n: sample.items,
            ...clustersOf(sample),
            interval: intervalOf(macro.interval, level, studentMethod(sample)),
            details: { subsets: codes.length },
          };
    return results;
  },
};
