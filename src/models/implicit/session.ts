import type { Score, Session } from "../reward-model.ts";
import type { Likelihood } from "./likelihood.ts";
import { rewardOf, sumOf, type Rule } from "./reward.ts";

/** Opens both models; every batch is asked of both at once. */
export async function sessionOf(
  policy: Likelihood,
  reference: Likelihood | null,
  rule: Rule,
  signal: AbortSignal,
): Promise<Session> {
  const first = await policy.open(signal);
  let second: Session | null;
  try {
    second = reference === null ? null : await reference.open(signal);
  } catch (error) {
    await first[Symbol.asyncDispose]();
    throw error;
  }
  const sessions = second === null ? [first] : [first, second];
  return {
    async score(batch, to) {
      // Both have ended before one's error is thrown: the batch may be asked again at once.
      const settled = await Promise.allSettled(sessions.map((session) => session.score(batch, to)));
      const [own, its] = settled.map((result) => {
        if (result.status === "rejected") throw result.reason;
        return result.value;
      });
      return own!.map((score, i) => combined(score, its === undefined ? null : its[i]!, rule));
    },
    device: () => {
      const own = first.device();
      if (second === null) return own;
      const { used } = second.device();
      return { ...own, used: own.used === used ? used : `${own.used}, reference ${used}` };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(sessions.map((session) => session[Symbol.asyncDispose]()));
    },
  };
}

/** The reward of one response, with what it is made of as attributes; what is not finite is left out of them. */
function combined(policy: Score, reference: Score | null, rule: Rule): Score {
  if (policy.status !== "ok") return policy;
  if (reference !== null && reference.status !== "ok") {
    if (reference.status === "unparsable") return reference;
    return { ...reference, message: `the reference: ${reference.message}` };
  }
  const own = policy.vector ?? [];
  const its = reference === null ? null : (reference.vector ?? []);
  if (own.length === 0 || (its !== null && its.length !== own.length)) {
    const message = `${own.length} log-probabilities of the policy, ${its?.length ?? 0} of the reference`;
    return { status: "failed", code: "bad-answer", message };
  }
  const sums = { policy: sumOf(own), reference: its === null ? Number.NaN : sumOf(its) };
  const attributes = {
    policy_logprob: sums.policy,
    reference_logprob: sums.reference,
    log_ratio: sums.policy - sums.reference,
    response_tokens: own.length,
  };
  return {
    status: "ok",
    value: rewardOf(own, its, rule),
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => Number.isFinite(value))),
  };
}
