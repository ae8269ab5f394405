import { version } from "../package.ts";
import { reportSchemaId, type Report, type SuiteReport } from "../report/schema.ts";
import type { SuiteTables } from "../scores/arrow.ts";
import { tableFingerprint } from "../scores/rows.ts";
import type { ScoreTable } from "../scores/table.ts";
import type { Suite } from "../suites/load.ts";
import type { RunContext } from "./context.ts";
import { dryRun } from "./dry-run.ts";
import { loadSuites } from "./expand.ts";
import { withExecution } from "./execution.ts";
import { measureOverall, measureSuite, type SuiteIdentity } from "./measure.ts";
import { partsOf, type SuitePart } from "./part.ts";
import { provenance } from "./provenance.ts";
import { settingsOf, type RunRequest } from "./request.ts";
import type { SelectedPairs } from "./selection.ts";
import { describeSource, type DescribedSource } from "./source.ts";

export interface RunResult {
  report: Report;
  tables: SuiteTables;
}

/**
 * The composition root: suites → pairs → questions → scores → score table → protocol → metrics → report.
 * @throws RmbenchError as its parts do, and the signal's reason when aborted.
 */
export async function run(request: RunRequest, context: RunContext): Promise<RunResult> {
  return (await prepareRun(request, context))();
}

/**
 * The part of a run that scores nothing: a missing model, an empty suite or a selection of nothing ends here, so that a
 * command over several models finds it before it scores the first. @returns the rest of the run.
 */
export async function prepareRun(request: RunRequest, context: RunContext): Promise<() => Promise<RunResult>> {
  const suites = await loadSuites(request.suites, context.cwd);
  const described = await describeSource(request, context);
  const parts = await partsOf(suites, request, described);
  for (const { selection } of parts) if (selection.notice !== null) context.warn(selection.notice);
  if (described.paid) context.warn((await dryRun(request, context)).estimate!);
  return () => score(request, context, described, parts);
}

function score(
  request: RunRequest,
  context: RunContext,
  described: DescribedSource,
  parts: readonly SuitePart[],
): Promise<RunResult> {
  return withExecution(context, async (watched, execution) => {
    const { tables, replay, device } = await described.collect(parts, watched);
    const settings = settingsOf(request);
    const options = { ...settings, output: described.model.output };
    const reports = parts.map(({ suite, protocol, selection }) => {
      const scores = tables.get(suite.id)!;
      return measureSuite(identify(suite, scores, selection), protocol, scores, options);
    });
    const report: Report = {
      schema: reportSchemaId,
      rmbench: version,
      model: described.model,
      replay,
      settings,
      complete: isComplete(reports, request.maxErrors),
      suites: reports,
      overall: measureOverall(reports, tables, settings),
      provenance: await provenance(context.cwd),
      execution: execution(device),
    };
    return { report, tables };
  });
}

function identify(suite: Suite, scores: ScoreTable, { available, asFiled }: SelectedPairs): SuiteIdentity {
  const fingerprint = tableFingerprint(scores.rows);
  return {
    id: suite.id,
    title: suite.title,
    version: suite.bare ? null : suite.version,
    licence: suite.licence ?? null,
    chance: suite.chance,
    available,
    fingerprint,
    pinned: pinnedState(asFiled ? (suite.fingerprint ?? null) : null, fingerprint, scores.rows.n === available),
  };
}

/** How the scored pairs compare with the fingerprint that the suite's definition pins. */
export function pinnedState(pinned: string | null, found: string, whole: boolean): SuiteReport["pinned"] {
  if (pinned === null) return { fingerprint: null, state: "none" };
  if (!whole) return { fingerprint: pinned, state: "partial" };
  return { fingerprint: pinned, state: pinned === found ? "matches" : "differs" };
}

/**
 * Whether no more comparisons than allowed went without a verdict: failed, unparsable, not finite or too long. Those that
 * replayed scores do not have are no error of the model, and have an allowance of their own.
 */
export function isComplete(suites: readonly SuiteReport[], maxErrors: number): boolean {
  const errors = suites.map(({ counts }) => counts.failed + counts.unparsable + counts.invalid + counts.tooLong);
  return errors.reduce((sum, count) => sum + count, 0) <= maxErrors;
}
