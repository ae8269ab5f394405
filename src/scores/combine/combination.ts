/**
 * A combination makes score tables of score tables: an ensemble of several models, or a wrapper around one. Pure, and over
 * whole tables: a weight changes without anything being scored anew, and z-scores and quantiles see the whole run. Read
 * `length-penalty.ts` as the example, and `registry.ts` for the list. Every combination passes
 * `test/contract/combination.test.ts`.
 */
import type { CombinationName } from "../../models/combination-spec.ts";
import type { OutputKind } from "../../models/reward-model.ts";
import type { QuestionKind } from "../../questions/question.ts";
import type { SuiteTables } from "../arrow.ts";

export interface Combination {
  name: CombinationName;
  summary: string;
  /** How many members it takes. */
  members: "one" | "several";
  /**
   * @param parameter what the spec says between the colon and the parenthesis.
   * @throws RmbenchError `usage` where it cannot be read.
   */
  plan(parameter: string): CombinationPlan;
}

/** A combination with its parameters read. */
export interface CombinationPlan {
  /** All that can change a number beside the members' scores, by name; part of the identity. */
  parameters: Readonly<Record<string, string>>;
  /** The kinds of question whose answers it can combine. */
  asks: readonly QuestionKind[];
  /** Whether a score depends on the other scores of the run, so that shards cannot be combined apart. */
  wholeRun: boolean;
  /** Whether folds are drawn, so that the run's seed enters the identity. */
  seeded: boolean;
  output(members: readonly OutputKind[]): OutputKind;
  /**
   * The members' tables have the same suites, rows and entries. An entry is `ok` only where it is in every member.
   * @throws RmbenchError `data` where the scores do not hold what it needs.
   */
  combine(members: readonly CombinationMember[], seed: string): SuiteTables;
}

/** The scores of one member over the whole run, by suite. */
export interface CombinationMember {
  id: string;
  tables: SuiteTables;
}
