import { itemMeans, sampleOf } from "../metrics/sample.ts";
import { outcomeState, type OutcomeTable } from "../protocols/protocol.ts";
import type { RowColumns } from "../scores/table.ts";
import type { Bounds } from "../stats/proportion.ts";
import { proportionInterval } from "../stats/proportion-interval.ts";

export interface Share {
  /** In [0, 1], over rows and their weights as accuracy is; null without comparisons. */
  share: number | null;
  interval: Bounds | null;
}

/**
 * The share of comparisons that hold, with the interval of an accuracy (clusters as everywhere).
 * @param comparisons indices into `outcomes`, and for each 1 where it holds and 0 where not
 */
export function shareOf(
  outcomes: OutcomeTable,
  rows: RowColumns,
  comparisons: readonly number[],
  holds: ArrayLike<number>,
  level: number,
): Share {
  if (comparisons.length === 0) return { share: null, interval: null };
  const credit = new Float64Array(outcomes.n).fill(Number.NaN);
  const state = new Uint8Array(outcomes.n).fill(outcomeState.indexOf("failed"));
  for (const [k, i] of comparisons.entries()) [credit[i], state[i]] = [holds[k]!, outcomeState.indexOf("judged")];
  const sample = sampleOf({ ...outcomes, credit, state }, rows);
  const { estimate, interval } = proportionInterval(
    itemMeans(sample, (k) => sample.credit[k]!),
    level,
  );
  return { share: estimate, interval };
}
