import { Scorer } from "../../../src/inference/execute.ts";
import { memoryStore } from "../../../src/inference/memory-store.ts";
import { describeModel } from "../../../src/models/describe.ts";
import type { JudgeOptions } from "../../../src/models/judge/settings.ts";
import type { ModelContext, Score } from "../../../src/models/reward-model.ts";
import type { Question } from "../../../src/questions/question.ts";
import { context, options } from "../support.ts";

/** Scores of a judge that is asked as a run asks it. */
export async function judged(
  spec: string,
  judge: JudgeOptions,
  questions: readonly Question[],
  outside: ModelContext = context({}),
): Promise<Score[]> {
  const model = await describeModel(spec, options({ judge }), outside);
  await using scorer = new Scorer(model, memoryStore(), { signal: outside.signal, emit: () => {} });
  return (await scorer.answer(questions)).map(({ score }) => score);
}
