import { visible } from "../report/untrusted.ts";

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text of pairs, suites and models as one line that a terminal can show: controls, ANSI escapes, bidi marks and other
 * invisible characters become visible (`\n`, `\u{1b}`, `\u{202e}`).
 */
export function escapeForTerminal(text: string): string {
  return visible(text.replace(/[\n\r\t]/g, (found) => short[found] ?? found));
}
