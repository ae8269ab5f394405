import { RmbenchError } from "../errors.ts";
import type { Conversation, Side, Unit } from "../questions/question.ts";
import { compareResponses } from "./comparisons.ts";
import type { Protocol } from "./protocol.ts";
import { questionsOfPair } from "./questions-of-pair.ts";

/** Beyond it the numbers of a side's comparisons do not fit into the score table. */
const mostResponses = 256;

/**
 * Judged like `pairwise`, but a model that compares is also asked about every two responses of one side, so that all of a
 * row's have met: only then can its preferences have cycles, and only then can it be told whether one reward each would
 * explain them (Nash Learning from Human Feedback, arXiv 2312.00886). Those questions have no label and no outcome: their
 * units stand on the side `rejected`, which no other pairwise unit does, and `within` numbers them. A model that rewards
 * single responses is asked what `pairwise` asks.
 */
export const tournament: Protocol = {
  name: "tournament",
  summary: "as pairwise, with every two responses of a row compared: cycles, and the fit of one reward for each",
  asks: ["pointwise", "pairwise"],
  units(pair, row, ask, documentTemplate) {
    const labelled = questionsOfPair(pair, row, ask, documentTemplate);
    if (ask !== "pairwise") return labelled;
    if (Math.max(pair.chosen.length, pair.rejected.length) > mostResponses) {
      const sizes = `${pair.chosen.length} chosen and ${pair.rejected.length} rejected responses`;
      throw new RmbenchError("data", `row ${row} (subset ${pair.subset}, id ${pair.id}) has ${sizes}`, {
        hint: `a tournament has at most ${mostResponses} of a side: judge the suite by the pairwise protocol`,
      });
    }
    const single = questionsOfPair(pair, row, "pointwise", documentTemplate);
    return [...labelled, ...meetings("chosen", single, row), ...meetings("rejected", single, row)];
  },
  judge: (scores) => compareResponses(scores),
};

/** Index of the unit that compares two responses of one side, i < j. */
export function within(side: Side, i: number, j: number): number {
  return j * (j - 1) + 2 * i + (side === "chosen" ? 0 : 1);
}

/** The side and responses, i < j, of a unit within a side: `within`, undone. */
export function withinOf(index: number): { side: Side; i: number; j: number } {
  const triangular = Math.floor(index / 2);
  let j = 1;
  while (((j + 1) * j) / 2 <= triangular) j++;
  return { side: index % 2 === 0 ? "chosen" : "rejected", i: triangular - (j * (j - 1)) / 2, j };
}

/** Every two responses of a side, in both orders. */
function meetings(side: Side, single: readonly Unit[], row: number): Unit[] {
  const own = single.flatMap((unit): Conversation[] =>
    unit.side === side && unit.question.kind === "pointwise" ? [unit.question.of] : [],
  );
  return own.flatMap((b, j) =>
    own.slice(0, j).flatMap((a, i): Unit[] => {
      const place = { row, side: "rejected", index: within(side, i, j) } as const;
      return [
        { question: { kind: "pairwise", a, b }, ...place, order: 0 },
        { question: { kind: "pairwise", a: b, b: a }, ...place, order: 1 },
      ];
    }),
  );
}
