import type { Score } from "../reward-model.ts";
import { checkVerdict, checkWord } from "./prompts/checklist.ts";
import type { Interview, JudgeProtocol } from "./protocol.ts";
import type { Reply } from "./provider.ts";
import { answerParts } from "./rating.ts";
import { fill } from "./render.ts";
import { bracketed, distribution, refusalOf, unfinished } from "./verdict.ts";

/**
 * Yes-or-no questions about one answer, a request for each. The score is the share of yes, with log-probabilities the mean
 * of P(yes) / (P(yes) + P(no)); each question's own value is an attribute. An answer with a question that has no verdict
 * has no score.
 */
export function checklist(logprobs: boolean, items: readonly string[]): JudgeProtocol {
  const prompt = logprobs ? checkWord : checkVerdict;
  return {
    asks: "pointwise",
    output: "rating",
    prompts: [prompt],
    given: JSON.stringify(items),
    requests: { verdicts: items.length, words: 0 },
    calls: (question) => {
      const parts = answerParts(question);
      return items.map((item) => fill(prompt, { ...parts, item }));
    },
    async judge(calls, interview) {
      const shares: number[] = [];
      for (const [i, call] of calls.entries()) {
        const read = readCheck(await interview.verdict(call), logprobs, interview);
        if (typeof read !== "number") return about(items[i]!, read);
        shares.push(read);
      }
      const value = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      return { status: "ok", value, attributes: Object.fromEntries(items.map((item, i) => [item, shares[i]!])) };
    },
  };
}

function readCheck(
  reply: Reply,
  logprobs: boolean,
  { maxTokens, note }: Interview,
): number | Exclude<Score, { status: "ok" }> {
  if (!logprobs) {
    const read = unfinished(reply, maxTokens) ?? bracketed(reply, yesOrNo);
    return "value" in read ? read.value : read;
  }
  const read = refusalOf(reply) ?? distribution(reply, ["yes", "no"]);
  if ("status" in read) return read;
  const [yes, no] = read.logprobs;
  if (yes === null || no === null) note("one-sided");
  return 1 / (1 + Math.exp((no ?? read.least) - (yes ?? read.least)));
}

function yesOrNo(inside: string): number | null {
  const word = inside.toLowerCase();
  return word === "yes" ? 1 : word === "no" ? 0 : null;
}

function about(item: string, score: Exclude<Score, { status: "ok" }>): Score {
  return score.status === "unparsable"
    ? { ...score, text: `${item}: ${score.text}` }
    : { ...score, message: `${item}: ${score.message}` };
}
