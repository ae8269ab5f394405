import { z } from "zod";

/** How a judge is asked, and how its answer becomes a score; each has a file of its own beside this one. */
export const judgeProtocols = ["pairwise", "ranking", "rating", "checklist", "principle", "critique"] as const;

const text = z.string().min(1);
const price = z.number().min(0);

const fields = z.strictObject({
  protocol: z.enum(judgeProtocols).optional().meta({ description: "How the judge is asked (default: pairwise)." }),
  logprobs: z.boolean().optional().meta({
    description:
      "Ask for one token and read the probabilities of the answers; false: let the judge reason and read its verdict (default: true where the provider is OpenAI-compatible).",
  }),
  temperature: z.number().min(0).nullable().optional().meta({
    description: "Sampling temperature (default: 0); null sends none, for models that refuse the field.",
  }),
  seed: z.number().int().nullable().optional().meta({
    description: "Seed of the provider's sampling (default: 0); null sends none.",
  }),
  maxTokens: z.number().int().min(1).optional().meta({
    description: "Most tokens of a reply in words, reasoning included (default: 2048); a verdict of one token gets 4.",
  }),
  checklist: z.array(text).min(1).optional().meta({ description: "Questions of protocol checklist, for yes or no." }),
  principles: z
    .array(z.strictObject({ name: text, definition: text, negativeDefinition: text }))
    .min(1)
    .max(8)
    .optional()
    .meta({ description: "Principles of protocol principle, each with what stands for it and for its negation." }),
  negate: z.array(text).optional().meta({ description: "Names of the principles that are negated." }),
  referenceTag: text.optional().meta({
    description:
      "Tag (a column of the imported file) with a reference answer, which the judge is shown; every pair needs it.",
  }),
  prices: z
    .record(text, z.strictObject({ input: price, output: price }))
    .optional()
    .meta({ description: "By name of the judging model: US dollars for a million tokens of input and of output." }),
});

export type JudgeSection = z.output<typeof fields>;

/** The only protocol that reads a setting. */
export const readBy = { principles: "principle", negate: "principle", checklist: "checklist" } as const;

/** Settings that are given and that a protocol does not read. */
export function unread(protocol: JudgeSection["protocol"], given: JudgeSection): (keyof typeof readBy)[] {
  return (["principles", "negate", "checklist"] as const).filter(
    (key) => given[key] !== undefined && readBy[key] !== protocol,
  );
}

/** Of one section alone: a protocol of the command line may leave the settings of the file's own unread. */
const section = fields.superRefine((given, context) => {
  if (given.protocol === undefined) return;
  for (const key of unread(given.protocol, given))
    context.addIssue({
      code: "custom",
      path: [key],
      message: `the protocol ${given.protocol} does not read it: it is for ${readBy[key]}`,
    });
});

/** The section `judge:` of the configuration; a text alone, as the flag gives it, is the protocol. */
export const judgeSchema = z.union([
  z.enum(judgeProtocols).transform((protocol): JudgeSection => ({ protocol })),
  section,
]);

/** What a judge is asked, what it may cost, and where its replies are kept. */
export interface JudgeOptions extends JudgeSection {
  /** US dollars that one run may spend. */
  maxCost?: number | undefined;
  /** File to which every request's hash and reply are appended. */
  record?: string | undefined;
  /** File of such replies, which answers instead of the network. */
  replay?: string | undefined;
}
