import type { RewardModel } from "../models/reward-model.ts";
import type { Question } from "../questions/question.ts";
import { distinct } from "./distinct.ts";
import { identityHash } from "./key.ts";
import { plan } from "./plan.ts";
import type { ScoreStore } from "./store.ts";

/** What scoring a window would take. */
export interface Preview {
  questions: number;
  distinct: number;
  stored: number;
  /** Input tokens of the questions that are not stored. */
  tokens: number;
  truncated: number;
  droppedDocuments: number;
  /** Distinct questions that cannot be asked. */
  refused: number;
  batches: number;
}

/** Counts tokens, truncations, batches and stored scores; loads no weights and scores nothing. */
export async function preview(questions: readonly Question[], model: RewardModel, store: ScoreStore): Promise<Preview> {
  const { unique } = distinct(identityHash(model.identity), questions);
  const missing = unique.filter(({ key }) => store.get(key) === undefined);
  const prepared = await model.prepare(missing.map(({ question }) => question));
  const asked = prepared.filter((item) => item.refused === null);
  const { batching, batchSize, batchTokens } = model.limits;
  return {
    questions: questions.length,
    distinct: unique.length,
    stored: unique.length - missing.length,
    tokens: asked.reduce((sum, item) => sum + item.tokens, 0),
    truncated: asked.filter((item) => item.truncated).length,
    droppedDocuments: asked.reduce((sum, item) => sum + item.droppedDocuments, 0),
    refused: prepared.length - asked.length,
    batches: plan(
      asked.map((item) => item.tokens),
      { batchTokens, batchSize: batching === "single" ? 1 : batchSize },
    ).length,
  };
}
