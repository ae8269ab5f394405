import type { PreferencePair } from "../../pair.ts";
import {
  conversation,
  isMessageList,
  isNil,
  label,
  messages,
  optionalParts,
  responses,
  tagsOf,
  wrongType,
} from "../fields.ts";
import type { Layout, RowContext } from "../layout.ts";
import type { SourceRecord } from "../record.ts";
import { directionOf } from "./direction.ts";

const promptColumns = ["messages", "prompt", "question", "instruction"] as const;
const used = [...promptColumns.slice(0, 2), "chosen", "rejected", "rejected_messages"];

const promptColumn = (record: SourceRecord): (typeof promptColumns)[number] | undefined =>
  promptColumns.find((column) => !isNil(record[column]));

/** Rows with a prompt and one or several responses a side, under their plain names. */
export function convertPair(record: SourceRecord, context: RowContext): PreferencePair[] {
  const column = promptColumn(record);
  if (column === undefined) throw wrongType("prompt", record["prompt"], "text or a list of messages");
  const subset = label(record, "subset") ?? "default";
  const optional = optionalParts(record);
  const rejectedMessages = record["rejected_messages"];
  const graded = optional.grades !== null || optional.steps !== null;
  return [
    {
      ...optional,
      id: label(record, "id") ?? String(context.row),
      subset,
      direction: optional.direction ?? directionOf(subset),
      prompt: conversation(record[column], column),
      chosen: responses(record["chosen"], "chosen"),
      rejected: graded && isNil(record["rejected"]) ? [] : responses(record["rejected"], "rejected"),
      rejectedPrompt: isNil(rejectedMessages)
        ? optional.rejectedPrompt
        : messages(rejectedMessages, "rejected_messages"),
      tags: tagsOf(record, [...used, column]),
    },
  ];
}

const isText = (value: unknown): boolean => typeof value === "string";
const hasSides = (record: SourceRecord): boolean =>
  promptColumn(record) !== undefined &&
  "chosen" in record &&
  ("rejected" in record || "grades" in record || "steps" in record);

export const rewardBench1: Layout = {
  id: "rewardbench-v1",
  name: "RewardBench v1 (prompt, chosen, rejected, subset, id)",
  matches: (record) =>
    hasSides(record) &&
    isText(record["prompt"]) &&
    isText(record["chosen"]) &&
    isText(record["rejected"]) &&
    "subset" in record &&
    "id" in record,
  convert: convertPair,
};

export const messagePrompts: Layout = {
  id: "messages",
  name: "message lists (prompt as messages)",
  matches: (record) => {
    const column = promptColumn(record);
    return hasSides(record) && column !== undefined && isMessageList(record[column]) && isText(record["rejected"]);
  },
  convert: convertPair,
};

export const responseLists: Layout = {
  id: "lists",
  name: "response lists (best-of-n)",
  matches: (record) => hasSides(record) && (Array.isArray(record["chosen"]) || Array.isArray(record["rejected"])),
  convert: convertPair,
};

export const plainPairs: Layout = {
  id: "pairs",
  name: "prompt, chosen, rejected",
  matches: hasSides,
  convert: convertPair,
};
