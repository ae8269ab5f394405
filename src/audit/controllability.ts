/** How far a model can be steered by a principle that it is told. Pure. */
import { RmbenchError } from "../errors.ts";
import { compareResponses } from "../protocols/comparisons.ts";
import { tableFingerprint } from "../scores/rows.ts";
import type { ScoreTable } from "../scores/table.ts";
import { shareOf, type Share } from "./share.ts";

export interface Controllability extends Share {
  /** Comparisons with a preference in the first run and a verdict in the second. */
  n: number;
  /** Of those, the ones whose preference is the other way round in the second run. */
  flipped: number;
  /** Of those, the ones without a preference in the second run. */
  undecided: number;
  /** Comparisons without a preference in the first run, or without a verdict in one of them. */
  leftOut: number;
}

/**
 * SALMON's controllability (arXiv 2310.05910): the share of comparisons whose preference flips when a principle is negated.
 * A preference that becomes a tie has not flipped.
 * @throws RmbenchError `data` where the tables are not about the same pairs and of one kind.
 */
export function controllability(suite: string, plain: ScoreTable, negated: ScoreTable, level: number): Controllability {
  if (plain.kind !== negated.kind || tableFingerprint(plain.rows) !== tableFingerprint(negated.rows)) {
    throw new RmbenchError("data", `the runs did not ask the same questions of the same pairs of ${suite}`, {
      hint: "run both on the same file of pairs with the same --limit, --where and --ids, and the same kind of model",
    });
  }
  const [before, after] = [compareResponses(plain), compareResponses(negated)];
  if (before.n !== after.n) throw new RmbenchError("data", `the runs did not make the same comparisons of ${suite}`);
  const decided = Array.from({ length: before.n }, (_, i) => i).filter(
    (i) => before.margin[i] !== 0 && !Number.isNaN(before.margin[i]!) && !Number.isNaN(after.margin[i]!),
  );
  const flips = decided.map((i) => Number(Math.sign(after.margin[i]!) === -Math.sign(before.margin[i]!)));
  return {
    n: decided.length,
    flipped: flips.filter((one) => one === 1).length,
    undecided: decided.filter((i) => after.margin[i] === 0).length,
    leftOut: before.n - decided.length,
    ...shareOf(before, plain.rows, decided, flips, level),
  };
}
