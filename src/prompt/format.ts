import { RmbenchError } from "../errors.ts";
import type { Message } from "../pairs/pair.ts";
import type { Conversation } from "../questions/question.ts";
import type { ChatTemplate } from "./chat-template.ts";
import { withDocuments } from "./documents.ts";

/** What the tokenizer reads: one text, or two that it joins (`[CLS] question [SEP] answer [SEP]`). */
export interface ModelInput {
  text: string;
  pair: string | null;
}

/** Turns a conversation into the model's input. @throws RmbenchError `model` where it cannot. */
export type Format = (conversation: Conversation) => ModelInput;

/** `chat`: the tokenizer's template. */
export function chatFormat(template: ChatTemplate): Format {
  return (conversation) => {
    if (conversation.tools !== null && !template.readsTools) refuseTools("the chat template does not read tools");
    return {
      text: template.render([...promptOf(conversation), ...responseOf(conversation)], conversation.tools),
      pair: null,
    };
  };
}

/**
 * `pair`: question and answer as two segments. The question is the content of the only user turn, or a plain
 * transcript where there are more turns; the answer is the response.
 */
export const pairFormat: Format = (conversation) => {
  if (conversation.tools !== null) refuseTools("a question-answer pair has no place for tools");
  const prompt = promptOf(conversation);
  const [first] = prompt;
  const text = prompt.length === 1 && first !== undefined ? first.content : transcript(prompt);
  return {
    text,
    pair: typeof conversation.response === "string" ? conversation.response : transcript(conversation.response),
  };
};

/**
 * `plain`, for causal tokenizers without a chat template: `Human: …`, `Assistant: …` with an empty line between the
 * turns (system turns as they are), then the end-of-text token, where there is one, as trainers append it.
 */
export function plainFormat(endOfText: string): Format {
  return (conversation) => {
    if (conversation.tools !== null) refuseTools("a plain transcript has no place for tools");
    return { text: transcript([...promptOf(conversation), ...responseOf(conversation)]) + endOfText, pair: null };
  };
}

/** What stands before the response of `chatFormat`, the header of its turn included: what a language model goes on from. */
export function chatPrompt(template: ChatTemplate): Format {
  return (conversation) => ({ text: template.render(promptOf(conversation), conversation.tools, true), pair: null });
}

/**
 * What stands before the response of `plainFormat`. The space behind `Assistant:` is left to the response, with whose first
 * word tokenizers join it.
 */
export const plainPrompt: Format = (conversation) => ({
  text: transcript([...promptOf(conversation), { role: "assistant", content: "" }]).trimEnd(),
  pair: null,
});

function promptOf({ prompt, documents }: Conversation): readonly Message[] {
  return withDocuments(prompt, documents);
}

function responseOf({ response }: Conversation): readonly Message[] {
  return typeof response === "string" ? [{ role: "assistant", content: response }] : response;
}

/** `Human: …` and `Assistant: …` with an empty line between the turns, system turns as they are. */
export function transcript(messages: readonly Message[]): string {
  const names: Record<string, string> = { user: "Human: ", assistant: "Assistant: ", system: "" };
  return messages.map(({ role, content }) => `${names[role] ?? `${role}: `}${content}`).join("\n\n");
}

function refuseTools(reason: string): never {
  throw new RmbenchError("model", `the conversation defines tools, and ${reason}`);
}
