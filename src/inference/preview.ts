import type { RewardModel } from "../models/reward-model.ts";
import type { Question } from "../questions/question.ts";
import { distinct } from "./distinct.ts";
import { identityHash } from "./key.ts";
import { planMissing, type Askable } from "./plan.ts";
import type { ScoreStore } from "./store.ts";

/** What scoring a window would take, given the windows before it: what they score is stored by then. */
export interface Preview {
  questions: number;
  /** Questions that no window before has asked. */
  distinct: number;
  /** Of those, the stored ones. */
  stored: number;
  /** Input tokens of the questions that have to be scored. */
  tokens: number;
  truncated: number;
  droppedDocuments: number;
  /** Distinct questions that cannot be asked. */
  refused: number;
  batches: number;
}

/**
 * Counts tokens, truncations, batches and stored scores, window by window; loads no weights and scores nothing. The sum
 * over the windows is what a run would do, provided that no text fails.
 */
export function previewer(model: RewardModel, store: ScoreStore): (window: readonly Question[]) => Promise<Preview> {
  const identity = identityHash(model.identity);
  /** Tokens of every question so far that has a score once its window is done; null: it cannot be asked. */
  const seen = new Map<string, number | null>();
  return async (questions) => {
    const { unique } = distinct(identity, questions);
    const named = unique.map((one) => ({ ...one, name: one.key.toString("latin1") }));
    const fresh = named.filter(({ name }) => !seen.has(name));
    const missing = fresh.filter(({ key, name }) => {
      const stored = store.get(key);
      if (stored !== undefined) seen.set(name, stored.tokens);
      return stored === undefined;
    });
    const prepared = await model.prepare(missing.map(({ question }) => question));
    const asked = prepared.filter((item) => item.refused === null);
    const toScore = new Map(missing.map(({ name }, i) => [name, prepared[i]!]));
    for (const [name, { tokens, refused }] of toScore) seen.set(name, refused === null ? tokens : null);
    const askable = named.flatMap(({ name, group }): Askable[] => {
      const tokens = seen.get(name) ?? null;
      return tokens === null ? [] : [{ tokens, stored: !toScore.has(name), group }];
    });
    return {
      questions: questions.length,
      distinct: fresh.length,
      stored: fresh.length - missing.length,
      tokens: asked.reduce((sum, item) => sum + item.tokens, 0),
      truncated: asked.filter((item) => item.truncated).length,
      droppedDocuments: asked.reduce((sum, item) => sum + item.droppedDocuments, 0),
      refused: prepared.length - asked.length,
      batches: planMissing(askable, model.limits).length,
    };
  };
}
