import { z } from "zod";
import { keyValues } from "../key-values.ts";

const fields = z.strictObject({
  reference: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Model that the policy was trained from: a folder, org/name[@revision], vllm:<address>#<model>, sglang:<address>, or none",
    ),
  reduction: z
    .enum(["sum", "average", "norm"])
    .optional()
    .describe("Over the response's tokens (sum); norm: minus the Euclidean norm, without a reference only"),
  divergence: z
    .string()
    .regex(
      /^(reverse-kl|forward-kl|js|alpha:0*\.\d*[1-9]\d*)$/,
      "must be reverse-kl, forward-kl, js or alpha:<a> with 0 < a < 1",
    )
    .optional()
    .describe("Divergence of the training: reverse-kl (DPO, default), forward-kl, js, or alpha:<a> with 0 < a < 1"),
  beta: z.number().positive().optional().describe("Scale of the training; without it rewards are no probabilities"),
});

/** The section `implicit:` of the configuration; as a flag `--implicit reference=./sft,beta=0.1`. */
export const implicitSchema = z.union([keyValues.pipe(fields), fields]);

export type ImplicitSettings = z.output<typeof fields>;
