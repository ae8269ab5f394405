import type { Message } from "../../pairs/pair.ts";

/** A conversation in every form that a server may take; null: this form does not exist. */
export interface Text {
  messages: readonly Message[];
  /** Question and answer apart. */
  pair: { question: string; answer: string };
  /** Token ids, special tokens included, and where the second segment begins. */
  ids: Int32Array | null;
  segment: number;
  /** As text for a server whose tokenizer adds its special tokens. */
  text: string | null;
  /** As text for a server that tokenises what is written and adds nothing. */
  written: string | null;
  /** Tokens, 0 where only the server knows. */
  length: number;
}
