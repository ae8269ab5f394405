import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tokenizer as HubTokenizer } from "@huggingface/tokenizers";
import { RmbenchError, messageOf } from "../errors.ts";
import type { SpecialTokens } from "../prompt/chat-template.ts";
import type { ModelInput } from "../prompt/format.ts";

/** Token ids of one input, special tokens included. */
export interface TokenIds {
  ids: Int32Array;
  /** Where the second segment (token type 1) begins; `length` where there is none. */
  segment: number;
  length: number;
}

export interface TextTokenizer {
  /** sha256 of tokenizer.json and tokenizer_config.json. */
  sha256: string;
  special: SpecialTokens;
  /** Null where the tokenizer names no padding token. */
  padId: number | null;
  bosId: number | null;
  /** `model_max_length`, or null where the file leaves it open. */
  maxLength: number | null;
  chatTemplate: string | null;
  /** Whether two texts are joined with separators, as BERT-like models are trained. */
  joinsPairs: boolean;
  /**
   * Exactly one beginning-of-sequence token, also where both the text and the tokenizer bring one.
   * @param asWritten the tokenizer adds no special tokens to the text.
   */
  encode(input: ModelInput, asWritten?: boolean): TokenIds;
  /** The ids of one text, with those that the tokenizer adds around it apart; a BOS in the text stays. */
  pieces(text: string): { before: number[]; content: number[]; after: number[] };
}

/**
 * Reads tokenizer.json, tokenizer_config.json and chat_template.jinja; the vocabulary is built at the first `encode`.
 * @throws RmbenchError `model` where a file is missing or malformed.
 */
export async function loadTokenizer(dir: string): Promise<TextTokenizer> {
  const text = await read(dir, "tokenizer.json");
  if (text === null) {
    throw new RmbenchError("model", `${dir} has no tokenizer.json`, {
      hint: "save the model's fast tokenizer there: AutoTokenizer.from_pretrained(…).save_pretrained(dir)",
    });
  }
  const configText = await read(dir, "tokenizer_config.json");
  const tokenizer = parse(text, join(dir, "tokenizer.json"));
  const config = configText === null ? {} : parse(configText, join(dir, "tokenizer_config.json"));
  const special = specialTokens(config);
  const added = new Map(list(tokenizer.added_tokens).map((token) => [String(token.content), Number(token.id)]));
  const vocabulary = record(record(tokenizer.model).vocab);
  const idOf = (token: string | undefined) => {
    if (token === undefined) return null;
    const id = added.get(token) ?? vocabulary[token];
    return typeof id === "number" ? id : null;
  };
  const bosId = idOf(special.bos_token);
  const length = config.model_max_length;
  const { Tokenizer } = await import("@huggingface/tokenizers");
  let built: HubTokenizer | null = null;
  return {
    sha256: createHash("sha256")
      .update(text)
      .update("\0")
      .update(configText ?? "")
      .digest("hex"),
    special,
    padId: idOf(special.pad_token),
    bosId,
    // Python writes 1e30 for "no limit".
    maxLength: typeof length === "number" && length < 1e9 ? length : null,
    chatTemplate: await chatTemplate(dir, config),
    joinsPairs: joinsPairs(record(tokenizer.post_processor)),
    encode({ text, pair }, asWritten = false) {
      built ??= new Tokenizer(tokenizer, config);
      const encoded = built.encode(text, {
        text_pair: pair,
        return_token_type_ids: true,
        add_special_tokens: !asWritten,
      });
      const twice = bosId !== null && encoded.ids[0] === bosId && encoded.ids[1] === bosId;
      const ids = Int32Array.from(twice ? encoded.ids.slice(1) : encoded.ids);
      // A tokenizer without a post-processor gives none, whatever its types say.
      const segments: number[] | undefined = encoded.token_type_ids;
      const at = segments?.indexOf(1) ?? -1;
      return { ids, segment: at < 0 ? ids.length : at - (twice ? 1 : 0), length: ids.length };
    },
    pieces(text) {
      built ??= new Tokenizer(tokenizer, config);
      const content: number[] = built.encode(text, { add_special_tokens: false }).ids;
      const whole: number[] = built.encode(text).ids;
      let start = 0;
      while (start < whole.length - content.length && content.some((id, i) => whole[start + i] !== id)) start++;
      return { before: whole.slice(0, start), content, after: whole.slice(start + content.length) };
    },
  };
}

async function chatTemplate(dir: string, config: Json): Promise<string | null> {
  const file = await read(dir, "chat_template.jinja");
  if (file !== null) return file;
  const value = config.chat_template;
  if (typeof value === "string") return value;
  const named = list(value).find((entry) => entry.name === "default");
  if (typeof named?.template === "string") return named.template;
  const json = await read(dir, "chat_template.json");
  const source = json === null ? undefined : parse(json, join(dir, "chat_template.json")).chat_template;
  return typeof source === "string" ? source : null;
}

/** Every `…_token` of tokenizer_config.json, given as a text or as an added-token object. */
function specialTokens(config: Json): SpecialTokens {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) => {
      const content = typeof value === "string" ? value : record(value).content;
      return name.endsWith("_token") && typeof content === "string" ? [[name, content]] : [];
    }),
  );
}

/** BERT's and RoBERTa's processors, and templates whose form for two texts gives the second a segment of its own. */
function joinsPairs(processor: Json): boolean {
  if (processor.type === "BertProcessing" || processor.type === "RobertaProcessing") return true;
  if (processor.type === "Sequence") return list(processor.processors).some(joinsPairs);
  if (processor.type !== "TemplateProcessing") return false;
  const pieces = list(processor.pair);
  const second = pieces.findIndex((piece) => record(piece.Sequence).id === "B");
  return second > 0 && pieces.slice(second + 1).some((piece) => piece.SpecialToken !== undefined);
}

type Json = Record<string, unknown>;

function record(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function parse(text: string, file: string): Json {
  try {
    return record(JSON.parse(text));
  } catch (error) {
    throw new RmbenchError("model", `${file} is not JSON: ${messageOf(error)}`, {
      hint: "copy it again, or save the tokenizer again: it may be cut off",
      cause: error,
    });
  }
}

async function read(dir: string, name: string): Promise<string | null> {
  try {
    return await readFile(join(dir, name), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return null;
    throw new RmbenchError("model", `cannot read ${join(dir, name)}: ${messageOf(error)}`, { cause: error });
  }
}
