import { createHash } from "node:crypto";
import { withoutCredentials, withoutKeys } from "../../credentials.ts";
import { RmbenchError } from "../../errors.ts";

const word = /(?:"(?:\\["\\]|[^"])*"|'[^']*'|[^\s"'])+/g;
const piece = /"((?:\\["\\]|[^"])*)"|'([^']*)'|[^"']+/g;
const shellOnly = /^(\||\|\||&|&&|;|\d?>>?(&\d)?|<)$/;

/**
 * Splits a command into words without a shell: white space separates, quotes of either kind join, `\"` and `\\` stand
 * for themselves in double quotes, a backslash elsewhere is one (Windows paths). Quotes around the whole command, as a
 * configuration file may have them, are taken off. No variables, globs, pipes or redirections.
 * @throws RmbenchError `usage` for an empty command, a quote without its end, and what only a shell can do.
 */
export function splitCommand(text: string): [string, ...string[]] {
  const trimmed = text.trim();
  const command =
    /^"([^"]*)"$|^'([^']*)'$/
      .exec(trimmed)
      ?.slice(1)
      .find((inside) => inside !== undefined) ?? trimmed;
  const words = command.match(word) ?? [];
  if (command.replace(word, "").trim() !== "") {
    throw new RmbenchError("usage", "a quote in the command of process: has no end", {
      hint: "quote whole words: process:\"python3 'my rm.py'\"",
    });
  }
  const operator = words.find((one) => shellOnly.test(one));
  if (operator !== undefined) {
    throw new RmbenchError("usage", `the command of process: has \`${operator}\`, and no shell reads it`, {
      hint: "put the line into a script, or write process:\"sh -c '…'\"",
    });
  }
  const [first, ...rest] = words.map((one) =>
    one.replace(piece, (all, double?: string, single?: string) => double?.replace(/\\(["\\])/g, "$1") ?? single ?? all),
  );
  if (first === undefined || first === "") {
    throw new RmbenchError("usage", "process: has no command", { hint: 'as process:"python3 my_rm.py"' });
  }
  return [first, ...rest];
}

/** For the identity: the command as it may be shown, and a hash of what may change a score and is not shown. */
export function commandIdentity(words: readonly string[]): Record<string, string> {
  // `'a b'` is another command than `a b`.
  const text = words.map((word) => (word === "" || /[\s"']/.test(word) ? JSON.stringify(word) : word)).join(" ");
  const [shown, whole] = [withoutCredentials(text), withoutKeys(text)];
  if (shown === whole) return { command: shown };
  return { command: shown, "whole command": createHash("sha256").update(whole).digest("hex") };
}
