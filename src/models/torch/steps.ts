import { RmbenchError } from "../../errors.ts";
import type { Message } from "../../pairs/pair.ts";
import type { Format } from "../../prompt/format.ts";
import type { Conversation } from "../../questions/question.ts";
import type { TextTokenizer } from "../tokenizer.ts";
import type { Steps } from "./preset.ts";
import { lastId, type Encode, type TorchInput } from "./token-ids.ts";

/** A solution with the positions at which its steps are read, one each. */
export function stepEncoder(steps: Steps, format: Format, tokenizer: TextTokenizer, asWritten: boolean): Encode {
  const encode = (conversation: Conversation) => tokenizer.encode(format(conversation), asWritten);
  const layouts: Record<Steps["layout"], Encode> = {
    marker: (conversation) => {
      const marked = stepsOf(conversation, steps).map((step) => `${step}${steps.mark}`);
      const input = encode({ ...withSystem(conversation, steps.system), response: marked.join(steps.joiner ?? "") });
      return { ...input, reads: readsOf(input, lastId(tokenizer, steps.mark.trim()), marked.length, steps.mark) };
    },
    turns: (conversation) => {
      const turns = stepsOf(conversation, steps);
      const reads = turns.map((_, at) => encode(asTurns(conversation, turns.slice(0, at + 1), steps.mark)).length - 3);
      return { ...encode(asTurns(conversation, turns, steps.mark)), reads };
    },
    pieces: (conversation) => {
      const text = (piece: string) =>
        piece === "" ? [] : [...tokenizer.encode({ text: piece, pair: null }, true).ids];
      const ids = text(`${tokenizer.special.bos_token ?? ""}${problemOf(conversation)}\n`);
      const mark = lastId(tokenizer, steps.mark);
      const reads: number[] = [];
      for (const line of responseOf(conversation).split(steps.split)) {
        ids.push(...text(line), mark);
        reads.push(ids.length - 1);
      }
      return { ids: Int32Array.from(ids), length: ids.length, segment: ids.length, reads };
    },
  };
  return layouts[steps.layout];
}

function stepsOf(conversation: Conversation, { split }: Steps): string[] {
  const found = responseOf(conversation)
    .split(split)
    .map((step) => step.trim())
    .filter((step) => step !== "");
  if (found.length === 0) throw new RmbenchError("model", "the response has no steps");
  return found;
}

function responseOf({ response }: Conversation): string {
  if (typeof response === "string") return response;
  throw new RmbenchError(
    "model",
    "the response is several messages, and a process reward model reads the steps of one",
  );
}

/** The conversation's only user turn. */
function problemOf({ prompt }: Conversation): string {
  const [turn, ...further] = prompt.filter(({ role }) => role !== "system");
  if (turn?.role === "user" && further.length === 0) return turn.content;
  throw new RmbenchError("model", "the prompt is not one user turn, and this model reads one problem");
}

function withSystem(conversation: Conversation, system: string | undefined): Conversation {
  if (system === undefined || conversation.prompt.some(({ role }) => role === "system")) return conversation;
  return { ...conversation, prompt: [{ role: "system", content: system }, ...conversation.prompt] };
}

/** The first step stands in the problem's own turn, behind a space. */
function asTurns(conversation: Conversation, steps: readonly string[], mark: string): Conversation {
  const problem = problemOf(conversation);
  const system = conversation.prompt.filter(({ role }) => role === "system");
  const answered = steps.flatMap((step, at): Message[] => [
    { role: "user", content: at === 0 ? `${problem} ${step}` : step },
    { role: "assistant", content: mark },
  ]);
  return { ...conversation, prompt: [...system, ...answered.slice(0, -1)], response: mark };
}

/** @throws RmbenchError `model` where the text itself has the marker: its steps could not be told apart. */
function readsOf({ ids }: TorchInput, mark: number, count: number, text: string): number[] {
  const reads = Array.from(ids.keys()).filter((at) => ids[at] === mark);
  if (reads.length === count) return reads;
  throw new RmbenchError(
    "model",
    `the text has ${reads.length} step markers ${JSON.stringify(text)} for ${count} steps`,
  );
}
