/** Labels of pairs by the vote of several models (Secrets of RLHF in Large Language Models Part II, 2401.06080). Pure. */
import { preferenceStrength } from "../stats/preference-strength.ts";
import { quantile, sorted } from "../stats/quantile.ts";
import type { Strengths } from "./strengths.ts";

const auditLabels = ["incorrect", "ambiguous", "normal", "strong"] as const;
type AuditLabel = (typeof auditLabels)[number];

/**
 * What a person may do about a label; nothing here changes one. `flip`: the models agree against it (|μ| > σ).
 * `review`: they lean against it, and disagree. `soften`: nobody is sure: a soft label, or none. `keep`: all is well.
 */
type Suggestion = "flip" | "review" | "soften" | "keep";

export interface AuditRules {
  /** μ below this is `incorrect`; in standard deviations of a model's margins, unless they are raw. */
  incorrectBelow: number;
  /** Of all pairs, the share that is `ambiguous`: those of the lowest μ that are not incorrect. */
  ambiguousShare: number;
  /** Of all pairs, the share that is `strong`: those of the highest μ. */
  strongShare: number;
}

/** The paper's: below 0 labels are mostly wrong, the next fifth of the pairs is ambiguous, the top tenth strong. */
export const defaultRules: AuditRules = { incorrectBelow: 0, ambiguousShare: 0.2, strongShare: 0.1 };

interface AuditedPair {
  subset: string;
  id: string;
  /** Mean preference strength over the models, and its population standard deviation. */
  mu: number;
  sigma: number;
  /** Models with a margin, and how many of them prefer the rejected response. */
  models: number;
  against: number;
  label: AuditLabel;
  suggestion: Suggestion;
}

export interface Audit {
  /** The most suspicious first. */
  pairs: AuditedPair[];
  /** Pairs for which fewer than two models have a margin; they have no label. */
  unscored: number;
  counts: Readonly<Record<AuditLabel, number>>;
  /** What the shares came to: μ below `ambiguous` is ambiguous, from `strong` on it is strong; null without pairs. */
  thresholds: { incorrect: number; ambiguous: number | null; strong: number | null };
}

/** Labels every pair that at least two models scored. Pairs of one μ come in the order given. */
export function auditPairs(strengths: readonly Strengths[], rules: AuditRules): Audit {
  const measured = strengths.flatMap(({ subset, id, margins }) => {
    const votes = margins.filter((margin) => !Number.isNaN(margin));
    if (votes.length < 2) return [];
    const against = votes.filter((margin) => margin < 0).length;
    return [{ subset, id, ...preferenceStrength(votes), models: votes.length, against }];
  });
  const ordered = sorted(measured.map(({ mu }) => mu));
  const incorrect = ordered.filter((mu) => mu < rules.incorrectBelow).length;
  const upTo = (share: number) => quantile(ordered, Math.min(1, share));
  const thresholds = {
    incorrect: rules.incorrectBelow,
    ambiguous: upTo(incorrect / Math.max(1, ordered.length) + rules.ambiguousShare),
    strong: upTo(1 - rules.strongShare),
  };
  const labelOf = (mu: number): AuditLabel => {
    if (mu < thresholds.incorrect) return "incorrect";
    if (rules.ambiguousShare > 0 && thresholds.ambiguous !== null && mu < thresholds.ambiguous) return "ambiguous";
    return rules.strongShare > 0 && thresholds.strong !== null && mu >= thresholds.strong ? "strong" : "normal";
  };
  const pairs = measured
    .map((pair) => ({ ...pair, label: labelOf(pair.mu) }))
    .map((pair) => ({ ...pair, suggestion: suggestionOf(pair) }))
    .sort((a, b) => a.mu - b.mu);
  const counts = Object.fromEntries(
    auditLabels.map((label) => [label, pairs.filter((pair) => pair.label === label).length]),
  ) as Record<AuditLabel, number>;
  return { pairs, unscored: strengths.length - measured.length, counts, thresholds };
}

function suggestionOf({ label, mu, sigma }: Pick<AuditedPair, "label" | "mu" | "sigma">): Suggestion {
  if (label === "incorrect") return -mu > sigma ? "flip" : "review";
  return label === "ambiguous" ? "soften" : "keep";
}
