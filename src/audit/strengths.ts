/** Margins of several models on the same pairs, side by side. Pure. */
import { RmbenchError } from "../errors.ts";
import { compareResponses } from "../protocols/comparisons.ts";
import { tableFingerprint } from "../scores/rows.ts";
import type { ScoreTable } from "../scores/table.ts";
import { isConstant, meanVar } from "../stats/sums.ts";

/** One model's scores of a suite. */
export interface Voter {
  /** The model, as messages and columns name it. */
  name: string;
  scores: ScoreTable;
}

/** The margins of every model for one pair. */
export interface Strengths {
  subset: string;
  id: string;
  /** r(chosen) − r(rejected) of each model in their order, mean over the pair's comparisons; NaN where it has none. */
  margins: Float64Array;
}

/**
 * The pairs of the first model with every model's margin. With `normalise` each model's margins are divided by their
 * standard deviation over the suite, so that no model votes louder than another; they are not centred, for 0 is where a
 * model changes its mind.
 * @throws RmbenchError `data` when the models did not score the same pairs.
 */
export function strengthsOf(suite: string, voters: readonly Voter[], normalise: boolean): Strengths[] {
  const [first, ...others] = voters;
  if (first === undefined) return [];
  for (const other of others) refuseDifference(suite, first, other);
  const columns = voters.map(({ scores }) => {
    const margins = rowMargins(scores);
    const scale = normalise ? spreadOf(margins) : 1;
    // A model that gives every pair the same margin says nothing: its votes are all 0.
    return margins.map((margin) => (scale > 0 || Number.isNaN(margin) ? margin / scale : 0));
  });
  const { rows } = first.scores;
  return Array.from({ length: rows.n }, (_, row) => ({
    subset: rows.subset.values[rows.subset.codes[row]!] ?? "",
    id: rows.id.at(row),
    margins: Float64Array.from(columns, (column) => column[row]!),
  }));
}

function refuseDifference(suite: string, first: Voter, other: Voter): void {
  if (tableFingerprint(first.scores.rows) === tableFingerprint(other.scores.rows)) return;
  const [n, m] = [first.scores.rows.n, other.scores.rows.n];
  const sizes = n === m ? "" : ` (${n} and ${m} pairs)`;
  throw new RmbenchError("data", `${first.name} and ${other.name} did not score the same pairs of ${suite}${sizes}`, {
    hint: "run every model on the same file of pairs with the same --limit, --where and --ids",
  });
}

/** Mean margin over the comparisons of each row; NaN where one of them has none. */
function rowMargins(scores: ScoreTable): Float64Array {
  const { n, row, margin } = compareResponses(scores);
  const total = new Float64Array(scores.rows.n);
  const comparisons = new Uint32Array(scores.rows.n);
  for (let i = 0; i < n; i++) {
    total[row[i]!]! += margin[i]!;
    comparisons[row[i]!]!++;
  }
  return total.map((sum, r) => sum / comparisons[r]!);
}

/** Standard deviation of the finite margins, or 0 where there are fewer than two different ones. */
function spreadOf(margins: Float64Array): number {
  const finite = margins.filter((margin) => !Number.isNaN(margin));
  return isConstant(finite) ? 0 : Math.sqrt(meanVar(finite).variance);
}
