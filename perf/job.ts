/** What `scoring.ts` hands to each plan, and what comes back. */
import type { Question } from "../src/questions/question.ts";

export interface Job {
  /** Folder of the ONNX model. */
  model: string;
  /** Texts that open the sessions and fill the caches before the clock starts. */
  warmUp: Question[];
  /** One text per comparison and side, in dataset order. */
  chosen: Question[];
  rejected: Question[];
  /** The same texts as the tokenizer reads them, for the PyTorch plan. */
  rendered: { chosen: [string, string | null][]; rejected: [string, string | null][]; maxLength: number | null };
}

export interface Measured {
  /** From the first text tokenised to the last score. */
  seconds: number;
  /** CPU seconds in that time, children included. */
  cpu: number;
  /** Tokens of all forward passes, padding included. */
  computed: number;
  /** Mean score: the plans must agree on it. */
  mean: number;
}
