import { unknownVariables } from "../config/environment.ts";
import { resolveConfig, type ConfigSources, type ResolvedConfig } from "../config/resolve.ts";
import type { CliContext } from "./context.ts";
import { escapeForTerminal } from "./escape.ts";

/** The settings of a command; says what of the environment nobody reads. @throws RmbenchError as `resolveConfig`. */
export function configOf(
  flags: ConfigSources["flags"],
  { env, cwd, stderr }: CliContext,
  file: string | null = null,
): Promise<ResolvedConfig> {
  for (const warning of unknownVariables(env)) stderr.write(`rmbench: ${escapeForTerminal(warning)}\n`);
  return resolveConfig({ flags, env, file: file ?? (env["RMBENCH_CONFIG"] || null), cwd });
}
