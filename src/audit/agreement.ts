/** One judge's ratings against its rankings of the same pairs. Pure. */
import { RmbenchError } from "../errors.ts";
import { compareResponses } from "../protocols/comparisons.ts";
import { tableFingerprint } from "../scores/rows.ts";
import type { ScoreTable } from "../scores/table.ts";
import { signAgreement, type SignAgreement } from "../stats/sign-agreement.ts";
import { shareOf, type Share } from "./share.ts";

/** `share` is that of the agreeing comparisons. */
export interface RatingRankingAgreement extends Omit<SignAgreement, "agrees">, Share {
  /** Comparisons that the ratings or the rankings leave without a verdict. */
  leftOut: number;
}

/**
 * Compares the signs of rating differences and of rankings, comparison by comparison; a ranking is the mean of both
 * orders, so one that flips with the order is an equal one.
 * @throws RmbenchError `data` where a table is of the wrong kind, or they are not about the same pairs.
 */
export function ratingRankingAgreement(
  suite: string,
  ratings: ScoreTable,
  rankings: ScoreTable,
  level: number,
): RatingRankingAgreement {
  if (ratings.kind !== "pointwise" || rankings.kind !== "pairwise") {
    throw new RmbenchError("data", `${suite}: the runs are ${ratings.kind} and ${rankings.kind}`, {
      hint: "name a run with ratings (pointwise) first, then one of the same judge with comparisons (pairwise)",
    });
  }
  if (tableFingerprint(ratings.rows) !== tableFingerprint(rankings.rows))
    throw new RmbenchError("data", `the runs did not score the same pairs of ${suite}`, {
      hint: "run both on the same file of pairs with the same --limit, --where and --ids",
    });
  const [rated, ranked] = [compareResponses(ratings), compareResponses(rankings)];
  if (rated.n !== ranked.n) throw new RmbenchError("data", `the runs did not make the same comparisons of ${suite}`);
  const both = Array.from({ length: rated.n }, (_, i) => i).filter(
    (i) => !Number.isNaN(rated.margin[i]!) && !Number.isNaN(ranked.margin[i]!),
  );
  const { agrees, ...agreement } = signAgreement(
    both.map((i) => rated.margin[i]!),
    both.map((i) => ranked.margin[i]!),
  );
  return {
    ...agreement,
    ...shareOf(rated, ratings.rows, both, agrees, level),
    leftOut: rated.n - both.length,
  };
}
