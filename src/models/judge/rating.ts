import { RmbenchError } from "../../errors.ts";
import type { Question } from "../../questions/question.ts";
import type { Score } from "../reward-model.ts";
import type { Prompt } from "./prompts/prompt.ts";
import {
  critique,
  critiqueDigit,
  critiqueNumber,
  principleDigit,
  principleNumber,
  ratingDigit,
  ratingNumber,
} from "./prompts/rating.ts";
import type { Interview, JudgeProtocol } from "./protocol.ts";
import type { Call, Reply } from "./provider.ts";
import { answerText, conversationText, fill } from "./render.ts";
import type { JudgeSection } from "./settings.ts";
import { bracketed, distribution, refusalOf, unfinished } from "./verdict.ts";

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
/** Above this share of probability out of sight, an expected rating is counted. */
const mostUnseen = 0.01;

/**
 * Each answer by itself. With log-probabilities the score is the mean of the distribution over the ratings 1 to 9, and its
 * standard deviation stands beside it (G-Eval, arXiv 2303.16634, eq. 1, without its sampling); from words a whole number
 * from 1 to 10.
 */
export function rating(logprobs: boolean): JudgeProtocol {
  return ofOneAnswer(logprobs ? ratingDigit : ratingNumber, {}, "", logprobs);
}

/**
 * A rating by stated principles, some of them negated: SALMON's instructable reward (arXiv 2310.05910), by its list of
 * principles with a definition and a negative definition each.
 * @throws RmbenchError `usage` where a principle is negated that there is not.
 */
export function principledRating(
  logprobs: boolean,
  principles: NonNullable<JudgeSection["principles"]>,
  negate: readonly string[],
): JudgeProtocol {
  const names = principles.map(({ name }) => name);
  const unknown = negate.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new RmbenchError("usage", `judge.negate names ${unknown.join(", ")}, which is no principle`, {
      hint: `the principles are ${names.join(", ")}`,
    });
  }
  const list = principles
    .map((one) => `- ${one.name}: ${negate.includes(one.name) ? one.negativeDefinition : one.definition}`)
    .join("\n");
  return ofOneAnswer(logprobs ? principleDigit : principleNumber, { principles: list }, list, logprobs);
}

function ofOneAnswer(
  prompt: Prompt,
  parts: Readonly<Record<string, string>>,
  given: string,
  logprobs: boolean,
): JudgeProtocol {
  return {
    asks: "pointwise",
    output: "rating",
    prompts: [prompt],
    given,
    requests: { verdicts: 1, words: 0 },
    calls: (question) => [fill(prompt, { ...parts, ...answerParts(question) })],
    judge: async ([call], interview) => readRating(await interview.verdict(call!), logprobs, interview),
  };
}

/** A critique in words, then a rating in its light: two requests for each answer. */
export function critiqueThenRating(logprobs: boolean): JudgeProtocol {
  const second = logprobs ? critiqueDigit : critiqueNumber;
  return {
    asks: "pointwise",
    output: "rating",
    prompts: [critique, second],
    given: "",
    requests: { verdicts: 1, words: 1 },
    calls: (question) => [fill(critique, answerParts(question))],
    async judge([call], interview) {
      const { system, turns } = call!;
      const found = await interview.words(call!);
      const without = unfinished(found, interview.maxTokens);
      if (without !== null) return without;
      if (found.text.trim() === "") return { status: "unparsable", text: "the critique is empty" };
      const next: Call = {
        system,
        turns: [...turns, { role: "assistant", content: found.text }, { role: "user", content: second.user }],
      };
      return readRating(await interview.verdict(next), logprobs, interview);
    },
  };
}

/** The parts of a prompt about one answer. @throws RmbenchError `model` for other questions. */
export function answerParts(question: Question): { conversation: string; answer: string } {
  if (question.kind === "pointwise") {
    return { conversation: conversationText(question.of), answer: answerText(question.of) };
  }
  throw new RmbenchError("model", `this judge sees one answer at a time; it is not asked ${question.kind} questions`);
}

function readRating(reply: Reply, logprobs: boolean, { maxTokens, note }: Interview): Score {
  if (!logprobs) {
    const read = unfinished(reply, maxTokens) ?? bracketed(reply, wholeRating);
    return "value" in read ? { status: "ok", value: read.value } : read;
  }
  const read = refusalOf(reply) ?? distribution(reply, digits);
  if ("status" in read) return read;
  const weights = read.logprobs.map((logprob) => (logprob === null ? 0 : Math.exp(logprob)));
  if (read.unseen > mostUnseen && read.logprobs.includes(null)) note("unseen");
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = weights.reduce((sum, weight, i) => sum + (i + 1) * weight, 0) / total;
  const variance = weights.reduce((sum, weight, i) => sum + (i + 1 - mean) ** 2 * weight, 0) / total;
  return { status: "ok", value: mean, std: Math.sqrt(variance) };
}

function wholeRating(inside: string): number | null {
  const value = Number(inside);
  return /^\d+$/.test(inside) && value >= 1 && value <= 10 ? value : null;
}
