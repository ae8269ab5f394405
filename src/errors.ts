/**
 * What went wrong, by where the remedy lies. The first five mean that nothing was scored (exit code 2);
 * `incomplete` that scoring began and could not be finished, `internal` that rmbench has a bug (exit code 3).
 */
export type ErrorCode =
  | "usage" // the command line or the configuration asks for something that does not exist
  | "config" // a configuration or suite definition is malformed
  | "data" // a file of pairs or scores is malformed, missing, or not what it says
  | "model" // a model cannot be described, opened, or has an unsupported shape
  | "machine" // disk, permissions, a missing runtime or execution provider
  | "incomplete" // scoring began and stopped short
  | "internal"; // a bug in rmbench

/** An error that a person can act on: `message` says what happened with the values, `hint` what to do about it. */
export class RmbenchError extends Error {
  override readonly name = "RmbenchError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
