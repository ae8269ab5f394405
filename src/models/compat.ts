/**
 * What RewardBench (allenai/reward-bench) does to a text between the chat template and the model, so that its scores can
 * be had again. docs/compat.md has each rule beside its source.
 */
import { RmbenchError } from "../errors.ts";
import type { Message } from "../pairs/pair.ts";
import type { Format } from "../prompt/format.ts";
import type { Conversation, Question } from "../questions/question.ts";
import { prepareEach } from "./prepare.ts";
import type { Compat, ModelOptions, Prepared } from "./reward-model.ts";
import type { TextTokenizer, TokenIds } from "./tokenizer.ts";

/** Its scripts cut inputs here where they are told nothing else. */
const itsMaxLength = 2048;

export interface CompatReading {
  format: Format;
  tokenizer: TextTokenizer;
  /** The model's own limit in tokens or `--max-length`; null where there is none. */
  maxLength: number | null;
  truncate: ModelOptions["truncate"];
  compat: Compat;
  /** Where the model can be told which tokens to attend to: the id that it is padded with. Null: it cannot be told. */
  padId?: number | null;
}

/**
 * How a model reads under `options.compat`: cut where it was asked for, else at the incumbent's length, and never beyond
 * the model's own.
 * @throws RmbenchError `usage` where the model has no chat template: the incumbent would ask for one of FastChat's.
 */
export function readingUnder<R extends { template: string; maxLength: number | null }>(
  { compat, truncate, maxLength: asked }: ModelOptions,
  reading: R,
  id: string,
): R {
  if (compat === null) return reading;
  if (!reading.template.startsWith("chat ")) {
    throw new RmbenchError("usage", `${id} has no chat template, which --compat ${compat} needs`, {
      hint: "RewardBench renders such models by a template of FastChat, which rmbench does not have",
    });
  }
  if (truncate === "never" || asked !== null) return reading;
  return { ...reading, maxLength: Math.min(itsMaxLength, reading.maxLength ?? itsMaxLength) };
}

/** Questions as token ids, in order, as the incumbent prepares them; what it cannot ask is refused. */
export async function prepareAsRewardBench(
  questions: readonly Question[],
  reading: CompatReading,
): Promise<Prepared[]> {
  return prepareEach(questions, (question) => prepareOne(question, reading));
}

function prepareOne(
  question: Question,
  { format, tokenizer, maxLength, truncate, compat, padId = null }: CompatReading,
): Prepared {
  const refuse = (code: "too-long" | "unsupported", message: string, tokens = 0): Prepared => ({
    tokens,
    truncated: false,
    droppedDocuments: 0,
    refused: { code, message },
    payload: null,
  });
  if (question.kind !== "pointwise")
    return refuse("unsupported", `this model scores single responses, not ${question.kind} questions`);
  try {
    const text = textOf(question.of, format);
    const pieces = tokenizer.pieces(text);
    const room = maxLength === null ? Infinity : maxLength - pieces.before.length - pieces.after.length;
    const { content } = pieces;
    const cut = content.length > room;
    if (cut && truncate === "never") {
      const tokens = pieces.before.length + content.length + pieces.after.length;
      return refuse("too-long", `${tokens} tokens; the limit is ${maxLength}`, tokens);
    }
    const kept = !cut
      ? content
      : truncate === "response-left"
        ? content.slice(content.length - room)
        : content.slice(0, room);
    const whole = [...pieces.before, ...kept, ...pieces.after];
    const twice = tokenizer.bosId !== null && whole[0] === tokenizer.bosId && whole[1] === tokenizer.bosId;
    const unseen = twice && compat === "rewardbench";
    // It takes the first of two BOS out of the attention mask: under relative positions, as if it were not there.
    const ids = Int32Array.from(unseen && padId === null ? whole.slice(1) : whole);
    const incumbent = padId === null ? {} : { incumbent: { pad: padId, masked: unseen ? 1 : 0 } };
    const payload: TokenIds = { ids, segment: ids.length, length: ids.length, ...incumbent };
    return { tokens: ids.length, truncated: cut, droppedDocuments: 0, refused: null, payload };
  } catch (error) {
    if (!(error instanceof RmbenchError)) throw error;
    return refuse("unsupported", error.message);
  }
}

/** A conversation without a prompt is a text that was rendered already: `rmbench doctor --against` has such texts. */
function textOf(conversation: Conversation, format: Format): string {
  const { prompt, response } = conversation;
  return prompt.length === 0 && typeof response === "string" ? response : format(asItReads(conversation)).text;
}

/** Prompt turns are labelled by their place, user first, whatever their roles; what stands last must come out a user's. */
function asItReads(conversation: Conversation): Conversation {
  const { prompt, documents, tools, response } = conversation;
  if (documents !== null || tools !== null || typeof response !== "string")
    throw new RmbenchError("model", "RewardBench knows neither documents nor tools nor trajectories");
  if (prompt.length % 2 === 0) {
    const turns = prompt.map(({ role }) => role).join(", ");
    throw new RmbenchError(
      "model",
      `RewardBench refuses a prompt of ${prompt.length} turns (${turns}): the last must be the user's`,
    );
  }
  const labelled = prompt.map(({ content }, i): Message => ({ role: i % 2 === 0 ? "user" : "assistant", content }));
  return { ...conversation, prompt: labelled };
}
