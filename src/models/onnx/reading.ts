import { createHash } from "node:crypto";
import { RmbenchError } from "../../errors.ts";
import { compileChatTemplate } from "../../prompt/chat-template.ts";
import { chatFormat, chatPrompt, pairFormat, plainFormat, plainPrompt, type Format } from "../../prompt/format.ts";
import type { ModelOptions } from "../reward-model.ts";
import type { TextTokenizer } from "../tokenizer.ts";
import type { Config, Settings } from "./settings.ts";

/** How a model reads conversations. */
export interface ModelReading {
  format: Format;
  /** What stands before the response in `format`, for language models; null where the two are segments of their own. */
  prompt: Format | null;
  /** For the identity: which format, and the hash of its template. */
  template: string;
  /** Longest input in tokens, or null where nothing limits it. */
  maxLength: number | null;
  takesDocuments: boolean;
}

/**
 * Chooses the format (rmbench.json, else the chat template, else question-answer pairs for tokenizers that join two
 * texts, else a plain transcript) and the longest input (option, else rmbench.json, else tokenizer and positions).
 * @throws RmbenchError `model` where rmbench.json asks for what is not there, `usage` for a length beyond its own limit.
 */
export function chooseInput(
  dir: string,
  settings: Settings,
  config: Config,
  tokenizer: TextTokenizer,
  options: ModelOptions,
): ModelReading {
  return {
    ...chooseFormat(dir, settings, tokenizer),
    maxLength: chooseLength(dir, settings, config, tokenizer, options.maxLength),
    takesDocuments: settings.documents !== "none",
  };
}

function chooseFormat(
  dir: string,
  settings: Settings,
  tokenizer: TextTokenizer,
): Pick<ModelReading, "format" | "prompt" | "template"> {
  const source = settings.template ?? tokenizer.chatTemplate;
  const input = settings.input ?? (source !== null ? "chat" : tokenizer.joinsPairs ? "pair" : "plain");
  if (input === "pair") return { format: pairFormat, prompt: null, template: "pair" };
  if (input === "plain") {
    return { format: plainFormat(tokenizer.special.eos_token ?? ""), prompt: plainPrompt, template: "plain" };
  }
  if (source === null) {
    throw new RmbenchError("model", `rmbench.json in ${dir} says \`"input": "chat"\`, but there is no chat template`, {
      hint: "give one as `template` in rmbench.json, or as chat_template in tokenizer_config.json",
    });
  }
  const template = compileChatTemplate(source, tokenizer.special, `chat template of ${dir}`);
  const sha256 = createHash("sha256").update(source).digest("hex");
  const date = template.date === null ? "" : `, date ${template.date}`;
  return { format: chatFormat(template), prompt: chatPrompt(template), template: `chat sha256:${sha256}${date}` };
}

function chooseLength(
  dir: string,
  settings: Settings,
  config: Config,
  tokenizer: TextTokenizer,
  asked: number | null,
): number | null {
  const limits = [
    { tokens: positionsOf(config), says: "max_position_embeddings of config.json" },
    // What rmbench.json declares replaces model_max_length, which many repositories leave at a wrong number.
    settings.maxLength === undefined
      ? { tokens: tokenizer.maxLength, says: "model_max_length of tokenizer_config.json" }
      : { tokens: settings.maxLength, says: "maxLength of rmbench.json" },
  ];
  let own = { tokens: Number.POSITIVE_INFINITY, says: "" };
  for (const { tokens, says } of limits) if (tokens !== null && tokens < own.tokens) own = { tokens, says };
  if (settings.maxLength !== undefined && own.tokens < settings.maxLength) {
    const found = `rmbench.json in ${dir} says a maxLength of ${settings.maxLength} tokens`;
    throw new RmbenchError("model", `${found}, beyond the model's ${own.tokens} positions`);
  }
  if (asked !== null && asked > own.tokens) {
    throw new RmbenchError("usage", `--max-length ${asked} is beyond the model's own limit of ${own.tokens} tokens`, {
      hint: `${own.says} is ${own.tokens}: ask for no more, or leave --max-length out`,
    });
  }
  return asked ?? (Number.isFinite(own.tokens) ? own.tokens : null);
}

/** RoBERTa's position table begins after the padding id: 514 rows hold 512 tokens. */
function positionsOf({ model_type, max_position_embeddings, pad_token_id }: Config): number | null {
  if (typeof max_position_embeddings !== "number") return null;
  const shifted = ["roberta", "xlm-roberta", "camembert", "xlm-roberta-xl"].includes(model_type ?? "");
  return shifted ? max_position_embeddings - (pad_token_id ?? 1) - 1 : max_position_embeddings;
}
