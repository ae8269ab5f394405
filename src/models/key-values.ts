import { z } from "zod";

/** A section of the configuration as a flag gives it: `key=value,…` becomes an object, with numbers as numbers. */
export const keyValues = z.string().transform((text, context): unknown => {
  const entries = text.split(",").map((part) => /^\s*(\w+)=(.*?)\s*$/s.exec(part));
  if (entries.some((entry) => entry === null)) {
    context.addIssue({ code: "custom", message: "must be key=value, several of them with commas between" });
    return z.NEVER;
  }
  return Object.fromEntries(entries.map((entry) => [entry![1]!, valueOf(entry![2]!)]));
});

function valueOf(text: string): string | number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
