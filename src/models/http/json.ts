/**
 * Reads JSON as Python servers write it: bare `NaN`, `Infinity` and `-Infinity` become those numbers, which JSON has not.
 * @throws SyntaxError where it is not JSON otherwise.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
      token.startsWith('"') ? token : `"${mark}${token}"`,
    );
    return JSON.parse(marked, (_key, value: unknown) =>
      typeof value === "string" && value.startsWith(mark) ? Number(value.slice(mark.length)) : value,
    );
  }
}

const mark = "\uE000number:";

export type Json = Readonly<Record<string, unknown>>;

/** The value where it is an object, else an empty one: what a server leaves out reads as undefined. */
export function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
