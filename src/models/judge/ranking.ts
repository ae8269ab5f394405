import { RmbenchError } from "../../errors.ts";
import type { Conversation } from "../../questions/question.ts";
import { rankingLetter, rankingVerdict } from "./prompts/ranking.ts";
import type { JudgeProtocol } from "./protocol.ts";
import { answerText, conversationText, fill } from "./render.ts";
import { bracketed, distribution, refusalOf, unfinished } from "./verdict.ts";

const alphabet = Array.from({ length: 26 }, (_, i) => String.fromCharCode(65 + i));

/**
 * All answers side by side, in the order of the question, and the letter of the best one. With log-probabilities an
 * answer's value is that of its letter, in nats; letters that are not listed get the probability of the least likely token
 * listed. From words it is 1 for the answer that is named and 0 for the others.
 */
export function ranking(logprobs: boolean): JudgeProtocol {
  const prompt = logprobs ? rankingLetter : rankingVerdict;
  return {
    asks: "listwise",
    output: logprobs ? "bradley-terry" : "other",
    prompts: [prompt],
    given: "",
    requests: { verdicts: 1, words: 0 },
    calls(question) {
      if (question.kind !== "listwise") {
        throw new RmbenchError(
          "model",
          `this judge names the best of several answers, not of ${question.kind} questions`,
        );
      }
      return [fill(prompt, partsOf(question.of))];
    },
    async judge([call], { verdict, maxTokens, note, named }, question) {
      const letters = alphabet.slice(0, question.kind === "listwise" ? question.of.length : 0);
      const reply = await verdict(call!);
      if (!logprobs) {
        const read = unfinished(reply, maxTokens) ?? bracketed(reply, (inside) => indexOf(letters, inside));
        if ("status" in read) return read;
        named(letters[read.value]!);
        return listwise(letters.map((_, i) => Number(i === read.value)));
      }
      const read = refusalOf(reply) ?? distribution(reply, letters);
      if ("status" in read) return read;
      if (read.logprobs.includes(null)) note("unlisted");
      const values = read.logprobs.map((logprob) => logprob ?? read.least);
      named(letters[values.indexOf(Math.max(...values))]!);
      return listwise(values);
    },
  };
}

function listwise(vector: readonly number[]) {
  return { status: "ok", value: Number.NaN, vector } as const;
}

function indexOf(letters: readonly string[], letter: string): number | null {
  const at = letters.indexOf(letter);
  return at < 0 ? null : at;
}

/** @throws RmbenchError `model` where there is nothing to choose from, or more than there are letters. */
function partsOf(candidates: readonly Conversation[]): Record<string, string> {
  if (candidates.length < 2 || candidates.length > alphabet.length) {
    throw new RmbenchError(
      "model",
      `this judge names the best of 2 to ${alphabet.length} different answers, and the question has ${candidates.length}; --judge rating judges each by itself`,
    );
  }
  const conversations = new Set(candidates.map(conversationText));
  if (conversations.size > 1) {
    throw new RmbenchError("model", "the answers belong to different prompts; --judge rating judges each by its own");
  }
  const letters = alphabet.slice(0, candidates.length);
  const answers = candidates.map((candidate, i) => {
    const mark = `answer_${letters[i]!.toLowerCase()}`;
    return `<${mark}>\n${answerText(candidate)}\n</${mark}>`;
  });
  const [conversation] = conversations;
  return {
    conversation: conversation!,
    answers: answers.join("\n\n"),
    letters: `${letters.slice(0, -1).join(", ")} or ${letters.at(-1)!}`,
  };
}
