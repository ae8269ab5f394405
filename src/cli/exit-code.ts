import { RmbenchError, type ErrorCode } from "../errors.ts";
import { Interrupted } from "./context.ts";

/**
 * Exit codes, as `rmbench --help` and the README document them.
 *
 * | code | meaning |
 * |---|---|
 * | 0 | done |
 * | 1 | gate or a check of doctor failed |
 * | 2 | nothing was scored: usage, configuration, data, model or machine |
 * | 3 | scoring began and is incomplete (a report counts what has no score, be it all of it; where an error ended the run there is none, and what was scored is stored), or rmbench has a bug |
 * | 4 | inconclusive, where asked for |
 * | 130, 143 | interrupted by Ctrl-C, or by SIGTERM |
 */
export const exitCodes = { ok: 0, failed: 1, nothingScored: 2, incomplete: 3, inconclusive: 4 } as const;

const byError: Record<ErrorCode, number> = {
  usage: exitCodes.nothingScored,
  config: exitCodes.nothingScored,
  data: exitCodes.nothingScored,
  model: exitCodes.nothingScored,
  machine: exitCodes.nothingScored,
  incomplete: exitCodes.incomplete,
  internal: exitCodes.incomplete,
};

/** The exit code of anything thrown; unknown errors are bugs. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return error.signal === "SIGINT" ? 130 : 143;
  return error instanceof RmbenchError ? byError[error.code] : exitCodes.incomplete;
}
