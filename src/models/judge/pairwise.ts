import { RmbenchError } from "../../errors.ts";
import { pairwiseLetter, pairwiseVerdict } from "./prompts/pairwise.ts";
import type { JudgeProtocol } from "./protocol.ts";
import { answerText, conversationText, fill } from "./render.ts";
import { bracketed, distribution, refusalOf, unfinished } from "./verdict.ts";

const verdicts: Readonly<Record<string, number>> = { A: 1, B: -1, C: 0 };

/**
 * Two answers side by side. With log-probabilities the score is log P(A) − log P(B) in nats; where only one of the two is
 * listed the other is given the probability of the least likely token listed, which understates the score. From words it
 * is 1, −1 or, for a tie, 0.
 */
export function pairwise(logprobs: boolean): JudgeProtocol {
  const prompt = logprobs ? pairwiseLetter : pairwiseVerdict;
  return {
    asks: "pairwise",
    output: logprobs ? "bradley-terry" : "other",
    prompts: [prompt],
    given: "",
    requests: { verdicts: 1, words: 0 },
    calls(question) {
      if (question.kind !== "pairwise") {
        throw new RmbenchError("model", `this judge compares two answers; it is not asked ${question.kind} questions`);
      }
      const conversation = conversationText(question.a);
      if (conversation !== conversationText(question.b)) {
        throw new RmbenchError(
          "model",
          "the answers belong to different prompts; --judge rating judges each by its own",
        );
      }
      return [fill(prompt, { conversation, a: answerText(question.a), b: answerText(question.b) })];
    },
    async judge([call], { verdict, maxTokens, note }) {
      const reply = await verdict(call!);
      if (!logprobs) {
        const read = unfinished(reply, maxTokens) ?? bracketed(reply, (inside) => verdicts[inside] ?? null);
        return "value" in read ? { status: "ok", value: read.value } : read;
      }
      const read = refusalOf(reply) ?? distribution(reply, ["A", "B"]);
      if ("status" in read) return read;
      const [a, b] = read.logprobs;
      if (a === null || b === null) note("one-sided");
      return { status: "ok", value: (a ?? read.least) - (b ?? read.least) };
    },
  };
}
