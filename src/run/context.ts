import type { InferenceEvent } from "../inference/events.ts";

/** What happens during a run, for progress. */
export type RunEvent =
  | InferenceEvent
  /** A suite begins; `pairs` were selected. */
  | { type: "suite"; model: string; suite: string; pairs: number }
  /** The pairs of the next window; their questions follow as a `window` event. */
  | { type: "pairs"; pairs: number };

/** The outside world of a run: nothing below `cli/` reads `process`. */
export interface RunContext {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  emit: (event: RunEvent) => void;
  warn: (message: string) => void;
  now: () => Date;
  argv: readonly string[];
}
