import { RmbenchError } from "../../errors.ts";
import type { Question, QuestionKind } from "../../questions/question.ts";
import type { OutputKind, Score } from "../reward-model.ts";
import { checklist } from "./checklist.ts";
import { pairwise } from "./pairwise.ts";
import type { Prompt } from "./prompts/prompt.ts";
import type { Call, Reply } from "./provider.ts";
import { ranking } from "./ranking.ts";
import { critiqueThenRating, principledRating, rating } from "./rating.ts";
import { referenced } from "./referenced.ts";
import { readBy, unread, type JudgeOptions } from "./settings.ts";

/** What a score of log-probabilities may rest on besides them; counted, and told at the end. */
export type Note = "one-sided" | "unseen" | "unlisted";

/** A protocol's way to the judge. */
export interface Interview {
  /** Asks for a verdict: one token with log-probabilities where those are used, else words. */
  verdict: (call: Call) => Promise<Reply>;
  /** Asks for words. */
  words: (call: Call) => Promise<Reply>;
  /** Most tokens of words. */
  maxTokens: number;
  note: (note: Note) => void;
  /** Counts the letter that a verdict names, for a liking of places shows there only. */
  named: (letter: string) => void;
}

/** How a question becomes requests, and their replies a score. */
export interface JudgeProtocol {
  asks: QuestionKind;
  output: OutputKind;
  prompts: readonly Prompt[];
  /** What else of the settings is part of the prompts, as JSON; empty where nothing is. */
  given: string;
  /** Requests that a question takes: for verdicts, and for words that a further request repeats. */
  requests: { verdicts: number; words: number };
  /**
   * The requests that are known before anything is answered.
   * @throws RmbenchError `model` where the question cannot be put.
   */
  calls(question: Question): Call[];
  judge(calls: readonly Call[], interview: Interview, question: Question): Promise<Score>;
}

/** @param logprobs whether verdicts are read from log-probabilities. @throws RmbenchError `usage` where settings are missing. */
export function judgeProtocol(options: JudgeOptions, logprobs: boolean): JudgeProtocol {
  const protocol = protocolOf(options, logprobs);
  return options.referenceTag === undefined ? protocol : referenced(protocol);
}

function protocolOf(options: JudgeOptions, logprobs: boolean): JudgeProtocol {
  if (options.protocol === undefined) refuseUnread(options);
  switch (options.protocol ?? "pairwise") {
    case "pairwise":
      return pairwise(logprobs);
    case "ranking":
      return ranking(logprobs);
    case "rating":
      return rating(logprobs);
    case "critique":
      return critiqueThenRating(logprobs);
    case "principle":
      return principledRating(logprobs, needed(options, "principles"), options.negate ?? []);
    case "checklist":
      return checklist(logprobs, needed(options, "checklist"));
  }
}

/** @throws RmbenchError `usage` where settings of another protocol are given, and no protocol. */
function refuseUnread(options: JudgeOptions): void {
  const [key] = unread("pairwise", options);
  if (key === undefined) return;
  throw new RmbenchError("usage", `judge.${key} is set, which the judge protocol pairwise does not read`, {
    hint: `--judge, or judge.protocol, ${readBy[key]} does`,
  });
}

function needed<K extends "principles" | "checklist">(options: JudgeOptions, key: K): NonNullable<JudgeOptions[K]> {
  const value = options[key];
  if (value !== undefined) return value;
  throw new RmbenchError("usage", `the judge protocol ${options.protocol} needs judge.${key} in the configuration`, {
    hint: "docs/judges.md shows the section judge: of rmbench.config.yaml",
  });
}
