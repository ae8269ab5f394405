import type { Document, Message, PreferencePair, Response, StepLabel } from "../pair.ts";
import { RowProblem, type SourceRecord } from "./record.ts";

/** Reads columns of a source record as the parts of a pair; never trims, never normalises. */

const describe = (value: unknown): string => {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
};

export function wrongType(column: string, value: unknown, expected: string): RowProblem {
  if (value === undefined) {
    return new RowProblem("null", `there is no ${column}`, `give ${column} as ${expected}, or leave the row out`);
  }
  if (value === null) {
    return new RowProblem("null", `${column} is null`, `give ${column} as ${expected}, or leave the row out`);
  }
  return new RowProblem("type", `${column} is ${describe(value)}, not ${expected}`, `give ${column} as ${expected}`);
}

export const isNil = (value: unknown): value is null | undefined => value === null || value === undefined;

export const isObject = (value: unknown): value is SourceRecord =>
  value !== null && typeof value === "object" && !Array.isArray(value) && !ArrayBuffer.isView(value);

export function text(record: SourceRecord, column: string): string {
  const value = record[column];
  if (typeof value !== "string") throw wrongType(column, value, "text");
  return value;
}

/** A label: text, or a number or truth value as text; null where the column is missing, null or empty. */
export function label(record: SourceRecord, column: string): string | null {
  const value = record[column];
  if (isNil(value) || value === "") return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new RowProblem("type", `${column} is a number beyond 2^53 and lost digits`, `write ${column} as text`);
  }
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw wrongType(column, value, "text");
}

/** Whether a number stays one in Arrow, which holds float32. */
const isStorable = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(Math.fround(value));

export function number(record: SourceRecord, column: string): number | null {
  const value = record[column];
  if (isNil(value) || value === "") return null;
  const parsed = typeof value === "string" ? Number(value) : value;
  if (!isStorable(parsed)) throw wrongType(column, value, "a finite number");
  return parsed;
}

/** The weight of a row in means: finite and not below 0, or null where it has none. */
export function weight(record: SourceRecord): number | null {
  const value = number(record, "weight");
  if (value === null || value >= 0) return value;
  throw new RowProblem("type", `weight is ${value}`, "give weight as a number from 0 up, or leave it out for 1");
}

const isMessage = (value: unknown): value is SourceRecord => isObject(value) && ("role" in value || "from" in value);

export const isMessageList = (value: unknown): value is readonly SourceRecord[] =>
  Array.isArray(value) && value.length > 0 && value.every(isMessage);

/** Text of a message: a string, the text parts of a list, or the calls that stand in for it. */
function contentOf(message: SourceRecord, where: string): string {
  const content = message["content"] ?? message["value"] ?? ("content" in message ? null : undefined);
  let body: string;
  if (typeof content === "string") body = content;
  else if (Array.isArray(content)) {
    body = content
      .map((part) => {
        if (isObject(part) && typeof part["text"] === "string") return part["text"];
        throw new RowProblem("unsupported", `${where} has a part that is not text`, "only text messages are imported");
      })
      .join("");
  } else if (isNil(content) && !isNil(message["tool_calls"])) body = "";
  else throw wrongType(`${where} content`, content, "text");
  if (isNil(message["tool_calls"])) return body;
  const calls = JSON.stringify(message["tool_calls"]);
  return body === "" ? calls : `${body}\n${calls}`;
}

/** A list of messages; `{from, value}` is read as `{role, content}`, roles stay as they are written. */
export function messages(value: unknown, column: string): Message[] {
  if (!Array.isArray(value)) throw wrongType(column, value, "a list of messages");
  return value.map((message: unknown, i) => {
    const where = `${column}[${i}]`;
    if (!isMessage(message)) throw wrongType(where, message, "a message with role and content");
    const role = message["role"] ?? message["from"];
    if (typeof role !== "string") throw wrongType(`${where} role`, role, "text");
    return { role, content: contentOf(message, where) };
  });
}

/** A prompt: a list of messages, or text that becomes one user turn. */
export function conversation(value: unknown, column: string): Message[] {
  if (typeof value === "string") return [{ role: "user", content: value }];
  if (!Array.isArray(value)) throw wrongType(column, value, "text or a list of messages");
  return messages(value, column);
}

/** A response: text, or a list of messages; one assistant turn alone is its text. */
function response(value: unknown, column: string): Response {
  if (typeof value === "string") return value;
  if (!isMessageList(value)) throw wrongType(column, value, "text or a list of messages");
  return asResponse(messages(value, column));
}

export function asResponse(turns: readonly Message[]): Response {
  const [only] = turns;
  return turns.length === 1 && only?.role === "assistant" ? only.content : turns;
}

