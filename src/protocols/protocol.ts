/**
 * A protocol says what to ask about a pair and how the answers of a whole suite become outcomes. Pure. Read
 * `pairwise.ts` as the example, and `registry.ts` for the list. Every protocol passes `test/contract/protocol.test.ts`.
 */
import type { PreferencePair } from "../pairs/pair.ts";
import type { QuestionKind, Unit } from "../questions/question.ts";
import type { Codes, ScoreTable } from "../scores/table.ts";

/** `judged`: the margin decides; the others carry no verdict and are counted apart. */
export const outcomeState = ["judged", "tied", "invalid", "unparsable", "failed", "too-long", "unmatched"] as const;
export type OutcomeState = (typeof outcomeState)[number];

/** One comparison (or choice) each, in the order of rows: typed arrays, for a million outcomes are normal. */
export interface OutcomeTable {
  readonly n: number;
  /** Row of the score table. */
  readonly row: Uint32Array;
  /** 1 chosen wins, 0 it loses, in between a tie (½ of two); NaN where the state is neither judged nor tied. */
  readonly credit: Float64Array;
  /** r(chosen) − r(rejected); NaN where a score is missing or not finite. */
  readonly margin: Float64Array;
  /** Index into `outcomeState`. `invalid` is a NaN or infinite reward. */
  readonly state: Uint8Array;
  /** Characters of the chosen response minus characters of the rejected one. */
  readonly lengthDifference: Float64Array;
  /** What kind of comparison it is where a protocol has several (`response`, `instruction`, …), else code −1. */
  readonly cell: Codes;
}

export interface Protocol {
  name: string;
  summary: string;
  asks: readonly QuestionKind[];
  /**
   * @param documentTemplate name of the template that renders the suite's documents into the prompt.
   * @throws RmbenchError `data` when the pair does not have the shape that the protocol judges.
   */
  units(pair: PreferencePair, row: number, ask: QuestionKind, documentTemplate: string): Unit[];
  judge(scores: ScoreTable): OutcomeTable;
  /** Accuracy of a guess on these rows, where it follows from them; else the suite's definition says it. */
  chance?(scores: ScoreTable): number;
}
