import type { PreferencePair } from "../pair.ts";
import type { SourceRecord } from "./record.ts";

export interface LayoutOptions {
  /**
   * Which response of a contrast row counts as preferred: `j` is the one that people preferred, `k` the one that the
   * authors' code uses and so the published numbers.
   */
  contrastResponse: "j" | "k";
  /** Whether contrast rows are also read from their other side. */
  mirror: boolean;
  /** How a RAG-RewardBench prompt is completed: `auto` appends question and answer cue where the prompt lacks them. */
  ragTemplate: "auto" | "prompt-only" | "paper";
}

export const defaultLayoutOptions: LayoutOptions = { contrastResponse: "j", mirror: false, ragTemplate: "auto" };

/** Where a record stands, for what the record itself does not say. */
export interface RowContext {
  /** Row in the source, from 1: the id of rows that have none. */
  row: number;
  /** File name without folder and extension. */
  stem: string;
  options: LayoutOptions;
  /** Says something once about the whole file; repeated texts are counted. */
  note(text: string): void;
}

/**
 * A known way to write preference pairs down: recognised by the first record of a file, then applied to all.
 * Read `layouts/rag-rewardbench.ts` as the example; register new ones in `layouts/registry.ts`.
 */
export interface Layout {
  /** As `--layout` takes it. */
  id: string;
  /** As messages name it. */
  name: string;
  matches(record: SourceRecord, stem: string): boolean;
  /** Pairs of one record, texts exactly as in the source. Throws `RowProblem`. */
  convert(record: SourceRecord, context: RowContext): PreferencePair[];
}
