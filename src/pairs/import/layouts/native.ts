import type { Message, PreferencePair, Response } from "../../pair.ts";
import { isNil, messages, number, optionalParts, tagsBeside, text, weight, wrongType } from "../fields.ts";
import type { Layout } from "../layout.ts";
import type { SourceRecord } from "../record.ts";

const columns = new Set([
  ...["id", "subset", "cluster", "prompt", "documents", "chosen", "rejected", "chosen_messages", "rejected_messages"],
  ...["rejected_prompt", "direction", "tools", "grades", "steps", "strength", "user", "language", "weight", "images"],
  "tags",
]);

const optionalText = (record: SourceRecord, column: string): string | null =>
  isNil(record[column]) ? null : text(record, column);

function side(record: SourceRecord, name: "chosen" | "rejected"): Response[] {
  const trajectories = record[`${name}_messages`];
  if (!isNil(trajectories)) {
    if (!Array.isArray(trajectories)) throw wrongType(`${name}_messages`, trajectories, "a list of conversations");
    return trajectories.map((one: unknown, i): Message[] => messages(one, `${name}_messages[${i}]`));
  }
  const texts = record[name];
  if (isNil(texts) && name === "rejected") return [];
  if (!Array.isArray(texts)) throw wrongType(name, texts, "a list of texts");
  return texts.map((one: unknown, i) => {
    if (typeof one !== "string") throw wrongType(`${name}[${i}]`, one, "text");
    return one;
  });
}

/** A row of Arrow schema v1 as a pair; columns that the schema does not know become tags. */
export function pairFromRecord(record: SourceRecord): PreferencePair {
  return {
    ...optionalParts({ ...record, strength: null, weight: null, tools: null, group: null }),
    id: text(record, "id"),
    subset: text(record, "subset"),
    cluster: optionalText(record, "cluster"),
    direction: optionalText(record, "direction"),
    tools: optionalText(record, "tools"),
    user: optionalText(record, "user"),
    language: optionalText(record, "language"),
    strength: number(record, "strength"),
    weight: weight(record),
    prompt: messages(record["prompt"], "prompt"),
    chosen: side(record, "chosen"),
    rejected: side(record, "rejected"),
    tags: tagsBeside(record, columns),
  };
}

/** rmbench's own Arrow files. */
export const native: Layout = {
  id: "rmbench",
  name: "rmbench pairs",
  matches: (record) => Array.isArray(record["prompt"]) && "chosen_messages" in record && "rejected_prompt" in record,
  convert: (record) => [pairFromRecord(record)],
};