/** One side: a response, or a list of them, all texts or all message lists. */
export function responses(value: unknown, column: string): Response[] {
  if (!Array.isArray(value) || isMessageList(value)) return [response(value, column)];
  const all = value as unknown[];
  const read = all.map((one, i) => response(one, `${column}[${i}]`));
  const texts = all.filter((one) => typeof one === "string").length;
  if (texts > 0 && texts < all.length) {
    throw new RowProblem(
      "type",
      `${column} mixes texts and message lists`,
      `give every response of ${column} as text, or every one as a list of messages`,
    );
  }
  // One assistant turn alone is its text, but a side is of one kind: beside a trajectory it stays a list.
  return read.every((one) => typeof one === "string") ? read : all.map((one, i) => messages(one, `${column}[${i}]`));
}

function documents(value: unknown): Document[] | null {
  if (isNil(value)) return null;
  if (!Array.isArray(value)) throw wrongType("documents", value, "a list of documents");
  return value.map((document: unknown, i) => {
    if (typeof document === "string") return { id: String(i + 1), title: "", text: document };
    if (!isObject(document)) throw wrongType(`documents[${i}]`, document, "text or {id, title, text}");
    return {
      id: document["id"] === "" ? "" : (label(document, "id") ?? String(i + 1)),
      title: label(document, "title") ?? "",
      text: text(document, "text"),
    };
  });
}

function numbers(value: unknown, column: string): number[] | null {
  if (isNil(value)) return null;
  if (!Array.isArray(value)) throw wrongType(column, value, "a list of numbers");
  return value.map((one: unknown, i) => {
    if (!isStorable(one)) throw wrongType(`${column}[${i}]`, one, "a finite number");
    return one;
  });
}

function steps(value: unknown): StepLabel[] | null {
  if (isNil(value)) return null;
  if (!Array.isArray(value)) throw wrongType("steps", value, "a list of {text, label}");
  return value.map((step: unknown, i) => {
    if (!isObject(step)) throw wrongType(`steps[${i}]`, step, "{text, label}");
    const value = number(step, "label");
    if (value === null) throw wrongType(`steps[${i}].label`, step["label"], "1, 0 or -1");
    return { text: text(step, "text"), label: value };
  });
}

function images(value: unknown): Uint8Array[] | null {
  if (isNil(value)) return null;
  if (!Array.isArray(value) || !value.every((one) => one instanceof Uint8Array)) {
    throw new RowProblem("unsupported", "images are not bytes", "give images as a list of binary in Arrow or Parquet");
  }
  return value as Uint8Array[];
}

function tools(value: unknown): string | null {
  if (isNil(value) || value === "") return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

export type OptionalParts = Omit<PreferencePair, "id" | "subset" | "prompt" | "chosen" | "rejected" | "tags">;

/** The optional columns that every layout shares, under their own names (and `group` for `cluster`). */
export function optionalParts(record: SourceRecord): OptionalParts {
  return {
    cluster: label(record, "cluster") ?? label(record, "group"),
    direction: label(record, "direction"),
    documents: documents(record["documents"]),
    tools: tools(record["tools"]),
    rejectedPrompt: isNil(record["rejected_prompt"])
      ? null
      : conversation(record["rejected_prompt"], "rejected_prompt"),
    grades: numbers(record["grades"], "grades"),
    steps: steps(record["steps"]),
    strength: number(record, "strength"),
    user: label(record, "user"),
    language: label(record, "language"),
    weight: weight(record),
    images: images(record["images"]),
  };
}

const optionalColumns = [
  ...["cluster", "group", "direction", "documents", "tools", "rejected_prompt", "grades", "steps", "strength"],
  ...["user", "language", "weight", "images", "tags", "id", "subset"],
];

/** Tags of a row of a layout that reads the columns `used` beside those that all layouts share. */
export function tagsOf(record: SourceRecord, used: readonly string[]): Record<string, string> {
  return tagsBeside(record, new Set([...optionalColumns, ...used]));
}

/** Tags of a row: its `tags`, and every column that is not taken, as text (lists and objects as JSON, bytes as Base64). */
export function tagsBeside(record: SourceRecord, taken: ReadonlySet<string>): Record<string, string> {
  const tags = new Map<string, string>();
  const add = (key: string, value: unknown): void => {
    if (!isNil(value)) tags.set(key, tagText(value));
  };
  for (const [column, value] of Object.entries(record)) if (!taken.has(column)) add(column, value);
  if (isObject(record["tags"])) for (const [key, value] of Object.entries(record["tags"])) add(key, value);
  return Object.fromEntries(tags);
}

function tagText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : JSON.stringify(value);
}
