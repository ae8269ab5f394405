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

/** The reason with which a signal from outside ends a command. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`interrupted by ${signal}`);
    this.signal = signal;
  }
}
