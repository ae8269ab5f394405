import { resolve } from "node:path";
import { RmbenchError } from "../../errors.ts";
import { withDocuments } from "../../prompt/documents.ts";
import { pairFormat, transcript } from "../../prompt/format.ts";
import type { Conversation } from "../../questions/question.ts";
import { chooseInput } from "../onnx/reading.ts";
import { readConfig, readSettings } from "../onnx/settings.ts";
import type { TextReading } from "../prepare.ts";
import type { ModelContext, ModelOptions } from "../reward-model.ts";
import { loadTokenizer, type TextTokenizer } from "../tokenizer.ts";
import type { Dialect } from "./dialect.ts";
import type { ServerSettings } from "./settings.ts";
import type { Text } from "./text.ts";

/** How conversations become what the server takes, and what of that the identity names. */
export interface ServerReading {
  form: "messages" | "pair" | "plain" | "rendered";
  texts: TextReading<Text>;
  identity: Readonly<Record<string, string>>;
}

/**
 * With a tokenizer of ours texts are rendered and measured here, as `onnx:` does; without one the server does both.
 * @throws RmbenchError `usage` where the server takes nothing that can be had so, `model` for a broken tokenizer.
 */
export async function readingOf(
  id: string,
  dialect: Dialect,
  settings: ServerSettings,
  options: ModelOptions,
  context: ModelContext,
): Promise<ServerReading> {
  const { truncate } = options;
  if (settings.tokenizer !== undefined) {
    const dir = resolve(context.cwd, settings.tokenizer);
    const [tokenizer, own, config] = await Promise.all([loadTokenizer(dir), readSettings(dir), readConfig(dir)]);
    const reading = chooseInput(dir, own, config, tokenizer, options);
    return {
      form: "rendered",
      identity: {
        tokenizer: tokenizer.sha256,
        template: reading.template,
        maxLength: String(reading.maxLength),
        truncate,
      },
      texts: {
        ...reading,
        truncate,
        encode: (conversation) => rendered(conversation, reading.format(conversation), tokenizer),
      },
    };
  }
  if (options.maxLength !== null || truncate !== "never") {
    throw new RmbenchError("usage", `${id} cannot be run with --max-length or --truncate`, {
      hint: "the server tokenises: say `--server tokenizer=<folder>` to have texts measured and cut here",
    });
  }
  const form = settings.input ?? dialect.input;
  if (form === null) {
    throw new RmbenchError("usage", `${id} takes finished text, and there is no template to make it with`, {
      hint: "say `--server tokenizer=<folder with tokenizer.json and chat template>`, or `--server input=plain`",
    });
  }
  return {
    form,
    identity: { template: form === "messages" ? "the server's, one BOS" : form },
    texts: {
      maxLength: null,
      takesDocuments: true,
      truncate,
      encode: (conversation) => unrendered(conversation, form),
    },
  };
}

function messagesOf(conversation: Conversation): Text["messages"] {
  const { response } = conversation;
  const answer = typeof response === "string" ? [{ role: "assistant", content: response }] : response;
  return [...withDocuments(conversation.prompt, conversation.documents), ...answer];
}

function pairOf(conversation: Conversation): Text["pair"] {
  const { text, pair } = pairFormat({ ...conversation, tools: null });
  return { question: text, answer: pair ?? "" };
}

function unrendered(conversation: Conversation, form: "messages" | "pair" | "plain"): Text & { length: number } {
  if (conversation.tools !== null)
    throw new RmbenchError("model", "the conversation defines tools, and the server is not told of them");
  const messages = messagesOf(conversation);
  const plain = form === "plain" ? transcript(messages) : null;
  // A length of 0 would read as a text without tokens; the server counts them.
  return { messages, pair: pairOf(conversation), ids: null, segment: 0, text: plain, written: plain, length: 1 };
}

function rendered(
  conversation: Conversation,
  { text, pair }: { text: string; pair: string | null },
  tokenizer: TextTokenizer,
): Text {
  const { ids, segment, length } = tokenizer.encode({ text, pair });
  const { bos_token: bos = "", cls_token: cls = "", sep_token: sep = "" } = tokenizer.special;
  const joined = pair === null ? text : `${cls}${text}${sep}${pair}${sep}`;
  const same = (other: Int32Array) => other.length === ids.length && other.every((token, i) => token === ids[i]);
  const withoutBos = bos !== "" && text.startsWith(bos) ? text.slice(bos.length) : text;
  const added = (candidate: string) => {
    const { before, content, after } = tokenizer.pieces(candidate);
    return same(Int32Array.from([...before, ...content, ...after]));
  };
  return {
    messages: messagesOf(conversation),
    pair: pair === null ? pairOf(conversation) : { question: text, answer: pair },
    ids,
    segment,
    length,
    text: pair === null ? ([text, withoutBos].find(added) ?? null) : null,
    written:
      [joined, `${bos}${joined}`, `${cls}${joined}${sep}`].find((candidate) =>
        same(tokenizer.encode({ text: candidate, pair: null }, true).ids),
      ) ?? null,
  };
}
