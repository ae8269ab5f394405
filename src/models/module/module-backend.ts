/** Runs in the child process: the user's module. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createJiti } from "jiti";
import { z } from "zod";
import { RmbenchError, messageOf } from "../../errors.ts";
import type { Question } from "../../questions/question.ts";
import { problemOf } from "../../problem.ts";
import { asOutOfMemory } from "../allocation.ts";
import { deviationProblem, hasDeviation } from "../deviation.ts";
import type { Backend } from "../host/protocol.ts";
import type { Score } from "../reward-model.ts";

export interface ModuleRequest {
  path: string;
}

/** What a definition says of itself. */
export interface ModuleDescription {
  name: string;
  asks: "pointwise" | "pairwise";
  output: "bradley-terry" | "rating" | "log-ratio" | "other";
  version: string;
  notice: string | null;
  takesContext: boolean;
}

type Scorer = (items: readonly unknown[]) => unknown;

const scorer = z.custom<Scorer>((value) => typeof value === "function", "a function is expected");
const fields = {
  name: z.string().min(1),
  output: z.enum(["bradley-terry", "rating", "log-ratio", "other"]).default("other"),
  version: z.string().default(""),
  notice: z.string().nullable().default(null),
  takesContext: z.boolean().default(false),
};
const definitionSchema = z.union([
  z.object({ ...fields, asks: z.tuple([z.literal("pointwise")]), score: scorer }),
  z.object({ ...fields, asks: z.tuple([z.literal("pairwise")]), compare: scorer }),
]);

/** @throws RmbenchError `model` where the module cannot be loaded or exports something else. */
export async function openModule({ path }: ModuleRequest): Promise<Backend> {
  const definition = await load(path);
  const { name, output, version, notice, takesContext } = definition;
  const asks = definition.asks[0];
  const call = "score" in definition ? definition.score : definition.compare;
  const runtime = `node ${process.versions.node}`;
  return {
    opened: {
      device: { requested: "cpu", used: "the module", nodes: null, driver: null, dtype: null, runtime },
      module: { name, asks, output, version, notice, takesContext },
    },
    run: (items) => answer(call, items as readonly Question[], name),
  };
}

/** A text at which the module throws fails alone. */
async function answer(call: Scorer, questions: readonly Question[], name: string): Promise<Score[]> {
  let values: unknown;
  try {
    values = await call(questions.map(argument));
  } catch (error) {
    const memory = asOutOfMemory(error);
    if (memory !== null) throw memory;
    if (questions.length === 1) return [{ status: "failed", code: "runtime", message: messageOf(error) }];
    const scores: Score[] = [];
    for (const question of questions) scores.push(...(await answer(call, [question], name)));
    return scores;
  }
  return checked(values, questions.length, name);
}

async function load(path: string): Promise<z.infer<typeof definitionSchema>> {
  const jiti = createJiti(pathToFileURL(path).href, { fsCache: false, alias: { rmbench: ownIndex() } });
  let exported: unknown;
  try {
    exported = await jiti.import(path, { default: true });
  } catch (error) {
    throw new RmbenchError("model", `cannot load ${path}: ${messageOf(error)}${positionOf(error, path)}`);
  }
  const parsed = definitionSchema.safeParse(exported);
  if (parsed.success) return parsed.data;
  throw new RmbenchError("model", `the default export of ${path} is not a model`, {
    hint: 'export default defineModel({ name: "…", asks: ["pointwise"], score: (conversations) => numbers }), or asks: ["pairwise"] with compare: (pairs) => logOdds',
  });
}

/** Where in the module or in what it imports an error arose, in parentheses, if its stack says so. */
function positionOf(error: unknown, path: string): string {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const frame = stack.split("\n").find((line) => /^\s+at /.test(line) && line.includes(dirname(path)));
  const place = /[^\s(]+:\d+:\d+/.exec(frame ?? "")?.[0].replace(/^file:\/\//, "");
  return place === undefined || messageOf(error).includes(place) ? "" : ` (${place})`;
}

/** So that `import { defineModel } from "rmbench"` works wherever the module lies, and means this rmbench. */
function ownIndex(): string {
  const built = fileURLToPath(new URL("./define.js", import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL("./define.ts", import.meta.url));
}

function argument(question: Question): unknown {
  if (question.kind === "pointwise") return question.of;
  if (question.kind === "pairwise") return { a: question.a, b: question.b };
  return question.of;
}

function checked(values: unknown, count: number, name: string): Score[] {
  if (!Array.isArray(values) && !ArrayBuffer.isView(values)) {
    throw new Error(`${name} answered ${describe(values)}; an array of ${count} numbers is expected`);
  }
  const list: unknown[] = Array.from(values as ArrayLike<unknown>);
  if (list.length !== count) throw new Error(`${name} answered ${list.length} numbers for ${count} questions`);
  return list.map((value) => {
    if (typeof value === "number") return { status: "ok", value };
    const parsed = scoreSchema.safeParse(value);
    if (parsed.success) return { status: "ok", ...parsed.data };
    const problem = parsed.error.issues.map((issue) => [...issue.path, problemOf(issue)].join(" ")).join("; ");
    const where = typeof value === "object" && value !== null ? ` (${problem})` : "";
    const expected = "a number is expected, or { value, std?, attributes?, vector? }";
    return {
      status: "failed",
      code: "not-a-number",
      message: `${name} answered ${describe(value)}${where}; ${expected}`,
    };
  });
}

const number = z.custom<number>((value) => typeof value === "number", "must be a number");
const scoreSchema = z
  .strictObject({
    value: number,
    std: number.optional(),
    attributes: z.record(z.string(), number).optional(),
    vector: z.array(number).optional(),
  })
  .refine(hasDeviation, { path: ["std"], error: deviationProblem });

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
