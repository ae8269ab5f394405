import { RmbenchError } from "../../errors.ts";
import { spearman } from "../../stats/rank-correlation.ts";
import type { Combination } from "./combination.ts";
import { parseParameters, refuseMissingAttribute } from "./parameters.ts";
import { attributeNames, runColumn, withEntries } from "./run-columns.ts";
import { weightedSum } from "./weighted.ts";

/** Largest |Spearman(r_k′, r_verbosity)| that is left, as in the released training code of ArmoRM. */
const mostCorrelation = 0.028;
const mostHalvings = 60;

/**
 * ArmoRM's combination without verbosity (arXiv 2406.12845): r_k′ = r_k − λ_k · r_verbosity for every other objective k, with
 * the λ_k nearest 0 for which |Spearman(r_k′, r_verbosity)| ≤ 0.028 over the run. The reward is Σ w_k · r_k′; without weights
 * the mean. ArmoRM itself looks for λ_k ≥ 0 on a grid, and weighs by its gate, which is not part of its scores.
 */
export const decorrelated: Combination = {
  name: "decorrelated",
  summary:
    "decorrelated:<verbosity attribute>[,a=1,…](model), objectives without their rank correlation with verbosity",
  members: "one",
  plan(parameter) {
    const { words, numbers: weights } = parseParameters("decorrelated", parameter);
    const [verbosity, more] = words;
    if (verbosity === undefined || more !== undefined || Object.hasOwn(weights, verbosity)) {
      throw new RmbenchError("usage", "decorrelated names one attribute without a weight, that of verbosity", {
        hint: "write decorrelated:verbosity(model) or decorrelated:verbosity,helpfulness=1,correctness=0.5(model)",
      });
    }
    const chosen = Object.keys(weights).sort();
    return {
      parameters: { verbosity, weights: chosen.map((name) => `${name}=${weights[name]}`).join(",") || "equal" },
      asks: ["pointwise"],
      wholeRun: true,
      seeded: false,
      output: () => "other",
      combine([member]) {
        const { id, tables } = member!;
        const there = attributeNames(tables);
        for (const name of [verbosity, ...chosen]) refuseMissingAttribute("decorrelated", id, name, there);
        const names = chosen.length > 0 ? chosen : there.filter((name) => name !== verbosity);
        if (names.length === 0) {
          throw new RmbenchError("data", `decorrelated: ${id} has no attribute beside ${verbosity}`);
        }
        const column = (name: string): Float64Array => runColumn(tables, ({ attributes }) => attributes[name]);
        const against = column(verbosity);
        const freed = names.map((name) => withoutCorrelation(column(name), against));
        const weight = names.map((name) => (chosen.length > 0 ? weights[name]! : 1 / names.length));
        const value = weightedSum(freed, weight);
        return withEntries(tables, ({ n, attributes }, start) => ({
          value: value.slice(start, start + n),
          std: null,
          attributes: {
            ...attributes,
            ...Object.fromEntries(names.map((name, k) => [name, freed[k]!.slice(start, start + n)])),
          },
        }));
      },
    };
  },
};

/** r − λ · v. */
function withoutCorrelation(reward: Float64Array, verbosity: Float64Array): Float64Array {
  const known = Array.from(reward.keys()).filter((i) => Number.isFinite(reward[i]) && Number.isFinite(verbosity[i]));
  const lambda = verbosityPenalty(
    Float64Array.from(known, (i) => reward[i]!),
    Float64Array.from(known, (i) => verbosity[i]!),
  );
  return reward.map((r, i) => r - lambda * verbosity[i]!);
}

/**
 * The λ nearest 0 for which |Spearman(r − λ · v, v)| ≤ 0.028. The correlation falls as λ grows, so it is found by halving; of
 * few scores, whose correlation takes few values, it is the λ that leaves least.
 * @param reward finite, as is `verbosity`
 */
export function verbosityPenalty(reward: Float64Array, verbosity: Float64Array): number {
  const correlation = (lambda: number): number =>
    spearman(
      reward.map((r, i) => r - lambda * verbosity[i]!),
      verbosity,
    ) ?? 0;
  const before = correlation(0);
  if (Math.abs(before) <= mostCorrelation) return 0;
  const sign = Math.sign(before);
  const left = (size: number): number => sign * correlation(sign * size);
  let [low, high] = [0, 1e-3];
  while (left(high) > mostCorrelation) [low, high] = [high, 2 * high];
  // What is left at `low` is too much, at `high` it is not: the ends close in on the smallest λ.
  for (let i = 0; i < mostHalvings && left(high) < 0.9 * mostCorrelation; i++) {
    const middle = (low + high) / 2;
    if (left(middle) > mostCorrelation) low = middle;
    else high = middle;
  }
  return sign * (left(high) >= -mostCorrelation || -left(high) <= left(low) ? high : low);
}
