import type { Report } from "../report/schema.ts";
import type { CliContext } from "./context.ts";
import { exitCodes } from "./exit-code.ts";

/**
 * Ends a command that made these reports with the exit code that they deserve. Called before the result is printed: a
 * reader that closes the pipe does not make it complete.
 */
export function settleExitCode(reports: readonly Report[], { exitCode, stderr }: CliContext): void {
  const incomplete = reports.find((report) => !report.complete);
  if (incomplete === undefined) return;
  exitCode.value = exitCodes.incomplete;
  stderr.write(
    `rmbench: more comparisons went without a verdict than --max-errors ${incomplete.settings.maxErrors} allows (exit 3); the report counts them.\n`,
  );
}
