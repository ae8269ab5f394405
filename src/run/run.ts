import { protocolNamed } from "../protocols/registry.ts";
import { version } from "../package.ts";
import { reportSchemaId, type Report, type SuiteReport } from "../report/schema.ts";
import type { SuiteTables } from "../scores/arrow.ts";
import { tableFingerprint } from "../scores/rows.ts";
import type { ScoreTable } from "../scores/table.ts";
import { loadSuite, type Suite } from "../suites/load.ts";
import { collect } from "./collect.ts";
import type { RunContext } from "./context.ts";
import { withExecution } from "./execution.ts";
import { measureSuite, overallAccuracy, type SuiteIdentity } from "./measure.ts";
import { provenance } from "./provenance.ts";
import { settingsOf, type RunRequest } from "./request.ts";
import { openSelection } from "./selection.ts";
import { openSource } from "./source.ts";

export interface RunResult {
  report: Report;
  tables: SuiteTables;
}

/**
 * The composition root: suites → pairs → questions → scores → score table → protocol → metrics → report.
 * @throws RmbenchError as its parts do, and the signal's reason when aborted.
 */
export async function run(request: RunRequest, context: RunContext): Promise<RunResult> {
  const suites = await Promise.all(request.suites.map((name) => loadSuite(name, context.cwd)));
  return withExecution(context, async (watched, execution) => {
    await using source = await openSource(request, watched);
    const tables = new Map<string, ScoreTable>();
    const reports: SuiteReport[] = [];
    for (const suite of suites) {
      const selection = await openSelection(suite, request.selection, request.seed);
      watched.emit({ type: "suite", model: source.model.id, suite: suite.id, pairs: selection.pairs });
      const protocol = protocolNamed(suite.protocol);
      const scores = await collect(suite, selection.windows(), protocol, source, watched);
      tables.set(suite.id, scores);
      const options = { level: request.level, seed: request.seed, output: source.model.output };
      reports.push(measureSuite(identify(suite, scores, selection.available), protocol, scores, options));
    }
    const replay = source.replay();
    const report: Report = {
      schema: reportSchemaId,
      rmbench: version,
      model: source.model,
      replay,
      settings: settingsOf(request),
      complete: isComplete(reports, request.maxErrors + (replay?.unmatched ?? 0)),
      suites: reports,
      overall: { accuracy: overallAccuracy(reports, request.level) },
      provenance: await provenance(context.cwd),
      execution: execution(source.device()),
    };
    return { report, tables };
  });
}

function identify(suite: Suite, scores: ScoreTable, available: number): SuiteIdentity {
  const fingerprint = tableFingerprint(scores.rows);
  return {
    id: suite.id,
    title: suite.title,
    version: suite.bare ? null : suite.version,
    licence: suite.licence ?? null,
    chance: suite.chance,
    available,
    fingerprint,
    pinned: pinnedState(suite.fingerprint ?? null, fingerprint, scores.rows.n === available),
  };
}

/** How the scored pairs compare with the fingerprint that the suite's definition pins. */
export function pinnedState(pinned: string | null, found: string, whole: boolean): SuiteReport["pinned"] {
  if (pinned === null) return { fingerprint: null, state: "none" };
  if (!whole) return { fingerprint: pinned, state: "partial" };
  return { fingerprint: pinned, state: pinned === found ? "matches" : "differs" };
}

/** Whether no more comparisons than allowed went without a verdict: failed, unparsable, not finite or too long. */
export function isComplete(suites: readonly SuiteReport[], maxErrors: number): boolean {
  const errors = suites.map(({ counts }) => counts.failed + counts.unparsable + counts.invalid + counts.tooLong);
  return errors.reduce((sum, count) => sum + count, 0) <= maxErrors;
}
