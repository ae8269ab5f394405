import { mean } from "./sums.ts";

export interface BradleyTerryFit {
  /** Log strengths with mean 0. */
  strength: number[];
  /** √ of the mean of (P(i ≻ j) − σ(sᵢ − sⱼ))² over the compared pairs: 0 where one reward each explains all of them. */
  residual: number;
}

const mostSteps = 10_000;
const settled = 1e-12;

/**
 * Maximum-likelihood Bradley–Terry strengths of candidates by Hunter's MM algorithm (2004, Annals of Statistics 32:384), each
 * compared pair as one comparison that i wins with P(i ≻ j).
 * @param probability P(i ≻ j) in (0, 1), with P(j ≻ i) = 1 − P(i ≻ j), NaN where the two were not compared
 * @returns null for fewer than two candidates, or where one was compared with no other
 */
export function bradleyTerry(probability: readonly (readonly number[])[]): BradleyTerryFit | null {
  const n = probability.length;
  const compared = (i: number, j: number): boolean => i !== j && !Number.isNaN(probability[i]![j]!);
  const others = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j) => j).filter((j) => compared(i, j)),
  );
  if (n < 2 || others.some((list) => list.length === 0)) return null;
  const wins = others.map((list, i) => list.reduce((sum, j) => sum + probability[i]![j]!, 0));
  // Where all were compared, mean log-odds are the strengths of any table that has some, and near them otherwise.
  const complete = others.every((list) => list.length === n - 1);
  const logOdds = (p: number): number => Math.log(p) - Math.log1p(-p);
  let worth = others.map((list, i) =>
    complete ? Math.exp(list.reduce((sum, j) => sum + logOdds(probability[i]![j]!), 0) / n) : 1,
  );
  for (let step = 0; step < mostSteps; step++) {
    const next = others.map((list, i) => wins[i]! / list.reduce((sum, j) => sum + 1 / (worth[i]! + worth[j]!), 0));
    const scale = Math.exp(mean(next.map(Math.log)));
    const scaled = next.map((value) => value / scale);
    const moved = Math.max(...scaled.map((value, i) => Math.abs(Math.log(value / worth[i]!))));
    worth = scaled;
    if (moved < settled) break;
  }
  const squares = others.flatMap((list, i) =>
    list.map((j) => (probability[i]![j]! - worth[i]! / (worth[i]! + worth[j]!)) ** 2),
  );
  return { strength: worth.map(Math.log), residual: Math.sqrt(mean(squares)) };
}
