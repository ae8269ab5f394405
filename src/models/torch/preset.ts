import type { OutputKind } from "../reward-model.ts";
import type { Settings } from "../onnx/settings.ts";

/** What the worker reads a reward with; `worker/heads.py` has each. */
type Head =
  /** transformers' own sequence classifier. */
  | { kind: "classifier" }
  /** Linear layers with ReLU between, by the names of their tensors; `normalised`: with the moments of config.json. */
  | { kind: "layers"; prefix: string; body?: "internlm2"; normalised?: boolean }
  /** Objectives weighted by a gate, which reads the token where `prompt` begins for the last time. */
  | { kind: "gated"; attributes: readonly string[]; prompt: string }
  /** Logits of a language model: of vocabulary ids, or of the last token of each text. */
  | { kind: "vocabulary"; ids: readonly number[] }
  | { kind: "vocabulary"; texts: readonly string[] }
  /** Two linear layers with tanh between, over the states of two marker tokens. */
  | { kind: "pair-ranker"; prefix: string };

/** How a process reward model reads a solution. */
export interface Steps {
  /** What stands between two steps of a response. */
  split: "\n" | "\n\n";
  /**
   * `marker`: `mark` stands behind each step, and is read. `turns`: each step is a user turn, answered by `mark`, and
   * read where the answer begins. `pieces`: problem and steps are tokenised apart, each ends with `mark`, and is read
   * there.
   */
  layout: "marker" | "turns" | "pieces";
  mark: string;
  /** Between two steps, behind the mark. */
  joiner?: string;
  /** A system turn for conversations that have none. */
  system?: string;
}

/** A family of reward models. */
export interface Preset {
  /** Its name in rmbench.json. */
  name: string;
  /** Hub ids that have it without asking. */
  hub: readonly string[];
  head: Head;
  /** As in rmbench.json, whose own fields go before these. */
  settings?: Pick<Settings, "input" | "template" | "maxLength" | "sign">;
  /** `as-written`: the template brings the beginning-of-sequence token, and the tokenizer adds none. */
  bos?: "as-written";
  /** Field of config.json with an id that is appended where it is not the last one. */
  append?: string;
  /** How the head's columns become a value; rmbench.json's scoreIndex and reduction where it is missing. */
  rule?: { reduction: "softmax"; of: number } | { reduction: "sigmoid" } | { reduction: "difference" };
  steps?: Steps;
  /** Set where it compares two responses: how they stand in one input. `pairs.ts` has each. */
  pairing?: "candidates" | "letters";
  output: OutputKind;
  /** Names of tensors that are renamed at loading, as regular expressions. */
  rename?: Readonly<Record<string, string>>;
  /** Set where rmbench cannot run it as it is published: why, and what to do. */
  unsupported?: { why: string; hint: string };
  /** Where what is written here was read: in code, in a card or thread, or from memory alone. */
  source: "verified" | "second-hand" | "memory";
  /** For docs: what to know. */
  note: string;
}
