import { RmbenchError } from "../errors.ts";
import type { Document, Message } from "../pairs/pair.ts";

type DocumentTemplate = (documents: readonly Document[]) => string;

/**
 * How retrieved documents become text. `numbered`: one line `[i] title: text` per document (`[i] text` without a
 * title), i counting from 1 as the citations of the responses do. Dropping documents from the end keeps every number.
 */
const documentTemplates: Readonly<Record<string, DocumentTemplate>> = {
  numbered: (documents) =>
    documents.map(({ title, text }, at) => `[${at + 1}] ${title === "" ? "" : `${title}: `}${text}`).join("\n"),
  none: () => {
    throw new RmbenchError(
      "model",
      "the question has documents, and the document template `none` has no place for them",
    );
  },
};

/**
 * The prompt with its documents in front of the last user turn: documents, an empty line, the turn's own content.
 * @throws RmbenchError `model` for an unknown template, for `none`, and where no user turn could carry them.
 */
export function withDocuments(
  prompt: readonly Message[],
  documents: { template: string; items: readonly Document[] } | null,
): readonly Message[] {
  if (documents === null || documents.items.length === 0) return prompt;
  const template = documentTemplates[documents.template];
  if (template === undefined) {
    const known = Object.keys(documentTemplates).join(", ");
    throw new RmbenchError("model", `there is no document template \`${documents.template}\` (there are: ${known})`);
  }
  const rendered = template(documents.items);
  const last = prompt.findLastIndex((message) => message.role === "user");
  if (last < 0) throw new RmbenchError("model", "the prompt has documents but no user turn to carry them");
  return prompt.map((message, at) =>
    at === last ? { ...message, content: `${rendered}\n\n${message.content}` } : message,
  );
}
