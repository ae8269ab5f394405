import { withoutCredentials } from "../credentials.ts";
import { RmbenchError } from "../errors.ts";

/** Names of the combinations of scores; `scores/combine/registry.ts` has one implementation for each. */
export const combinationNames = [
  "ensemble",
  "attribute",
  "weighted",
  "decorrelated",
  "steps",
  "length-penalty",
  "lowess",
  "mean-variance",
] as const;
export type CombinationName = (typeof combinationNames)[number];

/** `ensemble:mean(tiny, onnx:./b)` taken apart. */
export interface CombinationSpec {
  name: CombinationName;
  /** What stands between the colon and the parenthesis; empty where nothing does. */
  parameter: string;
  /** The specs in the parentheses, in their order: models, files of scores and combinations. */
  members: string[];
  /** The spec as typed, without credentials. */
  id: string;
}

/**
 * Parses `name[:parameter](spec, spec, …)`, where `name` is a combination; its members may be combinations.
 * @returns null for anything else, such as a folder with parentheses in its name.
 * @throws RmbenchError `usage` for a combination without members, or with an empty one.
 */
export function parseCombination(spec: string): CombinationSpec | null {
  const text = spec.trim();
  const [, word] = /^([A-Za-z][\w-]*)\s*(?:[:(]|$)/.exec(text) ?? [];
  const name = combinationNames.find((known) => known === word);
  if (name === undefined) return null;
  const id = withoutCredentials(text);
  const [, parameter = "", inside] = /^[\w-]+\s*(?::([^()]*))?\((.*)\)$/s.exec(text) ?? [];
  const hint =
    "write name[:parameter](model, …), as ensemble:mean(tiny, onnx:./b); `rmbench list models` shows every kind";
  if (inside === undefined) {
    throw new RmbenchError("usage", `\`${id}\` combines scores, and does not name in parentheses whose`, { hint });
  }
  const members = splitMembers(inside);
  if (members === null)
    throw new RmbenchError("usage", `the parentheses or quotes of \`${id}\` do not match`, { hint });
  if (members.includes("")) throw new RmbenchError("usage", `a member of \`${id}\` is empty`, { hint });
  return { name, parameter: parameter.trim(), members, id };
}

/** Splits at the commas outside of parentheses and quotes; null where those do not match. */
function splitMembers(text: string): string[] | null {
  const members = [""];
  let depth = 0;
  let quote: string | null = null;
  for (const character of text) {
    if (quote !== null) quote = character === quote ? null : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === "(") depth++;
    else if (character === ")") depth--;
    if (depth < 0) return null;
    if (character === "," && depth === 0 && quote === null) members.push("");
    else members[members.length - 1] += character;
  }
  return depth === 0 && quote === null ? members.map((member) => member.trim()) : null;
}
