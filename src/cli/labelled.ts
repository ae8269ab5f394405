import { widthOf, wrap } from "../report/text-width.ts";
import { escapeForTerminal } from "./escape.ts";

/** Lines of names with a text each, wrapped at `width` columns beside the name. Escapes both. */
export function labelled(rows: readonly (readonly [string, string])[], width: number): string {
  const shown = rows.map(([name, text]) => [escapeForTerminal(name), escapeForTerminal(text)] as const);
  const room = Math.max(0, ...shown.map(([name]) => widthOf(name)));
  const indent = " ".repeat(room + 2);
  return shown
    .map(([name, text]) => {
      const [first = "", ...rest] = wrap(text, Math.max(20, width - indent.length), 0);
      return [`${name}${" ".repeat(room - widthOf(name))}  ${first}`.trimEnd(), ...rest.map((line) => indent + line)];
    })
    .map((lines) => `${lines.join("\n")}\n`)
    .join("");
}
