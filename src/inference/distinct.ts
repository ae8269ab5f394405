import type { Question } from "../questions/question.ts";
import { promptKey, scoreKey, type ScoreKey } from "./key.ts";

export interface Distinct {
  /** `group`: questions with the same prompt have the same number. */
  unique: { key: ScoreKey; question: Question; group: number }[];
  /** For each question its index in `unique`. */
  place: Uint32Array;
}

/** Questions that differ, in the order of their first appearance. @param identity as `identityHash` gives it. */
export function distinct(identity: string, questions: readonly Question[]): Distinct {
  const seen = new Map<string, number>();
  const groups = new Map<string, number>();
  const unique: Distinct["unique"] = [];
  const place = Uint32Array.from(questions, (question) => {
    const key = scoreKey(identity, question);
    const name = key.toString("latin1");
    const known = seen.get(name);
    if (known !== undefined) return known;
    seen.set(name, unique.length);
    const prompt = promptKey(question);
    const group = groups.get(prompt) ?? groups.size;
    groups.set(prompt, group);
    return unique.push({ key, question, group }) - 1;
  });
  return { unique, place };
}
