import { transcript } from "../../prompt/format.ts";
import { withDocuments } from "../../prompt/documents.ts";
import type { Conversation } from "../../questions/question.ts";
import type { Call } from "./provider.ts";
import type { Prompt } from "./prompts/prompt.ts";

/** Puts parts into a prompt in one pass: braces of a part are text. @throws Error where a part is missing. */
export function fill({ id, system, user }: Prompt, parts: Readonly<Record<string, string>>): Call {
  const put = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const part = parts[name];
      if (part === undefined) throw new Error(`the prompt ${id} has a place for ${name}, and nothing to put there`);
      return part;
    });
  return { system: put(system), turns: [{ role: "user", content: put(user) }] };
}

/** All that comes before the answer: turns, documents and tools. @throws RmbenchError `model` as `withDocuments`. */
export function conversationText({ prompt, documents, tools }: Conversation): string {
  const turns = transcript(withDocuments(prompt, documents));
  return tools === null ? turns : `Tools that the assistant may call:\n${tools}\n\n${turns}`;
}

export function answerText({ response }: Conversation): string {
  return typeof response === "string" ? response : transcript(response);
}
