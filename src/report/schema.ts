/**
 * The report of one model over some suites: the only definition of `report.json`, from which
 * `schema/report.schema.json` is generated. Everything outside `execution` is byte-equal between two runs with the
 * same inputs, and between a fresh, a resumed and a fully stored run.
 */
import { z } from "zod";

export const reportSchemaId = "rmbench/report@1";

const intervalSchema = z.strictObject({
  low: z.number(),
  high: z.number(),
  level: z.number().meta({ description: "Two-sided confidence level in (0, 1)." }),
  method: z.string(),
});

const estimateSchema = z
  .strictObject({
    value: z.number().nullable(),
    n: z.number().int().meta({
      description: "Items (pairs) that the value rests on; for some metrics comparisons, rewards, sets or questions.",
    }),
    clusters: z.number().int().optional(),
    interval: intervalSchema.optional(),
    undefinedBecause: z.string().optional().meta({ description: "Why the value is null." }),
    details: z
      .record(z.string(), z.number())
      .optional()
      .meta({ description: "Numbers without which the value cannot be read: bins, resamples." }),
  })
  .meta({
    id: "Estimate",
    description: "A number with its sample size and interval; null with a reason, never 0 or NaN.",
  });

const metricsSchema = z.record(z.string(), estimateSchema);

const countsSchema = z.strictObject({
  pairs: z.number().int(),
  comparisons: z.number().int().meta({ description: "Chosen × rejected comparisons that the protocol made." }),
  judged: z.number().int().meta({ description: "Comparisons with a verdict, ties included." }),
  tied: z.number().int(),
  invalid: z.number().int().meta({ description: "Comparisons with a NaN or infinite reward." }),
  unparsable: z.number().int(),
  failed: z.number().int(),
  tooLong: z.number().int().meta({ description: "Comparisons with a response that did not fit." }),
  unmatched: z.number().int().meta({ description: "Comparisons with a text that the replayed scores do not have." }),
  truncated: z.number().int().meta({ description: "Scored texts of which something was cut." }),
  droppedDocuments: z.number().int(),
});

const groupSchema = z.strictObject({
  by: z.enum(["subset", "direction", "context_pairs", "context_pairs, user_seen"]),
  name: z.string(),
  counts: countsSchema,
  metrics: metricsSchema,
});

const binSchema = z.strictObject({
  low: z.number(),
  high: z.number(),
  n: z.number().int(),
  confidence: z.number().meta({ description: "Mean confidence max(p, 1 − p) in the bin." }),
  accuracy: z.number(),
  interval: intervalSchema.optional(),
});

const histogramSchema = z.strictObject({
  edges: z.array(z.number()).meta({ description: "k + 1 edges of k margin bins." }),
  counts: z.array(z.number().int()).meta({ description: "Comparisons per bin, ties left out." }),
  ties: z.number().int().meta({ description: "Comparisons with a margin of exactly 0." }),
  clipped: z.number().int().meta({ description: "Comparisons beyond the edges, counted in the outermost bins." }),
});

const findingSchema = z.strictObject({
  code: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  text: z.string(),
});

const suiteReportSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  title: z.string(),
  version: z.string().nullable(),
  protocol: z.string(),
  fingerprint: z.string().meta({ description: "sha256 over the keys and contents of the selected pairs, in order." }),
  pinned: z.strictObject({
    fingerprint: z.string().nullable().meta({ description: "The fingerprint in the suite's definition." }),
    state: z
      .enum(["matches", "differs", "partial", "none"])
      .meta({ description: "How the scored pairs compare with it; partial where only some were selected." }),
  }),
  licence: z.string().nullable(),
  chance: z.number().meta({
    description:
      "Accuracy of a guess: as the suite's definition says, for best-of-n the mean share of chosen responses in a row.",
  }),
  available: z.number().int().meta({ description: "Pairs in the file, before selection." }),
  counts: countsSchema,
  metrics: metricsSchema,
  groups: z.array(groupSchema),
  calibration: z.strictObject({
    headline: z.enum(["ece", "ece_cross_fitted"]),
    because: z.string(),
    bins: z.array(binSchema),
  }),
  margins: histogramSchema.nullable(),
  shortcuts: z.array(z.strictObject({ name: z.string(), accuracy: estimateSchema })),
  findings: z.array(findingSchema),
});

