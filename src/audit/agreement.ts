/** One judge's ratings against its rankings of the same pairs. Pure. */
import { RmbenchError } from "../errors.ts";
import { sampleOf, itemMeans } from "../metrics/sample.ts";
import { compareResponses } from "../protocols/comparisons.ts";
import { outcomeState } from "../protocols/protocol.ts";
import { tableFingerprint } from "../scores/rows.ts";
import type { ScoreTable } from "../scores/table.ts";
import type { Bounds } from "../stats/proportion.ts";
import { proportionInterval } from "../stats/proportion-interval.ts";
import { signAgreement, type SignAgreement } from "../stats/sign-agreement.ts";

export interface RatingRankingAgreement extends Omit<SignAgreement, "agrees"> {
  /** agreeing / n, with its interval (clusters as everywhere); null without comparisons. */
  share: number | null;
  interval: Bounds | null;
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
  const credit = new Float64Array(rated.n).fill(Number.NaN);
  const state = new Uint8Array(rated.n).fill(outcomeState.indexOf("failed"));
  for (const [k, i] of both.entries()) [credit[i], state[i]] = [agrees[k]!, outcomeState.indexOf("judged")];
  const sample = sampleOf({ ...rated, credit, state }, ratings.rows);
  const estimate =
    both.length === 0
      ? null
      : proportionInterval(
          itemMeans(sample, (k) => sample.credit[k]!),
          level,
        );
  return {
    ...agreement,
    share: estimate?.estimate ?? null,
    interval: estimate?.interval ?? null,
    leftOut: rated.n - both.length,
  };
}
