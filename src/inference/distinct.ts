import type { Question } from "../questions/question.ts";
import { scoreKey, type ScoreKey } from "./key.ts";

export interface Distinct {
  unique: { key: ScoreKey; question: Question }[];
  /** For each question its index in `unique`. */
  place: Uint32Array;
}

/** Questions that differ, in the order of their first appearance. @param identity as `identityHash` gives it. */
export function distinct(identity: string, questions: readonly Question[]): Distinct {
  const seen = new Map<string, number>();
  const unique: Distinct["unique"] = [];
  const place = Uint32Array.from(questions, (question) => {
    const key = scoreKey(identity, question);
    const name = key.toString("latin1");
    const known = seen.get(name);
    if (known !== undefined) return known;
    seen.set(name, unique.length);
    return unique.push({ key, question }) - 1;
  });
  return { unique, place };
}
