import { RmbenchError } from "../../errors.ts";
import type { Format } from "../../prompt/format.ts";
import type { Conversation } from "../../questions/question.ts";
import type { TextTokenizer } from "../tokenizer.ts";

/** Token ids of prompt and response, special tokens included. */
export interface Span {
  ids: Int32Array;
  length: number;
  /** First token of the response: from here on tokens count. */
  start: number;
  /** As of models that read two texts: `length`, there is one. */
  segment: number;
}

/**
 * Tokenises a conversation and its prompt alone, up to the header of the assistant's turn. All that follows is the response,
 * the end-of-turn token and whatever the template puts behind it included, as trainers count it.
 * @returns a function that throws RmbenchError `model` where it cannot be told which tokens are the response's.
 */
export function spanEncoder(format: Format, prompt: Format, tokenizer: TextTokenizer): (of: Conversation) => Span {
  let after: number | null = null;
  return (conversation) => {
    if (typeof conversation.response !== "string") {
      throw new RmbenchError("model", "the response is a trajectory of several messages, not all of them the policy's");
    }
    // What a tokenizer adds at the end of every text is no part of a prompt that goes on.
    after ??= tokenizer.pieces("a").after.length;
    const { ids, length } = tokenizer.encode(format(conversation));
    const before = tokenizer.encode(prompt(conversation)).ids;
    const start = before.length - after;
    if (!before.subarray(0, start).every((id, at) => ids[at] === id)) {
      throw new RmbenchError(
        "model",
        "the tokens of the prompt are not the first tokens of prompt and response, so the response's cannot be told apart",
        { hint: "give a chat template whose generation prompt is how an assistant's turn begins, in rmbench.json" },
      );
    }
    if (start === length) throw new RmbenchError("model", "the response has no tokens");
    if (start === 0) throw new RmbenchError("model", "nothing stands before the response's first token");
    return { ids, length, start, segment: length };
  };
}
