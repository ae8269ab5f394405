import { withinOf } from "../protocols/tournament.ts";
import { entriesByRow } from "../scores/entries-by-row.ts";
import { entryStatus, type EntryColumns, type ScoreTable } from "../scores/table.ts";
import { bradleyTerry } from "../stats/bradley-terry.ts";
import { logistic } from "../stats/logistic.ts";
import { threeCycles, type ThreeCycles } from "../stats/three-cycles.ts";
import { sampleWithMargins } from "./comparison-entries.ts";
import { meanOf, proportionOf } from "./estimate.ts";
import type { Estimate, Metric } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/**
 * For models that compare, on rows of which every two responses were compared (protocol `tournament`). P(a ≻ b) is σ of
 * half the difference of the log-odds in the two orders. `three_cycle_rate`: share of triples a ≻ b ≻ c ≻ a among the
 * triples without a tie. `bt_residual`: root mean square of P(a ≻ b) − σ(s_a − s_b), s being the maximum-likelihood
 * Bradley–Terry strengths of the row's responses. Means over rows. No result where nothing was compared within a side.
 */
export const tournament: Metric = {
  name: "tournament",
  source: "docs/metrics.md#tournaments; Kendall & Babington Smith 1940; Hunter 2004; arXiv 2312.00886",
  measure({ outcomes, rows, scores }, { level }): Record<string, Estimate> {
    const found = tournamentsOf(scores);
    if (found.size === 0) return {};
    const all = sampleOf(outcomes, rows);
    const of = (value: (tournament: Tournament) => number) =>
      sampleWithMargins(all, rows, (k) => {
        const own = found.get(all.row[k]!);
        return own === undefined ? Number.NaN : value(own);
      });
    const rates = of(({ triples, cycles }) => (triples === 0 ? Number.NaN : cycles / triples));
    const residuals = of(({ residual }) => residual);
    const own = [...rates.itemRow.subarray(0, rates.items)].map((row) => found.get(row)!);
    const total = (name: keyof ThreeCycles) => own.reduce((sum, one) => sum + one[name], 0);
    return {
      three_cycle_rate: {
        ...proportionOf(rates, (k) => rates.margin[k]!, level),
        details: { triples: total("triples"), cycles: total("cycles") },
      },
      bt_residual: meanOf(residuals, (k) => residuals.margin[k]!, level, [0, 1]),
    };
  },
};

interface Tournament extends ThreeCycles {
  /** NaN where a response was compared with no other. */
  residual: number;
}

const known = new WeakMap<ScoreTable, Map<number, Tournament>>();

/** By row, of those with comparisons within a side. Groups share the table, so it is worked out once. */
function tournamentsOf(scores: ScoreTable): Map<number, Tournament> {
  const before = known.get(scores);
  if (before !== undefined) return before;
  const found = new Map<number, Tournament>();
  known.set(scores, found);
  if (scores.kind !== "pairwise" || !scores.entries.side.includes(1)) return found;
  const { start, entry } = entriesByRow(scores);
  for (let row = 0; row < scores.rows.n; row++) {
    const probability = probabilities(scores.entries, entry.subarray(start[row], start[row + 1]));
    if (probability === null) continue;
    found.set(row, { ...threeCycles(probability), residual: bradleyTerry(probability)?.residual ?? Number.NaN });
  }
  return found;
}

/** Log-odds beyond it are certainty in every digit, of which no strengths could be fitted. */
const mostLogOdds = 30;

/** P(i ≻ j) of a row's responses, the chosen ones first, NaN where there is none; null without comparisons within a side. */
function probabilities({ side, index, order, status, value }: EntryColumns, own: Uint32Array): number[][] | null {
  const inside = own.filter((e) => side[e] === 1);
  if (inside.length === 0) return null;
  const count = { chosen: 1, rejected: 1 };
  for (const e of inside) {
    const { side: of, j } = withinOf(index[e]!);
    count[of] = Math.max(count[of], j + 1);
  }
  const n = count.chosen + count.rejected;
  const places = (e: number): [number, number] => {
    const at = index[e]!;
    if (side[e] === 0) return [Math.floor(at / count.rejected), count.chosen + (at % count.rejected)];
    const { side: of, i, j } = withinOf(at);
    const first = of === "chosen" ? 0 : count.chosen;
    return [first + i, first + j];
  };
  const logOdds = Array.from({ length: n }, () => Array.from({ length: n }, () => Number.NaN));
  for (const e of own) {
    const [i, j] = places(e);
    const said = status[e] === entryStatus.indexOf("ok") ? value[e]! : Number.NaN;
    if (order[e] === 0) logOdds[i]![j] = said;
    else logOdds[j]![i] = said;
  }
  return logOdds.map((line, i) =>
    line.map((said, j) => {
      const margin = (said - logOdds[j]![i]!) / 2;
      return logistic(Math.max(-mostLogOdds, Math.min(mostLogOdds, margin)));
    }),
  );
}
