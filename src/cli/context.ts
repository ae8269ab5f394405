import type { ModelContext } from "../models/reward-model.ts";
import { escapeForTerminal } from "./escape.ts";

/** The outside world of a command. Nothing below `cli/` reads `process`. */
export interface CliContext {
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  argv: readonly string[];
  /** Aborted by Ctrl-C or SIGTERM; `reason` is an `Interrupted`. */
  signal: AbortSignal;
  /** What the process will exit with. */
  exitCode: { value: number };
}

/** The outside world of a model, as a command hands it on; what it warns of comes from files of others. */
export function modelContext({ cwd, env, signal, stderr }: CliContext): ModelContext {
  const warn = (message: string) => void stderr.write(`rmbench: ${escapeForTerminal(message)}\n`);
  return { cwd, env, signal, warn };
}

/** The reason with which a signal from outside ends a command. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: "SIGINT" | "SIGTERM";

  /** @param what became of the work, as a sentence. */
  constructor(signal: "SIGINT" | "SIGTERM", what?: string) {
    super(`interrupted by ${signal}.${what === undefined ? "" : ` ${what}`}`);
    this.signal = signal;
  }
}
