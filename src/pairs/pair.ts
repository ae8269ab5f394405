/** One turn of a conversation. `role` is kept as the source wrote it (`system`, `user`, `assistant`, `tool`, …). */
export interface Message {
  role: string;
  content: string;
}

/** A retrieved document. Documents are ordered from the most to the least relevant. */
export interface Document {
  id: string;
  title: string;
  text: string;
}

/** A response is a text, or a trajectory of messages (tool calls and results included). */
export type Response = string | readonly Message[];

/** One step of a response with its label: 1 right, 0 wrong, −1 neutral or not judged. */
export interface StepLabel {
  text: string;
  label: number;
}

/** What a user preferred elsewhere: all that a user-conditioned model is told of the user. */
export interface ContextPair {
  prompt: readonly Message[];
  chosen: Response;
  rejected: Response;
}

/**
 * One row of a suite, exactly as in the source: never trimmed, never normalised. Its key is (subset, id).
 *
 * `chosen` and `rejected` are lists so that plain pairs (1 × 1), best-of-n (1 × n), ties (k × m) and style
 * matrices (3 × 3) share one schema. `rejected` may be empty only where `grades` or `steps` carry the label.
 */
export interface PreferencePair {
  id: string;
  subset: string;
  /** Pairs that share a prompt or a contrast set; statistics are clustered by it. Null: the pair stands alone. */
  cluster: string | null;
  /** Which way the pair points (`refuse`/`comply`, `abstain`/`answer`, `response`/`instruction`), or null. */
  direction: string | null;
  tags: Readonly<Record<string, string>>;
  prompt: readonly Message[];
  /** Retrieved context, or null where the suite has none. */
  documents: readonly Document[] | null;
  /** Tool definitions as JSON text, or null. */
  tools: string | null;
  chosen: readonly Response[];
  rejected: readonly Response[];
  /** The prompt of the rejected side where it differs from `prompt` (contrast instructions), else null. */
  rejectedPrompt: readonly Message[] | null;
  grades: readonly number[] | null;
  steps: readonly StepLabel[] | null;
  /** Share of votes in [0, 1] or a graded margin, or null. */
  strength: number | null;
  user: string | null;
  language: string | null;
  /** Weight in weighted averages; null means 1. */
  weight: number | null;
  images: readonly Uint8Array[] | null;
}
