import type { Conversation, Question } from "./question.ts";

/** The question with each of its conversations changed, in its order. */
export function mapConversations(question: Question, change: (of: Conversation) => Conversation): Question {
  switch (question.kind) {
    case "pointwise":
      return { kind: "pointwise", of: change(question.of) };
    case "pairwise":
      return { kind: "pairwise", a: change(question.a), b: change(question.b) };
    case "listwise":
      return { kind: "listwise", of: question.of.map(change) };
  }
}

/** Its conversations, in its order. */
export function conversationsOf(question: Question): readonly Conversation[] {
  switch (question.kind) {
    case "pointwise":
      return [question.of];
    case "pairwise":
      return [question.a, question.b];
    case "listwise":
      return question.of;
  }
}
