import { z } from "zod";
import { keyValues } from "../key-values.ts";

const fields = z.strictObject({
  tokenizer: z
    .string()
    .min(1)
    .optional()
    .describe("Folder with the model's tokenizer.json and chat template: texts are rendered here, not by the server"),
  input: z
    .enum(["messages", "pair", "plain"])
    .optional()
    .describe("Without a tokenizer: the server's chat template, question and answer apart, or a plain transcript"),
  endpoint: z
    .enum(["classify", "pooling", "score", "embeddings"])
    .optional()
    .describe("Which endpoint of vllm: or sglang:"),
  activation: z
    .enum(["off", "invert", "as-is"])
    .optional()
    .describe("Switch the server's sigmoid off (default), undo it, or take its numbers as they are"),
  scoreIndex: z
    .union([z.int().nonnegative(), z.string()])
    .optional()
    .describe("Which of several labels is the reward: its place, or its name where the server gives names"),
  attribute: z.string().min(1).optional().describe("Which of the named rewards of nim: is the score"),
  inputName: z.string().min(1).optional().describe("Input tensor of kserve: that takes the text"),
  outputName: z.string().min(1).optional().describe("Output tensor of kserve: that holds the score"),
  ca: z.string().min(1).optional().describe("PEM file of certificate authorities to trust beside the usual ones"),
  patience: z
    .number()
    .nonnegative()
    .optional()
    .describe("Seconds for which a server that is away is asked again (120)"),
  concurrency: z.int().positive().optional().describe("Most requests in flight (32)"),
  method: z.enum(["POST", "PUT"]).optional().describe("Method of http:"),
  headers: z.record(z.string(), z.string()).optional().describe("Headers; ${NAME} is a variable of the environment"),
  body: z
    .unknown()
    .optional()
    .describe("Body of http: with {{text}}, {{texts}}, {{prompt}}, {{response}} or {{messages}}"),
  scores: z.string().min(1).optional().describe("Where the scores are in the answer of http:, as data[*].score"),
  batch: z.int().positive().optional().describe("Texts in one request of http: with {{texts}} (32)"),
});

/** The section `server:` of the configuration; as a flag `--server tokenizer=./dir,patience=30`. */
export const serverSchema = z.union([keyValues.pipe(fields), fields]);

export type ServerSettings = z.output<typeof fields>;
