import type { Message, PreferencePair, Response } from "../../pair.ts";
import { asResponse, conversation, isMessageList, isNil, label, messages, optionalParts, tagsOf } from "../fields.ts";
import type { Layout, RowContext } from "../layout.ts";
import { RowProblem, type SourceRecord } from "../record.ts";
import { directionOf } from "./direction.ts";

const same = (a: Message, b: Message): boolean => a.role === b.role && a.content === b.content;
const asks = (message: Message): boolean => ["user", "system", "human", "developer"].includes(message.role);
const isPlain = (message: Message): boolean => asks(message) || ["assistant", "gpt"].includes(message.role);

interface Split {
  prompt: Message[];
  rejectedPrompt: Message[] | null;
  chosen: Response;
  rejected: Response;
}

/**
 * Splits two whole conversations into the prompt that they share and the two responses. The prompt is the longest
 * common start that ends with a user's (or system) turn. Plain conversations that part before the last turn answer two
 * different prompts, and keep both; with tools in them, or named so, they are trajectories.
 */
function split(chosen: Message[], rejected: Message[], given: Message[] | null, trajectory: boolean): Split {
  if (given !== null && !(chosen[0] !== undefined && asks(chosen[0]))) {
    return { prompt: given, rejectedPrompt: null, chosen: asResponse(chosen), rejected: asResponse(rejected) };
  }
  let common = 0;
  const most = Math.min(chosen.length, rejected.length) - 1;
  while (common < most && same(chosen[common] as Message, rejected[common] as Message)) common++;
  while (common > 0 && !asks(chosen[common - 1] as Message)) common--;
  const plain = !trajectory && [...chosen, ...rejected].every(isPlain);
  const apart = common === 0 || (plain && Math.max(chosen.length, rejected.length) > common + 1);
  if (!apart) {
    return {
      prompt: chosen.slice(0, common),
      rejectedPrompt: null,
      chosen: asResponse(chosen.slice(common)),
      rejected: asResponse(rejected.slice(common)),
    };
  }
  const opening = (turns: Message[]): number => {
    if (plain) return turns.length - 1;
    const reply = turns.findIndex((turn) => !asks(turn));
    return reply === -1 ? turns.length : reply;
  };
  const [a, b] = [opening(chosen), opening(rejected)];
  return {
    prompt: chosen.slice(0, a),
    rejectedPrompt: rejected.slice(0, b),
    chosen: asResponse(chosen.slice(a)),
    rejected: asResponse(rejected.slice(b)),
  };
}

function convert(record: SourceRecord, context: RowContext, columns: readonly [string, string]): PreferencePair[] {
  const [chosen, rejected] = columns.map((column) => {
    const turns = messages(record[column], column);
    if (turns.length === 0)
      throw new RowProblem("null", `${column} is empty`, "give the conversation, or leave the row out");
    return turns;
  }) as [Message[], Message[]];
  const named = columns.some((column) => {
    const turns = record[column];
    return isMessageList(turns) && turns.some((turn) => !isNil(turn["name"]));
  });
  if (named) context.note('the "name" of messages is left out: a message is a role and its content');
  const subset = label(record, "subset") ?? "default";
  const optional = optionalParts(record);
  const given = isNil(record["prompt"]) || record["prompt"] === "" ? null : conversation(record["prompt"], "prompt");
  const parts = split(chosen, rejected, given, columns[0] === "chosen_messages");
  return [
    {
      ...optional,
      id: label(record, "id") ?? label(record, "prompt_id") ?? String(context.row),
      subset,
      direction: optional.direction ?? directionOf(subset),
      ...parts,
      chosen: [parts.chosen],
      rejected: [parts.rejected],
      tags: tagsOf(record, ["prompt", ...columns]),
    },
  ];
}

export const trajectories: Layout = {
  id: "trajectories",
  name: "trajectories (chosen_messages, rejected_messages)",
  matches: (record) =>
    isMessageList(record["chosen_messages"]) && isMessageList(record["rejected_messages"]) && isNil(record["chosen"]),
  convert: (record, context) => convert(record, context, ["chosen_messages", "rejected_messages"]),
};

export const conversations: Layout = {
  id: "conversations",
  name: "message lists (chosen and rejected as conversations)",
  matches: (record) => isMessageList(record["chosen"]) && isMessageList(record["rejected"]),
  convert: (record, context) => convert(record, context, ["chosen", "rejected"]),
};

const marker = /\n\n(Human|Assistant):( ?)/g;

/** Turns of an HH transcript; the blank behind the marker belongs to it, everything else to the text. */
function turnsOf(transcript: string): Message[] {
  const turns: Message[] = [];
  const marks = [...transcript.matchAll(marker)];
  marks.forEach((mark, i) => {
    const content = transcript.slice(mark.index + mark[0].length, marks[i + 1]?.index ?? transcript.length);
    turns.push({ role: mark[1] === "Human" ? "user" : "assistant", content });
  });
  return turns;
}

const isTranscript = (value: unknown): value is string =>
  typeof value === "string" && value.startsWith("\n\nHuman:") && value.includes("\n\nAssistant:");

/** Anthropic's HH: two transcripts, alike up to the last `\n\nAssistant:` (and where they are not, both prompts stay). */
export const transcripts: Layout = {
  id: "hh",
  name: "HH transcripts (\\n\\nHuman: … \\n\\nAssistant: …)",
  matches: (record) => isTranscript(record["chosen"]) && isTranscript(record["rejected"]),
  convert: (record, context) => {
    const sides = (["chosen", "rejected"] as const).map((column) => {
      const transcript = record[column];
      if (!isTranscript(transcript)) {
        throw new RowProblem(
          "malformed",
          `${column} is no transcript`,
          'it must start with "\\n\\nHuman:" and have a reply',
        );
      }
      const turns = turnsOf(transcript);
      const reply = turns.findLastIndex((turn) => turn.role === "assistant");
      if (reply !== turns.length - 1) {
        throw new RowProblem("malformed", `${column} does not end with the assistant's turn`, "leave the row out");
      }
      return { prompt: turns.slice(0, reply), reply: turns[reply]?.content ?? "" };
    });
    const [chosen, rejected] = sides as [(typeof sides)[0], (typeof sides)[0]];
    const alike =
      chosen.prompt.length === rejected.prompt.length &&
      chosen.prompt.every((turn, i) => same(turn, rejected.prompt[i] as Message));
    const optional = optionalParts(record);
    return [
      {
        ...optional,
        id: label(record, "id") ?? String(context.row),
        subset: label(record, "subset") ?? "default",
        prompt: chosen.prompt,
        rejectedPrompt: alike ? optional.rejectedPrompt : rejected.prompt,
        chosen: [chosen.reply],
        rejected: [rejected.reply],
        tags: tagsOf(record, ["chosen", "rejected"]),
      },
    ];
  },
};
