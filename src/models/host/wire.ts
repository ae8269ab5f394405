/** What a worker may say over stdio, protocol `rmbench-stdio` version 1: docs/process-protocol.md. */
import { z } from "zod";
import { RmbenchError, messageOf } from "../../errors.ts";
import { problemOf } from "../../problem.ts";
import { deviationProblem, hasDeviation } from "../deviation.ts";
import type { Score } from "../reward-model.ts";

export const protocol = "rmbench-stdio";
export const versions: readonly number[] = [1];
/** Bytes of the longest line. */
export const longestLine = 64 * 2 ** 20;

/** JSON has no NaN and no infinities. */
const number = z
  .union([z.number(), z.null(), z.enum(["NaN", "Infinity", "-Infinity"])])
  .transform((value) => (value === null ? Number.NaN : Number(value)));
const text = z.string().nullable().default(null);

const kinds = {
  value: z
    .object({
      value: number,
      std: number.optional(),
      attributes: z.record(z.string(), number).optional(),
      vector: z.array(number).optional(),
      tokens: z.number().int().min(0).optional(),
    })
    .refine(hasDeviation, { path: ["std"], error: deviationProblem })
    .transform(({ value, std, attributes, vector, tokens }): Score => ({
      status: "ok",
      value,
      ...(std !== undefined && { std }),
      ...(attributes !== undefined && { attributes }),
      ...(vector !== undefined && { vector }),
      ...(tokens !== undefined && { tokens }),
    })),
  error: z
    .object({ error: z.object({ code: z.string().min(1), message: z.string() }) })
    .transform(({ error }): Score => ({ status: "failed", ...error })),
  unparsable: z
    .object({ unparsable: z.string() })
    .transform(({ unparsable }): Score => ({ status: "unparsable", text: unparsable })),
};

const ready = z.object({
  type: z.literal("ready"),
  version: z.number(),
  name: z.string().min(1),
  /** What can change a score beside the command: weights, template, … */
  identity: z.record(z.string(), z.string().min(1)).default({}),
  asks: z.array(z.enum(["pointwise", "pairwise", "listwise"])).min(1),
  output: z.enum(["bradley-terry", "rating", "log-ratio", "other"]).default("other"),
  batching: z.enum(["invariant", "tolerant", "single"]).default("tolerant"),
  shares_prefixes: z.boolean().default(false),
  /** Whether it reads `context`, the annotated pairs of an item's user. */
  takes_context: z.boolean().default(false),
  max_batch: z.number().int().min(1).default(32),
  device: z
    .object({ used: z.string().min(1), dtype: text, runtime: text, driver: text })
    .nullable()
    .default(null),
  notice: text,
});

const message = z.discriminatedUnion("type", [
  ready,
  z.object({ type: z.literal("heartbeat") }),
  z.object({ type: z.literal("scores"), id: z.number().int(), scores: z.array(z.unknown()) }),
  z.object({
    type: z.literal("error"),
    /** Of the batch that failed; null: everything. */
    id: z.number().int().nullable().default(null),
    code: z.enum(["out-of-memory", "model", "machine", "internal"]),
    message: z.string(),
    hint: z.string().optional(),
  }),
]);

/** What a worker says of itself, with the defaults of what it left out. */
export type Ready = z.output<typeof ready>;
export type WorkerMessage = z.output<typeof message>;

/**
 * One line of a worker, without its line feed.
 * @param name what errors call the worker.
 * @throws RmbenchError `model` where it is no message of the protocol, with the line and what to do.
 */
export function parseMessage(line: string, name: string): WorkerMessage {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw unreadable(line, name, error);
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw unreadable(line, name, null);
  // Before the rest, which another version may word otherwise.
  if ("version" in json && !versions.includes(json.version as number)) {
    const said = JSON.stringify(json.version);
    throw new RmbenchError(
      "model",
      `${name} speaks version ${said} of ${protocol}; this rmbench speaks ${versions.join(", ")}`,
      { hint: "answer with a version out of `versions` of the hello message" },
    );
  }
  const parsed = message.safeParse(json);
  if (!parsed.success) throw wrong(name, line, parsed.error);
  return parsed.data;
}

/** @throws RmbenchError `model` where there is not one readable score for each of `count` items. */
export function parseScores(scores: readonly unknown[], count: number, name: string): Score[] {
  if (scores.length !== count) {
    throw new RmbenchError("model", `${name} answered ${scores.length} scores for ${count} items`, {
      hint: 'answer one entry per item, in order; an item without a score is {"error": {"code": …, "message": …}}',
    });
  }
  return scores.map((one, i) => {
    const read = parseScore(one);
    if (typeof read !== "string") return read;
    throw new RmbenchError(
      "model",
      `${name} answered no score for item ${i} (${read}): ${shown(JSON.stringify(one))}`,
      {
        hint: 'a score is {"value": number}, {"error": {"code": text, "message": text}} or {"unparsable": text}',
      },
    );
  });
}

/** The score, or why the entry is none. */
function parseScore(entry: unknown): Score | string {
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return "it must be keys with their values";
  // Writers of JSON name what they leave out as null; of `value` that is NaN.
  const given = new Map(Object.entries(entry).filter(([key, value]) => key === "value" || value !== null));
  const said = (["value", "error", "unparsable"] as const).filter((kind) => given.has(kind));
  const [kind] = said;
  if (kind === undefined) return "it has none of value, error, unparsable";
  if (said.length > 1) return `it has both ${said.join(" and ")}`;
  const parsed = kinds[kind].safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  return parsed.error.issues.map((issue) => `${issue.path.join(".")} ${problemOf(issue)}`).join("; ");
}

function unreadable(line: string, name: string, error: unknown): RmbenchError {
  if (!line.trimStart().startsWith("{")) {
    return new RmbenchError("model", `${name} printed to stdout, where only messages may stand: ${shown(line)}`, {
      hint: "print to stderr instead (Python: print(…, file=sys.stderr); Node: console.error)",
    });
  }
  const hint = /[:[,]\s*(NaN|-?Infinity)\b/.test(line)
    ? 'JSON has no NaN: write null or "NaN", "Infinity", "-Infinity" (Python: json.dumps(…, allow_nan=False) finds them)'
    : "write one JSON object a line, without line feeds inside, and flush it";
  return new RmbenchError("model", `${name} wrote a line that is not JSON (${messageOf(error)}): ${shown(line)}`, {
    hint,
  });
}

function wrong(name: string, line: string, { issues }: z.ZodError): RmbenchError {
  const problems = issues.map((issue) => {
    const place = issue.path.join(".");
    return issue.code === "invalid_union" ? `no message has this ${place}` : `${place} ${problemOf(issue)}`;
  });
  return new RmbenchError(
    "model",
    `${name} wrote a message that ${protocol} does not know (${problems.join("; ")}): ${shown(line)}`,
    {
      hint: "docs/process-protocol.md shows every message",
    },
  );
}

/** The beginning of what a worker wrote. */
function shown(line: string): string {
  return `\`${line.length > 200 ? `${line.slice(0, 200)}…` : line}\``;
}
