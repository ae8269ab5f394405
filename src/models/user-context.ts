import { inContext } from "../questions/context.ts";
import type { Question } from "../questions/question.ts";
import type { RewardModel } from "./reward-model.ts";

/**
 * How a model prepares questions, also those on behalf of a user: one that does not read whose taste is asked for would answer
 * another question, so they are refused for it.
 */
export function refusingContext(model: RewardModel): RewardModel["prepare"] {
  if (model.takesContext === true) return (questions) => model.prepare(questions);
  const refused = { code: "unsupported", message: "this model takes no context pairs of a user" } as const;
  return async (questions) => {
    const prepared = await model.prepare(questions);
    return prepared.map((item, i) => (hasContext(questions[i]!) ? { ...item, refused } : item));
  };
}

function hasContext(question: Question): boolean {
  const conversations =
    question.kind === "pointwise"
      ? [question.of]
      : question.kind === "pairwise"
        ? [question.a, question.b]
        : question.of;
  return conversations.some(({ context }) => context !== undefined && context.length > 0);
}

const told = [
  {
    prompt: [{ role: "user", content: "What is a tide?" }],
    chosen: "The sea rises and falls twice a day, for the Moon pulls at it.",
    rejected: "Water.",
  },
  {
    prompt: [{ role: "user", content: "Who invented paper?" }],
    chosen: "It was first made in China, from bark, rags and nets.",
    rejected: "Nobody knows.",
  },
];

/** To a model that asks for a user, the questions on behalf of one: told of nobody, it may score everything alike. */
export function onBehalf(model: RewardModel, questions: Question[]): Question[] {
  return model.takesContext === true ? questions.map((question) => inContext(question, told)) : questions;
}
