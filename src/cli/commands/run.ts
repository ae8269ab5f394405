import { Command } from "commander";
import { join, resolve } from "node:path";
import { resolveConfig, type ResolvedConfig } from "../../config/resolve.ts";
import { configKeys, type Config, type ConfigKey } from "../../config/schema.ts";
import type { Report } from "../../report/schema.ts";
import type { RunContext } from "../../run/context.ts";
import type { CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";
import { exitCodes } from "../exit-code.ts";
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
    .option("-c, --config <file>", "configuration file (default: rmbench.config.yaml in this folder, if there is one)")
    .option("--json", "print the report as JSON on stdout")
    .option("--dry-run", "count pairs, tokens, truncations, batches and stored scores; load no weights")
    .addHelpText("after", examples)
    .action(async (flags: RunFlags) => run(flags, context));
  return addConfigOptions(command);
}

async function run(flags: RunFlags, context: CliContext): Promise<void> {
  const config = await resolveConfig({
    flags: Object.fromEntries(configKeys.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]]))),
    env: context.env,
    file: flags.config ?? null,
    cwd: context.cwd,
  });
  const { expandModels, expandSuites } = await import("../../run/expand.ts");
  const suites = await expandSuites(config.values.suite);
  const models = await expandModels(config.values.model, context.cwd);
  const { progressReporter } = await import("../progress.ts");
  const progress = progressReporter(config.values.progress, context.stderr);
  const runContext: RunContext = {
    cwd: context.cwd,
    env: context.env,
    signal: context.signal,
    emit: progress.emit,
    warn: (message) => void context.stderr.write(`rmbench: ${escapeForTerminal(message)}\n`),
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
  const { run: score } = await import("../../run/run.ts");
  const { runRequest } = await import("../../run/request.ts");
  const { saveRun } = await import("../../run/save.ts");
  const { checkRunFolder } = await import("../../report/write.ts");
  const folders = runFolders(values, models, runContext.now(), context.cwd);
  for (const folder of folders) await checkRunFolder(folder);
  const reports: Report[] = [];
  for (const [i, model] of models.entries()) {
    const { report, tables } = await score(runRequest(values, model, suites), runContext);
    closeProgress();
    await saveRun(folders[i]!, report, tables);
    reports.push(report);
  }
  await print(reports, folders, json, context);
  if (reports.some((report) => !report.complete)) {
    context.exitCode.value = exitCodes.incomplete;
    context.stderr.write(
      `rmbench: more texts failed than --max-errors ${values.maxErrors} allows (exit 3). The counts are in the report; what was scored is stored.\n`,
    );
  }
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

/** One folder for each model: `--out`, or `reports/<model>-<time>`. */
function runFolders(values: Config, models: readonly string[], now: Date, cwd: string): string[] {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(":", "-");
  const names = models.map((model) => slug(model));
  return models.map((_, i) => {
    const twin = names.indexOf(names[i]!) < i ? `-${i + 1}` : "";
    if (values.out === undefined) return resolve(cwd, join("reports", `${names[i]}${twin}-${time}`));
    return resolve(cwd, models.length === 1 ? values.out : join(values.out, `${names[i]}${twin}`));
  });
}

function slug(model: string): string {
  const plain = model
    .replace(/^\w+:\/\/[^/]*@/, "")
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  return plain === "" ? "model" : plain.slice(-60);
}
