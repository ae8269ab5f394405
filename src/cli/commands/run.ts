import { Command } from "commander";
import type { ResolvedConfig } from "../../config/resolve.ts";
import { configKeys, type ConfigKey } from "../../config/schema.ts";
import { RmbenchError } from "../../errors.ts";
import type { Report } from "../../report/schema.ts";
import type { RunContext } from "../../run/context.ts";
import { configOf } from "../config.ts";
import { Interrupted, modelContext, type CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { refuseIdleFlags } from "../idle-flags.ts";
import { settleExitCode } from "../incomplete.ts";
import { addConfigOptions } from "../options.ts";
import { isTerminal, renderOptions } from "../terminal.ts";

const examples = `
Examples:
  rmbench run                                          the embedded model on the bundled suites
  rmbench run --model onnx:./my-rm --suite safety      your model on one suite
  rmbench run --model ./my-rm.ts --suite own.arrow     your code on your pairs
  rmbench run --model 'onnx:checkpoints/*' --json      several checkpoints, as JSON
  rmbench run --dry-run                                what would be scored, and what is stored already

Interrupted or killed, the same command goes on: no score is computed twice.`;

interface RunFlags extends Partial<Record<ConfigKey, string | string[]>> {
  config?: string;
  json?: boolean;
  dryRun?: boolean;
}

export function runCommand(context: CliContext): Command {
  const command = new Command("run")
    .description(
      "Scores suites of preference pairs with a reward model; reports accuracy and calibration with intervals.",
    )
    .option(
      "-c, --config <file>",
      "configuration file (default: rmbench.config.yaml in this folder, if there is one) [RMBENCH_CONFIG]",
    )
    .option("--json", "print the report as JSON on stdout [RMBENCH_JSON, in every command that has it]")
    .option(
      "--dry-run",
      "count pairs, tokens, truncations, batches and stored scores; load no weights [RMBENCH_DRY_RUN]",
    )
    .addHelpText("after", examples)
    .action(async (flags: RunFlags) => run(flags, context));
  return addConfigOptions(command);
}

async function run(flags: RunFlags, context: CliContext): Promise<void> {
  const given = Object.fromEntries(configKeys.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]])));
  const config = await configOf(given, context, flags.config);
  const { expandModels, expandSuites } = await import("../../run/expand.ts");
  const suites = await expandSuites(config.values.suite);
  const models = await expandModels(config.values.model, context.cwd);
  refuseIdleFlags(Object.keys(given), models);
  const { progressReporter } = await import("../progress.ts");
  const progress = progressReporter(config.values.progress, context.stderr);
  const runContext: RunContext = {
    ...modelContext(context),
    emit: progress.emit,
    now: () => new Date(),
    argv: context.argv,
  };
  try {
    if (flags.dryRun === true) await dryRun(config, models, suites, runContext, flags.json === true, context);
    else await scoreAll(config, models, suites, runContext, flags.json === true, context, progress.close);
  } finally {
    progress.close();
  }
}

async function scoreAll(
  { values }: ResolvedConfig,
  models: readonly string[],
  suites: readonly string[],
  runContext: RunContext,
  json: boolean,
  context: CliContext,
  closeProgress: () => void,
): Promise<void> {
  const { prepareRun } = await import("../../run/run.ts");
  const { runRequest } = await import("../../run/request.ts");
  const { saveRun } = await import("../../run/save.ts");
  const { claimRunFolders } = await import("../run-folders.ts");
  let began = false;
  const emit: RunContext["emit"] = (event) => {
    began ||= event.type === "batch";
    runContext.emit(event);
  };
  const runs = [];
  for (const model of models) runs.push(await prepareRun(runRequest(values, model, suites), { ...runContext, emit }));
  await using folders = await claimRunFolders(values, models, runContext.now(), context.cwd);
  const reports: Report[] = [];
  try {
    // A run that is done lets go of its tokenizer or scores.
    for (let score = runs.shift(); score !== undefined; score = runs.shift()) {
      const { report, tables } = await score();
      began = true;
      closeProgress();
      await saveRun(folders.paths[reports.length]!, report, tables);
      reports.push(report);
    }
  } catch (error) {
    closeProgress();
    const finished = folders.paths.slice(0, reports.length);
    for (const folder of finished) context.stderr.write(`rmbench: finished: ${escapeForTerminal(folder)}\n`);
    throw stoppedShort(error, began || finished.length > 0, values.store === "none", context.signal);
  }
  settleExitCode(reports, context);
  await print(reports, folders.paths, json, context);
}

/** What an error means once scoring has begun: "nothing was scored" would be wrong, and what was scored may be stored. */
function stoppedShort(error: unknown, began: boolean, unstored: boolean, { aborted, reason }: AbortSignal): unknown {
  if (aborted && reason instanceof Interrupted) {
    return new Interrupted(
      reason.signal,
      unstored
        ? "No score was kept (--store none): the same command begins anew."
        : "Nothing that was scored is lost: the same command goes on.",
    );
  }
  if (!began || !(error instanceof RmbenchError) || exitCodeOf(error) !== exitCodes.nothingScored) return error;
  return new RmbenchError("incomplete", error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });
}

async function print(reports: readonly Report[], folders: readonly string[], json: boolean, context: CliContext) {
  if (json) {
    const { renderJson } = await import("../../report/json.ts");
    context.stdout.write(
      reports.length === 1
        ? renderJson(reports[0]!)
        : `[${reports.map((report) => renderJson(report).trim()).join(",\n")}]\n`,
    );
    return;
  }
  const { renderTerminal } = await import("../../report/terminal.ts");
  context.stdout.write(renderTerminal(reports, renderOptions(context.stdout, context.env)));
  for (const folder of folders) context.stdout.write(`${isTerminal(context.stdout) ? "Run: " : ""}${folder}\n`);
}

async function dryRun(
  { values }: ResolvedConfig,
  models: readonly string[],
  suites: readonly string[],
  runContext: RunContext,
  json: boolean,
  context: CliContext,
): Promise<void> {
  const { dryRun: preview, renderDryRun } = await import("../../run/dry-run.ts");
  const { runRequest } = await import("../../run/request.ts");
  const plans = [];
  for (const model of models) plans.push(await preview(runRequest(values, model, suites), runContext));
  context.stdout.write(json ? `${JSON.stringify(plans, null, 2)}\n` : renderDryRun(plans));
}
