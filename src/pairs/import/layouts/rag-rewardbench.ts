import { conversation, label, optionalParts, tagsOf, text } from "../fields.ts";
import type { Layout } from "../layout.ts";

const categories = ["abstain", "citation", "conflict", "harmless", "helpful", "reason"];

/** The user turn's end in the paper's template, behind the references. */
const closing = (question: string): string =>
  "\nUsing the references listed above, answer the following question in detail.\n" +
  `## Question: ${question}\n## Answer:`;

/**
 * RAG-RewardBench (arXiv 2412.13746): references in the prompt, the losing answer under `reject`. All files are one
 * split and subsets repeat between them, so the category, which is the file's name, is part of the subset.
 */
export const ragRewardBench: Layout = {
  id: "rag-rewardbench",
  name: "RAG-RewardBench (reject, references in the prompt)",
  matches: (record) => "reject" in record && !("rejected" in record) && "chosen" in record && "prompt" in record,
  convert: (record, context) => {
    const category = label(record, "category") ?? categories.find((one) => one === context.stem) ?? null;
    const subset = [category, label(record, "subset")].filter((part) => part !== null).join("/") || "default";
    const { ragTemplate } = context.options;
    const question = label(record, "question");
    let prompt = record["prompt"];
    if (typeof prompt === "string" && question !== null && ragTemplate !== "prompt-only") {
      if (ragTemplate === "paper" || !prompt.includes(question)) {
        prompt += closing(question);
        context.note("question and answer cue of the paper's template were appended to prompts (--rag-template)");
      }
    }
    const optional = optionalParts(record);
    return [
      {
        ...optional,
        id: label(record, "id") ?? String(context.row),
        subset,
        direction: optional.direction ?? (category === "abstain" ? "abstain" : null),
        prompt: conversation(prompt, "prompt"),
        chosen: [text(record, "chosen")],
        rejected: [text(record, "reject")],
        tags: tagsOf(record, ["prompt", "chosen", "reject"]),
      },
    ];
  },
};
