import { RmbenchError } from "../../errors.ts";
import type { Conversation } from "../../questions/question.ts";
import type { TextTokenizer } from "../tokenizer.ts";

/** Token ids as the worker takes them. */
export interface TorchInput {
  ids: Int32Array;
  /** Where the second segment begins; `length` where there is none. */
  segment: number;
  length: number;
  /** Positions that the head reads, ascending; without them it reads the last one. */
  reads?: readonly number[];
  /** Under `--compat`: the class itself reads, behind the last token that is not `pad`; `masked` first ones are unseen. */
  incumbent?: { pad: number; masked: 0 | 1 };
}

export type Encode = (conversation: Conversation) => TorchInput;

/** The last token of a text, as its vocabulary entry is found: a tokenizer may put others before it. */
export function lastId(tokenizer: TextTokenizer, text: string): number {
  const id = tokenizer.encode({ text, pair: null }, true).ids.at(-1);
  if (id === undefined) throw new RmbenchError("model", `the tokenizer has no token for ${JSON.stringify(text)}`);
  return id;
}
