import { RmbenchError } from "../../errors.ts";
import { softplus } from "../../stats/logistic.ts";
import { quantile, sorted } from "../../stats/quantile.ts";

/** The rewards of one member over the whole run, with their standard deviations where the model gives them. */
export interface MemberColumn {
  id: string;
  value: Float64Array;
  std: Float64Array | null;
}

/** How an ensemble makes one reward of its members'. */
export interface EnsembleRule {
  name: string;
  summary: string;
  /** Names of its numbers with what they are where the spec does not say. */
  numbers: Readonly<Record<string, number>>;
  /** Whether members are brought to mean 0 and standard deviation 1 before, unless `raw` is asked for. */
  normalises: boolean;
  /** @throws RmbenchError `data` where the members do not give what it needs, `usage` for a number out of range. */
  reward(members: readonly MemberColumn[], numbers: Readonly<Record<string, number>>): Float64Array;
}

/** Every rule, in the order of `rmbench list models`. Register a new one here. */
export const ensembleRules: readonly EnsembleRule[] = [
  {
    name: "mean",
    summary: "mean",
    numbers: {},
    normalises: true,
    reward: (members) => perEntry(members, meanOf),
  },
  {
    name: "min",
    summary: "min",
    numbers: {},
    normalises: true,
    reward: (members) => perEntry(members, (values) => Math.min(...values)),
  },
  {
    name: "median",
    summary: "median",
    numbers: {},
    normalises: true,
    reward: (members) =>
      perEntry(members, (values) => (values.some(Number.isNaN) ? Number.NaN : quantile(sorted(values), 0.5)!)),
  },
  {
    // RewardBench's offline ensembles, with k = 1 (allenai/reward-bench at 78fb8a3, analysis/run_ensemble_offline.py).
    name: "mean-std",
    summary: "mean-std[,k=1]",
    numbers: { k: 1 },
    normalises: true,
    reward: (members, { k }) => perEntry(members, (values) => meanOf(values) - k! * spreadOf(values)),
  },
  {
    name: "lsc",
    summary: "lsc[,quantile=0.85]",
    numbers: { quantile: 0.85 },
    normalises: false,
    reward(members, numbers) {
      const p = inUnit("ensemble:lsc", "quantile", numbers["quantile"]!);
      const references = members.map(({ id, value }) => {
        const reference = quantile(sorted(value.filter(Number.isFinite)), p);
        if (reference === null) throw new RmbenchError("data", `ensemble:lsc: ${id} gave no reward`);
        return reference;
      });
      return perEntry(members, (values) => logSigmoidSum(values, references));
    },
  },
  {
    name: "robust",
    summary: "robust[,alpha=0.4]",
    numbers: { alpha: 0.4 },
    normalises: true,
    reward(members, numbers) {
      const alpha = inUnit("ensemble:robust", "alpha", numbers["alpha"]!);
      const plain = members.find(({ std }) => std === null);
      if (plain !== undefined) {
        throw new RmbenchError("data", `ensemble:robust: ${plain.id} gives rewards without a standard deviation`, {
          hint: "its nominal reward is that of the surest member; ensemble:mean-std and ensemble:min need none",
        });
      }
      return perEntry(members, (values, i) => {
        const deviations = members.map(({ std }) => std![i]!);
        return robustReward(values, deviations, alpha);
      });
    },
  },
];

/** Σ log σ(r_i − reference_i): the log probability that a response is good by all rewards (arXiv 2402.00742, eq. of § 4). */
export function logSigmoidSum(rewards: readonly number[], references: readonly number[]): number {
  return rewards.reduce((sum, reward, i) => sum - softplus(references[i]! - reward), 0);
}

/** α · (the reward with the smallest deviation) + (1 − α) · (the smallest reward): Reward-Robust RLHF (arXiv 2409.15360). */
export function robustReward(rewards: readonly number[], deviations: readonly number[], alpha: number): number {
  const surest = deviations.indexOf(Math.min(...deviations));
  return surest < 0 ? Number.NaN : alpha * rewards[surest]! + (1 - alpha) * Math.min(...rewards);
}

/** Population standard deviation, as numpy's. */
export function spreadOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function perEntry(
  members: readonly MemberColumn[],
  of: (values: readonly number[], entry: number) => number,
): Float64Array {
  return members[0]!.value.map((_, i) =>
    of(
      members.map(({ value }) => value[i]!),
      i,
    ),
  );
}

function inUnit(ensemble: string, name: string, value: number): number {
  if (value >= 0 && value <= 1) return value;
  throw new RmbenchError("usage", `${ensemble}: ${name} is ${value}, not in [0, 1]`);
}
