import type { Conversation } from "../../questions/question.ts";
import type { OutputKind, ScoreParts } from "../reward-model.ts";

interface ModelFields {
  /** What reports call the model. */
  name: string;
  /** Whether σ(margin) means anything; `other` where it is not said. */
  output?: OutputKind;
  /** Part of the model's identity: raise it when scores change though neither this file nor what it imports does. */
  version?: string;
  /** A sentence that every report of the model carries. */
  notice?: string;
  /** Whether it reads `context`, the annotated pairs of a conversation's user (`--context-pairs`). Default: false. */
  takesContext?: boolean;
}

/** A reward, or a reward and what the model says beside it. */
export type ModuleScore = number | ({ value: number } & Pick<ScoreParts, "std" | "attributes" | "vector">);

/** Scores single responses. */
interface PointwiseDefinition extends ModelFields {
  asks: readonly ["pointwise"];
  /** One reward per conversation, in order; higher is better, NaN where there is none. */
  score: (conversations: readonly Conversation[]) => readonly ModuleScore[] | Promise<readonly ModuleScore[]>;
}

/** Compares two responses; every pair is asked in both orders. */
interface PairwiseDefinition extends ModelFields {
  asks: readonly ["pairwise"];
  /** One log-odds of `a` over `b` per pair, in order. */
  compare: (
    pairs: readonly { a: Conversation; b: Conversation }[],
  ) => readonly ModuleScore[] | Promise<readonly ModuleScore[]>;
}

export type ModelDefinition = PointwiseDefinition | PairwiseDefinition;

/**
 * Defines a reward model in one file, for `rmbench run --model ./my-rm.ts`:
 *
 * ```ts
 * import { defineModel } from "rmbench";
 * export default defineModel({
 *   name: "keyword-rm",
 *   asks: ["pointwise"],
 *   score: (conversations) => conversations.map(({ response }) => (String(response).includes("because") ? 1 : 0)),
 * });
 * ```
 *
 * The file runs in a process of its own. Its content is part of the model's identity, as is that of the files that it
 * imports by a relative path written out (`./words.ts`, not a computed one). Installed packages, files that it reads
 * and servers that it asks are not: raise `version` when those change.
 */
export function defineModel(definition: ModelDefinition): ModelDefinition {
  return definition;
}
