import type { z } from "zod";

/** What is wrong with a value, as the end of a sentence that begins with its name: `must be at least 1`. */
export function problemOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "too_big":
      return bound(issue, issue.inclusive === false ? "below" : "at most", issue.maximum);
    case "too_small":
      return bound(issue, issue.inclusive === false ? "above" : "at least", issue.minimum);
    case "invalid_type":
      return `must be ${types[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`;
    case "invalid_union": {
      const branches = issue.errors.flatMap(([first]) => (first === undefined ? [] : [problemOf(first)]));
      return [...new Set(branches)].join(", or ").replaceAll(", or must be ", " or ");
    }
    case "unrecognized_keys":
      return `has unknown keys: ${issue.keys.join(", ")}`;
    default:
      return issue.message;
  }
}

const types: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  array: "a list",
  object: "keys with their values",
  record: "keys with their values",
  boolean: "true or false",
};

function bound(issue: { origin: string }, relation: string, limit: number | bigint): string {
  if (issue.origin === "string" || issue.origin === "array") return "must not be empty";
  return `must be ${relation} ${limit}`;
}
