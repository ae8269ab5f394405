import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { problemOf } from "../../problem.ts";
import { RmbenchError, messageOf } from "../../errors.ts";

/** `rmbench.json` beside a model: what its other files do not say. Every field is optional. */
const settingsSchema = z.strictObject({
  $schema: z.string().optional(),
  preset: z.string().min(1).optional().describe("torch: only: the family whose template and head this checkpoint has"),
  input: z
    .enum(["chat", "pair", "plain"])
    .optional()
    .describe("How a conversation becomes text: the chat template, [CLS] question [SEP] answer [SEP], or a transcript"),
  template: z.string().min(1).optional().describe("Chat template (Jinja); replaces the tokenizer's"),
  maxLength: z.int().positive().optional().describe("Longest input in tokens"),
  outputName: z.string().optional().describe("The graph's output that holds the score, where it has several"),
  scoreIndex: z
    .union([z.int().nonnegative(), z.string()])
    .optional()
    .describe("Which column of a [batch, labels] output is the reward: index or label of config.json"),
  reduction: z
    .enum(["difference", "mean", "last-token"])
    .optional()
    .describe("difference: second label minus first; mean: over the labels; last-token: of a [batch, tokens] output"),
  sign: z
    .union([z.literal(1), z.literal(-1)])
    .optional()
    .describe("-1 for costs, where lower is better"),
  output: z.enum(["bradley-terry", "rating", "log-ratio", "other"]).optional().describe("What the score means"),
  documents: z.enum(["numbered", "none"]).optional().describe("none: the model takes no retrieved documents"),
  batching: z.literal("single").optional().describe("single: scores depend on batch mates, so each text runs alone"),
  notice: z.string().min(1).optional().describe("A sentence that every report of this model carries"),
});

export type Settings = z.infer<typeof settingsSchema>;

/** @throws RmbenchError `model` naming the field that is wrong. */
export async function readSettings(dir: string): Promise<Settings> {
  const file = join(dir, "rmbench.json");
  const json = await readJson(file);
  if (json === null) return {};
  const parsed = settingsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw malformed(
    file,
    parsed.error,
    `fields are ${Object.keys(settingsSchema.shape).join(", ")}; see docs/adapters.md`,
  );
}

/** The fields of config.json that rmbench reads; the rest is the graph's business. */
const configSchema = z.looseObject({
  model_type: z.string().optional(),
  pad_token_id: z.number().nullish(),
  max_position_embeddings: z.number().nullish(),
  id2label: z.record(z.string(), z.string()).nullish(),
});

export type Config = z.infer<typeof configSchema>;

export async function readConfig(dir: string): Promise<Config> {
  const file = join(dir, "config.json");
  const json = await readJson(file);
  if (json === null) return {};
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw malformed(file, parsed.error, "save it again with the model: model.config.save_pretrained(dir)");
}

function malformed(file: string, { issues }: z.ZodError, hint: string): RmbenchError {
  const problems = issues.map((issue) => `${issue.path.join(".") || "it"} ${problemOf(issue)}`);
  return new RmbenchError("model", `${file} is malformed: ${problems.join("; ")}`, { hint });
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw new RmbenchError("model", `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RmbenchError("model", `${file} is not JSON: ${messageOf(error)}`, {
      hint: "correct it, or copy it again: it may be cut off",
      cause: error,
    });
  }
}
