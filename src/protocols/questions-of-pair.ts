import { RmbenchError } from "../errors.ts";
import type { PreferencePair, Response } from "../pairs/pair.ts";
import type { Conversation, QuestionKind, Unit } from "../questions/question.ts";

/**
 * What to ask about a pair whose chosen responses should beat its rejected ones.
 * - `pointwise`: the reward of each response.
 * - `pairwise`: each chosen against each rejected response, in both orders. The unit's side is `chosen`, and its index
 *   numbers the comparisons: chosen index × number of rejected responses + rejected index.
 * @throws RmbenchError `data` when a side has no response; `usage` for questions of another kind.
 */
export function questionsOfPair(
  pair: PreferencePair,
  row: number,
  ask: QuestionKind,
  documentTemplate: string,
): Unit[] {
  if (pair.chosen.length === 0 || pair.rejected.length === 0) {
    const side = pair.chosen.length === 0 ? "chosen" : "rejected";
    throw new RmbenchError("data", `row ${row} (subset ${pair.subset}, id ${pair.id}) has no ${side} response`, {
      hint: "a protocol that compares responses needs at least one on each side: drop the row, or choose a protocol for its labels",
    });
  }
  const conversation = (prompt: PreferencePair["prompt"], response: Response): Conversation => ({
    prompt,
    documents: pair.documents === null ? null : { template: documentTemplate, items: pair.documents },
    tools: pair.tools,
    response,
  });
  const chosen = pair.chosen.map((response) => conversation(pair.prompt, response));
  const rejected = pair.rejected.map((response) => conversation(pair.rejectedPrompt ?? pair.prompt, response));
  if (ask === "pointwise") {
    return [
      ...chosen.map((of, index) => ({ question: { kind: ask, of }, row, side: "chosen", index, order: 0 }) as const),
      ...rejected.map(
        (of, index) => ({ question: { kind: ask, of }, row, side: "rejected", index, order: 0 }) as const,
      ),
    ];
  }
  if (ask === "pairwise") {
    return chosen.flatMap((good, c) =>
      rejected.flatMap((bad, r): Unit[] => {
        const place = { row, side: "chosen", index: c * rejected.length + r } as const;
        return [
          { question: { kind: ask, a: good, b: bad }, ...place, order: 0 },
          { question: { kind: ask, a: bad, b: good }, ...place, order: 1 },
        ];
      }),
    );
  }
  throw new RmbenchError("usage", `this protocol asks pointwise or pairwise questions, not ${ask} ones`);
}
