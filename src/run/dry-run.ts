import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { preview, type Preview } from "../inference/preview.ts";
import { describeModel } from "../models/describe.ts";
import { protocolNamed } from "../protocols/registry.ts";
import { loadSuite } from "../suites/load.ts";
import { askOf } from "./collect.ts";
import type { RunContext } from "./context.ts";
import type { RunRequest } from "./request.ts";
import { openSelection } from "./selection.ts";
import { openStore } from "./source.ts";

export interface DryRun {
  model: string;
  identity: Readonly<Record<string, string>>;
  suites: ({ suite: string; pairs: number; available: number } & Preview)[];
}

/** What a run would score: pairs, tokens, truncations, batches and stored scores. Loads no weights. */
export async function dryRun(request: RunRequest, context: RunContext): Promise<DryRun> {
  const model = await describeModel(request.model, request.modelOptions, context);
  const folder = request.store === null ? null : resolve(context.cwd, request.store);
  await using store = await openStore(folder !== null && existsSync(folder) ? folder : null, context.cwd);
  const suites: DryRun["suites"] = [];
  for (const name of request.suites) {
    const suite = await loadSuite(name, context.cwd);
    const protocol = protocolNamed(suite.protocol);
    const ask = askOf(protocol, model.asks);
    const selection = await openSelection(suite, request.selection, request.seed);
    const total: Preview = {
      questions: 0,
      distinct: 0,
      stored: 0,
      tokens: 0,
      truncated: 0,
      droppedDocuments: 0,
      refused: 0,
      batches: 0,
    };
    for await (const window of selection.windows()) {
      context.signal.throwIfAborted();
      const units = window.flatMap(({ pair }, row) => protocol.units(pair, row, ask, suite.documentTemplate));
      const part = await preview(
        units.map((unit) => unit.question),
        model,
        store,
      );
      for (const key of Object.keys(total) as (keyof Preview)[]) total[key] += part[key];
    }
    suites.push({ suite: suite.id, pairs: selection.pairs, available: selection.available, ...total });
  }
  return { model: model.id, identity: model.identity, suites };
}

export function renderDryRun(plans: readonly DryRun[]): string {
  return plans
    .map(({ model, suites }) => {
      const lines = suites.map(
        (s) =>
          `  ${s.suite}: ${s.pairs} of ${s.available} pairs, ${s.questions} texts (${s.distinct} distinct, ${s.stored} stored); ` +
          `${s.tokens} tokens to score in ${s.batches} batches; ${s.truncated} truncated, ${s.droppedDocuments} documents dropped, ${s.refused} too long`,
      );
      return `${model}\n${lines.join("\n")}\n`;
    })
    .join("");
}
