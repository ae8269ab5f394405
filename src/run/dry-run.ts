import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { previewer, type Preview } from "../inference/preview.ts";
import { parseCombination } from "../models/combination-spec.ts";
import { describeModel } from "../models/describe.ts";
import type { PreferencePair } from "../pairs/pair.ts";
import type { Unit } from "../questions/question.ts";
import { counted } from "../report/numbers.ts";
import { unitsOf } from "./collect.ts";
import type { RunContext } from "./context.ts";
import { loadSuites } from "./expand.ts";
import { partsOf, type Asked, type SuitePart } from "./part.ts";
import { withReferences } from "./references.ts";
import type { RunRequest } from "./request.ts";
import { describeSingle, describeSource, isReplay, openStore } from "./source.ts";

/** How many texts of a suite a file of scores has. */
interface Joined {
  questions: number;
  matched: number;
  unmatched: number;
}

interface Selected {
  suite: string;
  pairs: number;
  available: number;
}

const manyRequests =
  "A batch is one request to the server or more: as many as hold its texts, and others that check the answers.";

export interface DryRun {
  model: string;
  identity: Readonly<Record<string, string>>;
  suites: (Selected & (Preview | Joined))[];
  /** What the scores that are missing would cost, as a sentence, where the model is paid for. */
  estimate?: string;
  /** What a batch is, where the model is behind a server. */
  requests?: string;
}

/**
 * What a run would score: pairs, tokens, truncations, batches and stored or replayed scores. Loads no weights. A combination
 * is the sum of its members.
 */
export async function dryRun(request: RunRequest, context: RunContext): Promise<DryRun> {
  const described = await describeSource(request, context);
  const { model } = described;
  const plans: DryRun[] = [];
  for (const member of leavesOf(request.model)) {
    const one = { ...request, model: member };
    plans.push(await (isReplay(member) ? dryReplay(one, context) : dryScoring(one, context, described)));
  }
  if (plans.length === 1) return { ...plans[0]!, model: model.id, identity: model.identity };
  const estimate = plans.flatMap((plan) => plan.estimate ?? []).join(" ");
  const suites = plans.map((plan) => plan.suites).reduce((sum, next) => sum.map((suite, s) => added(suite, next[s]!)));
  return {
    model: model.id,
    identity: model.identity,
    suites,
    ...(estimate !== "" && { estimate }),
    ...(plans.some(({ requests }) => requests !== undefined) && { requests: manyRequests }),
  };
}

/** The models and files of scores that a spec names, at any depth. */
function leavesOf(spec: string): string[] {
  return parseCombination(spec)?.members.flatMap(leavesOf) ?? [spec];
}

/** The counts of two members on one suite: texts to score of live models, texts with a score of files. */
function added(a: DryRun["suites"][number], b: DryRun["suites"][number]): DryRun["suites"][number] {
  const counts = (Object.keys(b) as (keyof typeof b)[]).filter(
    (key) => key in a && key !== "suite" && key !== "pairs" && key !== "available",
  );
  return { ...b, ...a, ...Object.fromEntries(counts.map((key) => [key, Number(a[key]) + Number(b[key])])) };
}

async function dryScoring(request: RunRequest, context: RunContext, asked: Asked): Promise<DryRun> {
  const suites = await loadSuites(request.suites, context.cwd);
  const model = await describeModel(request.model, request.modelOptions, context);
  const folder = request.store === null ? null : resolve(context.cwd, request.store);
  await using store = await openStore(folder !== null && existsSync(folder) ? folder : null, context.cwd);
  const preview = previewer(model, store);
  const nothing: Preview = {
    questions: 0,
    distinct: 0,
    stored: 0,
    tokens: 0,
    truncated: 0,
    droppedDocuments: 0,
    refused: 0,
    batches: 0,
  };
  const parts = await partsOf(suites, request, asked);
  const counted = await sums(parts, context, nothing, (suite, pairs, units) =>
    preview(withReferences(model.referenceTag, suite, pairs, units)),
  );
  const missing = counted.reduce((sum, one) => sum + one.distinct - one.stored - one.refused, 0);
  const tokens = counted.reduce((sum, one) => sum + one.tokens, 0);
  const estimate = model.estimate?.(missing, tokens);
  const batches = counted.reduce((sum, one) => sum + one.batches, 0);
  return {
    model: model.id,
    identity: model.identity,
    suites: counted,
    ...(estimate !== undefined && { estimate }),
    ...(model.limits.batching === "served" && batches > 0 && { requests: manyRequests }),
  };
}

async function dryReplay(request: RunRequest, context: RunContext): Promise<DryRun> {
  const suites = await loadSuites(request.suites, context.cwd);
  const described = await describeSingle(request, context);
  await using source = await described.open(context);
  const parts = await partsOf(suites, request, described);
  const nothing: Joined = { questions: 0, matched: 0, unmatched: 0 };
  const counted = await sums(parts, context, nothing, async (suite, pairs, units) => {
    const answers = await source.answer(suite, pairs, units);
    const unmatched = answers.filter(({ score }) => score.status === "failed" && score.code === "unmatched").length;
    return { questions: units.length, matched: units.length - unmatched, unmatched };
  });
  return { model: described.model.id, identity: described.model.identity, suites: counted };
}

/** Adds up, suite by suite, what `count` says of each window. */
async function sums<T extends Readonly<Record<keyof T, number>>>(
  parts: readonly SuitePart[],
  context: RunContext,
  nothing: T,
  count: (suite: string, pairs: readonly PreferencePair[], units: readonly Unit[]) => Promise<T>,
): Promise<(Selected & T)[]> {
  const suites: (Selected & T)[] = [];
  for (const part of parts) {
    const { suite, selection } = part;
    const total: T = { ...nothing };
    for await (const window of selection.windows()) {
      context.signal.throwIfAborted();
      const pairs = window.map(({ pair }) => pair);
      const units = window.flatMap((placed, row) => unitsOf(placed, row, part));
      const counted = await count(suite.id, pairs, units);
      for (const key of Object.keys(total) as (keyof T & string)[])
        total[key] = (total[key] + counted[key]) as T[typeof key];
    }
    suites.push({ suite: suite.id, pairs: selection.pairs, available: selection.available, ...total });
  }
  return suites;
}

export function renderDryRun(plans: readonly DryRun[]): string {
  return plans
    .map(({ model, suites, estimate, requests }) => {
      const lines = suites.map(
        (s) =>
          `  ${s.suite}: ${s.pairs} of ${counted(s.available, "pair")}, ${counted(s.questions, "text")} ${what(s)}`,
      );
      for (const more of [requests, estimate]) if (more !== undefined) lines.push(`  ${more}`);
      return `${model}\n${lines.join("\n")}\n`;
    })
    .join("");
}

function what(s: Preview | Joined): string {
  const joined = "matched" in s ? `(${s.matched} with a score, ${s.unmatched} without)` : "";
  if (!("distinct" in s)) return joined;
  return (
    `${joined === "" ? "" : `${joined} `}(${s.distinct} distinct, ${s.stored} stored); ${counted(s.tokens, "token")} to score in ${counted(s.batches, "batch", "batches")}; ` +
    `${s.truncated} truncated, ${counted(s.droppedDocuments, "document")} dropped, ${s.refused} too long`
  );
}