export const reportSchema = z.strictObject({
  schema: z.literal(reportSchemaId),
  rmbench: z.string().meta({ description: "Version of rmbench." }),
  model: z.strictObject({
    id: z.string(),
    identity: z.record(z.string(), z.string()),
    output: z.enum(["bradley-terry", "rating", "log-ratio", "other"]),
    notice: z.string().nullable(),
    replayed: z.boolean().meta({ description: "Scores were read from a file, no model ran." }),
    members: z
      .array(z.strictObject({ id: z.string(), identity: z.record(z.string(), z.string()) }))
      .optional()
      .meta({ description: "The models whose scores were combined, in their order; absent for a single model." }),
  }),
  replay: z
    .strictObject({
      scores: z.number().int().meta({ description: "Scores in the file." }),
      matched: z.number().int().meta({ description: "Texts of the suites with a score." }),
      unmatched: z.number().int().meta({ description: "Texts of the suites without a score." }),
    })
    .nullable()
    .meta({
      description:
        "How replayed scores joined the pairs; null where a model ran. The sum over the members of a combination.",
    }),
  settings: z.strictObject({
    seed: z.string(),
    level: z.number(),
    limit: z.number().int().nullable(),
    where: z.array(z.string()),
    ids: z.array(z.string()).nullable(),
    shard: z.string().nullable(),
    contextPairs: z.array(z.number().int()).optional().meta({
      description:
        "Every pair was asked with each of these numbers of context pairs, a row for each; absent: as the suite's definition says, else without.",
    }),
    truncate: z.enum(["never", "response-left", "response-right"]),
    compat: z
      .enum(["rewardbench", "rewardbench-two-bos"])
      .optional()
      .meta({ description: "Texts are prepared, and ties counted, as by this harness; absent: as rmbench does." }),
    maxErrors: z.number().int(),
    maxUnmatched: z.number(),
  }),
  complete: z.boolean().meta({
    description:
      "False where more comparisons went without a verdict than `maxErrors` allows; those that `unmatched` counts are allowed by `maxUnmatched`.",
  }),
  suites: z.array(suiteReportSchema),
  overall: z.strictObject({
    accuracy: estimateSchema.meta({ description: "Unweighted mean over the suites." }),
    metrics: metricsSchema.meta({
      description: "Over the rows of all suites as of one, whose subsets are the suites; a single suite's own metrics.",
    }),
  }),
  provenance: z.strictObject({
    node: z.string(),
    platform: z.string(),
    packages: z.record(z.string(), z.string()),
    git: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable(),
  }),
  execution: z
    .strictObject({
      startedAt: z.string(),
      seconds: z.number(),
      argv: z.array(z.string()),
      host: z.strictObject({ cpu: z.string(), cores: z.number().int(), memoryGiB: z.number() }),
      store: z.strictObject({ hits: z.number().int(), scored: z.number().int() }),
      throughput: z.strictObject({
        textsPerSecond: z.number().nullable(),
        tokensPerSecond: z.number().nullable(),
        paddingShare: z.number().nullable(),
      }),
      device: z
        .strictObject({
          requested: z.string(),
          used: z.string(),
          nodes: z.record(z.string(), z.number().int()).nullable(),
          driver: z.string().nullable(),
          dtype: z.string().nullable(),
          runtime: z.string().nullable(),
        })
        .nullable(),
    })
    .meta({ description: "All that may differ between two runs with the same inputs." }),
});

export type Report = z.infer<typeof reportSchema>;
export type SuiteReport = z.infer<typeof suiteReportSchema>;
export type Counts = z.infer<typeof countsSchema>;
export type GroupReport = z.infer<typeof groupSchema>;
export type Finding = z.infer<typeof findingSchema>;
