import { RmbenchError } from "../../errors.ts";
import type { OutputKind } from "../reward-model.ts";
import type { ImplicitSettings } from "./settings.ts";

/** Of f'(u), by name; `alpha` with its parameter in (0, 1). */
export type Divergence = "reverse-kl" | "forward-kl" | "js" | { alpha: number };

/**
 * f'(u) of an f-divergence at u = π(y|x) / π_ref(y|x), from log u, without computing u (arXiv 2309.16240, from memory):
 * log u + 1; −1/u; log(2u / (1 + u)); (1 − u^−α) / α.
 */
export function derivative(divergence: Divergence, logRatio: number): number {
  switch (divergence) {
    case "reverse-kl":
      return logRatio + 1;
    case "forward-kl":
      return -Math.exp(-logRatio);
    case "js":
      return Math.LN2 - softplus(-logRatio);
    default:
      return -Math.expm1(-divergence.alpha * logRatio) / divergence.alpha;
  }
}

/** How token log-probabilities become a reward. */
export interface Rule {
  reduction: "sum" | "average" | "norm";
  divergence: Divergence;
  /** Null: not given, so that rewards are log-ratios of unknown scale. */
  beta: number | null;
}

/**
 * The rule that the settings ask for.
 * @throws RmbenchError `usage` for combinations that no paper defines.
 */
export function ruleOf({ reduction = "sum", divergence = "reverse-kl", beta }: ImplicitSettings, free: boolean): Rule {
  if (reduction === "norm" && !free) {
    throw new RmbenchError("usage", "implicit: reduction=norm is for rewards without a reference", {
      hint: "take sum or average, or say reference=none",
    });
  }
  if (divergence !== "reverse-kl" && (free || reduction !== "sum")) {
    const what = free
      ? "without a reference there is no ratio for it"
      : `it is of whole responses, not of their ${reduction}`;
    throw new RmbenchError("usage", `implicit: divergence=${divergence} cannot be had: ${what}`, {
      hint: "leave `divergence` out, or take reduction=sum with a reference",
    });
  }
  const [, alpha] = /^alpha:(.*)$/.exec(divergence) ?? [];
  return {
    reduction,
    divergence: alpha === undefined ? (divergence as Exclude<Divergence, object>) : { alpha: Number(alpha) },
    beta: beta ?? null,
  };
}

/** σ(margin) is the training's probability only where its β is known. */
export function outputOf({ beta }: Rule): OutputKind {
  return beta === null ? "log-ratio" : "bradley-terry";
}

/**
 * The reward of a response from the log-probabilities of its tokens under the policy and, where there is one, the
 * reference: β f'(π / π_ref), where reverse KL leaves out the constant 1, which no margin sees. Without a reference β times
 * the sum, the average, or minus the Euclidean norm of the policy's (allenai/reward-bench `rewardbench/dpo.py`: sum, avg, norm).
 */
export function rewardOf(policy: readonly number[], reference: readonly number[] | null, rule: Rule): number {
  const { reduction, divergence, beta } = rule;
  const scale = beta ?? 1;
  if (reduction === "norm") return -scale * Math.sqrt(sumOf(policy.map((value) => value ** 2)));
  const difference = sumOf(policy) - (reference === null ? 0 : sumOf(reference));
  const reduced = reduction === "average" ? difference / policy.length : difference;
  return scale * (divergence === "reverse-kl" ? reduced : derivative(divergence, reduced));
}

export function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** log(1 + e^x). */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
