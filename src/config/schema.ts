/**
 * What `rmbench.config.yaml`, the environment and the flags of `rmbench run` may say: the only definition. Flags
 * (`cli/options.ts`) and environment variables (`RMBENCH_…`) carry the same names.
 */
import { z } from "zod";
import { serverSchema } from "../models/http/settings.ts";
import { implicitSchema } from "../models/implicit/settings.ts";
import { judgeProtocols, judgeSchema } from "../models/judge/settings.ts";
import { contextPairsDescription, contextPairsSchema } from "./context-pairs.ts";
import { attentionNames, compatNames, deviceNames } from "../models/reward-model.ts";

const oneOrMore = (item: z.ZodString) => z.union([item.transform((value) => [value]), z.array(item).min(1)]);

export const progressModes = ["auto", "bar", "json", "none"] as const;

export const configSchema = z
  .strictObject({
    model: oneOrMore(z.string().min(1)).default(["tiny"]).meta({
      description: "Reward model to score with, as adapter:reference (repeatable; a glob names checkpoint folders).",
    }),
    suite: oneOrMore(z.string().min(1)).default(["bundled"]).meta({
      description:
        "Suite: a bundled id, a definition (.yaml), a file of pairs (.arrow), or `bundled` for all (repeatable).",
    }),
    limit: z
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: "Score at most this many pairs per suite: whole clusters, seeded, stratified by subset." }),
    where: oneOrMore(z.string().regex(/^[^=]+=/, "must be key=value"))
      .optional()
      .meta({
        description:
          "Keep pairs with key=value; keys are id, subset, direction, cluster, language, user and names of tags (repeatable: values of one key are alternatives, different keys must all hold).",
      }),
    ids: oneOrMore(z.string().min(1))
      .optional()
      .meta({ description: "Keep these pairs: id or subset/id (repeatable, or comma-separated)." }),
    shard: z
      .string()
      .regex(/^\d+\/\d+$/, "must be i/n, as 1/4")
      .optional()
      .meta({ description: "Score the i-th of n parts, to be joined by `rmbench merge`." }),
    contextPairs: contextPairsSchema.optional().meta({ description: contextPairsDescription }),
    device: z
      .enum(deviceNames)
      .default("auto")
      .meta({ description: "Execution provider; one that cannot be had is an error." }),
    dtype: z
      .string()
      .optional()
      .meta({ description: "Weights to use where a model has several: fp32, fp16, q8, int8, …" }),
    revision: z.string().optional().meta({ description: "Revision of a model on the hub: a branch, tag or commit." }),
    maxLength: z
      .number()
      .int()
      .min(8)
      .optional()
      .meta({ description: "Longest input in tokens, at most the model's own limit (default: that limit)." }),
    truncate: z
      .enum(["never", "response-left", "response-right"])
      .default("never")
      .meta({ description: "A response that cannot fit is refused, or cut on that side." }),
    batchTokens: z
      .number()
      .int()
      .min(1)
      .optional()
      .meta({ description: "Token budget of one batch, padding included." }),
    batchSize: z.number().int().min(1).optional().meta({ description: "Most texts in one batch." }),
    threads: z.number().int().min(1).optional().meta({ description: "Threads of the inference runtime." }),
    timeout: z.number().gt(0).optional().meta({
      description:
        "Seconds for which a worker (process:, torch:, implicit:) may say nothing before it is started again (default: 300), or a server may take for one answer (default: 180; a judge: 600).",
    }),
    compat: z.enum(compatNames).optional().meta({
      description: "Prepare texts, and count ties, as RewardBench does: docs/compat.md.",
    }),
    attention: z
      .enum(attentionNames)
      .optional()
      .meta({ description: "Attention implementation of PyTorch models; one that cannot be had is an error." }),
    trustRemoteCode: z
      .boolean()
      .default(false)
      .meta({ description: "Let torch: run the code that comes with a checkpoint." }),
    python: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "Python interpreter of PyTorch models, with torch and transformers (default: python3)." }),
    judge: judgeSchema.optional().meta({
      description: `How a judge: model is asked: ${judgeProtocols.join(", ")} (default: pairwise). In the file also a section with prices, principles, a checklist and more: docs/judges.md.`,
    }),
    server: serverSchema.optional().meta({
      description:
        "How a model behind a server is asked, as key=value with commas between; in the file a section: docs/servers.md.",
    }),
    implicit: implicitSchema.optional().meta({
      description:
        "How an implicit: model becomes a reward, as key=value with commas between (reference, reduction, divergence, beta); in the file a section: docs/implicit.md.",
    }),
    maxCost: z.number().gt(0).optional().meta({
      description: "US dollars that a run may spend on a judge: it stops before the request that could pass them.",
    }),
    record: z.string().min(1).optional().meta({ description: "File to which a judge's replies are appended." }),
    replay: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "File of recorded replies that answers instead of the judge." }),
    seed: z.coerce.string().default("0").meta({ description: "Seed of everything that is drawn." }),
    level: z.number().gt(0.5).lt(1).default(0.95).meta({ description: "Confidence level of the intervals." }),
    maxErrors: z.number().int().min(0).default(0).meta({
      description:
        "Comparisons that may go without a verdict (failed, unparsable, NaN or too long) before the run fails.",
    }),
    maxUnmatched: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .meta({ description: "Share of texts that replayed scores (scores:<file>) may leave without a score." }),
    store: z
      .string()
      .default(".rmbench/store")
      .meta({ description: "Folder of the score store; `none` keeps no scores." }),
    out: z
      .string()
      .optional()
      .meta({ description: "Folder of the run (default: reports/<model>[-shard-i-of-n]-<time>)." }),
    progress: z
      .enum(progressModes)
      .default("auto")
      .meta({ description: "Progress on stderr: auto and bar show a bar on a terminal and lines elsewhere." }),
  })
  .meta({ title: "rmbench configuration" });

/** Every setting with its value. */
export type Config = z.output<typeof configSchema>;
export type ConfigKey = keyof Config;

export const configKeys = Object.keys(configSchema.shape) as ConfigKey[];
