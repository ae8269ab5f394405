/** The definition of a suite (`suites/<id>.yaml`): the only place where its shape is written down. */
import { z } from "zod";
import { contextPairsDescription, contextPairsSchema } from "../config/context-pairs.ts";
import { protocolNames } from "../protocols/names.ts";

const cardSchema = z.strictObject({
  measures: z.string().meta({ description: "What a score on this suite measures." }),
  made: z.string().meta({ description: "How the pairs were made." }),
  after: z.array(z.string()).default([]).meta({ description: "Papers whose idea the suite follows." }),
  doesNotMean: z.string().meta({ description: "What a score on this suite does not mean." }),
  knownHoles: z.array(z.string()).default([]),
  versionPolicy: z.string(),
  canary: z
    .string()
    .optional()
    .meta({ description: "A string by which the suite's text can be found in training data." }),
});

export const suiteSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]*$/)
      .meta({ description: "Lower-case letters, digits and hyphens." }),
    title: z.string(),
    version: z.string().meta({ description: "Semantic version of the pairs; a new major version is not comparable." }),
    protocol: z.enum(protocolNames),
    pairs: z.string().meta({ description: "Arrow file, relative to this definition." }),
    fingerprint: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({
        description: "sha256 over keys and contents of all pairs, as `rmbench data validate --json` prints it.",
      }),
    documentTemplate: z
      .string()
      .default("numbered")
      .meta({ description: "How documents are rendered into the prompt." }),
    chance: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .meta({ description: "Accuracy of a scorer that does not read; best-of-n takes it from the pairs instead." }),
    contextPairs: contextPairsSchema.optional().meta({ description: contextPairsDescription }),
    licence: z.string().optional(),
    card: cardSchema.optional(),
  })
  .meta({ title: "rmbench suite definition" });

export type SuiteDefinition = z.infer<typeof suiteSchema>;
