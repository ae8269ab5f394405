import type { RenderOptions } from "../report/reporter.ts";
import type { CliContext } from "./context.ts";

type MaybeTerminal = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

export function isTerminal(stream: NodeJS.WritableStream): boolean {
  return (stream as MaybeTerminal).isTTY === true;
}

/** How text may look on a stream: NO_COLOR, FORCE_COLOR, TERM=dumb, COLUMNS and the locale decide, in that order. */
export function renderOptions(stream: NodeJS.WritableStream, env: CliContext["env"]): RenderOptions {
  const terminal = isTerminal(stream);
  const columns = Number(env["COLUMNS"]) || (terminal ? (stream as MaybeTerminal).columns : undefined) || 80;
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return {
    width: Math.max(40, Math.min(columns, 200)),
    color: wantsColor(terminal, env),
    unicode: locale === "" || /utf-?8/i.test(locale),
  };
}

function wantsColor(terminal: boolean, env: CliContext["env"]): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return terminal && env["TERM"] !== "dumb";
}
