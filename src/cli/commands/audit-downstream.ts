import { Command } from "commander";
import type { DownstreamPoint } from "../../audit/downstream.ts";
import { RmbenchError } from "../../errors.ts";
import type { BootstrappedCorrelation } from "../../stats/bootstrap-correlation.ts";
import type { CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";

const level = 0.95;

interface DownstreamFlags {
  column: string;
  weak?: string;
  ceiling?: string;
  seed: string;
  json?: boolean;
}

/** `rmbench audit downstream <runs…> --column values.csv`. */
export function downstreamCommand(context: CliContext): Command {
  return new Command("downstream")
    .description("Correlates the accuracy of several runs with a number that each led to downstream.")
    .argument("<runs...>", "folders of runs, at least three")
    .requiredOption("--column <file>", "CSV with the columns run (or model) and value")
    .option("--weak <run>", "the weak supervisor: adds the performance gap recovered, with --ceiling")
    .option("--ceiling <run>", "the strong ceiling")
    .option("--seed <text>", "seed of the bootstrap", "0")
    .option("--json", "print JSON")
    .action(async (names: string[], _flags: object, command: Command) => {
      // `audit` has a --json, too, and takes the one that stands behind a command of its own.
      const flags = command.optsWithGlobals<DownstreamFlags>();
      const { weak, ceiling, seed, json } = flags;
      if ((weak === undefined) !== (ceiling === undefined))
        throw new RmbenchError("usage", "--weak and --ceiling belong together", { hint: "name both runs, or none" });
      const points = await pointsOf(names, flags.column, context);
      const { downstreamReport, resamples } = await import("../../audit/downstream.ts");
      const span = weak === undefined || ceiling === undefined ? null : { weak, ceiling };
      const report = downstreamReport(points, span, level, seed);
      if (json === true) {
        context.stdout.write(`${JSON.stringify({ ...report, level, seed, resamples }, null, 2)}\n`);
        return;
      }
      const { percent, decimal } = await import("../../report/numbers.ts");
      const shown = ({ estimate, interval }: BootstrappedCorrelation) =>
        estimate === null
          ? "undefined"
          : `${decimal(estimate)}${interval === null ? "" : ` [${interval.map(decimal).join(", ")}]`}`;
      const lines = [
        ...report.points.map(({ run, accuracy, value }) => `${run}: accuracy ${percent(accuracy)}, value ${value}`),
        `Spearman ${shown(report.spearman)}, Pearson ${shown(report.pearson)} over ${points.length} runs (bootstrap, ${resamples} resamples)`,
        ...(report.gap ?? []).map(
          ({ run, recovered }) =>
            `${run}: performance gap recovered ${recovered === null ? "undefined: weak and ceiling are equal" : decimal(recovered)}`,
        ),
      ];
      context.stdout.write(`${lines.map((line) => escapeForTerminal(line)).join("\n")}\n`);
    });
}

/** Runs with their value; every run needs one, and every line of the file a run. */
async function pointsOf(names: readonly string[], column: string, { cwd, stderr }: CliContext) {
  const { openRun } = await import("../../run/open-run.ts");
  const values = await valuesOf(column, cwd);
  const points: DownstreamPoint[] = [];
  const used = new Set<string>();
  const folders = new Set<string>();
  for (const name of names) {
    const { report, folder } = await openRun(name, cwd);
    if (folders.has(folder)) {
      throw new RmbenchError("usage", `the run ${name} is named twice`, { hint: "a run counts once in a correlation" });
    }
    folders.add(folder);
    const key = [name, report.model.id].find((one) => values.has(one));
    if (key === undefined) {
      throw new RmbenchError("data", `${column} has no value for ${name} (${report.model.id})`, {
        hint: "its first column names the run as the command does, or its model",
      });
    }
    const accuracy = report.overall.accuracy.value;
    if (accuracy === null) throw new RmbenchError("data", `the run ${name} has no accuracy`);
    used.add(key);
    points.push({ run: name, model: report.model.id, accuracy, value: values.get(key)! });
  }
  const unused = [...values.keys()].filter((key) => !used.has(key));
  if (unused.length > 0)
    stderr.write(`rmbench: ${escapeForTerminal(`no run for ${unused.join(", ")} in ${column}`)}\n`);
  return points;
}

async function valuesOf(file: string, cwd: string): Promise<Map<string, number>> {
  const { openRecords } = await import("../../pairs/import/open.ts");
  const source = await openRecords(file, { cwd, format: "csv" });
  const values = new Map<string, number>();
  for await (const window of source.items()) {
    for (const item of window) {
      const record = "problem" in item ? {} : item.record;
      const key = record["run"] ?? record["model"];
      const text = record["value"];
      const value = typeof text === "string" && text.trim() !== "" ? Number(text) : Number.NaN;
      if (typeof key !== "string" || key === "" || !Number.isFinite(value))
        throw new RmbenchError("data", `${file}, row ${item.row}: no run and finite value`, {
          hint: "the file needs the columns run (or model) and value, as run,value",
        });
      if (values.has(key)) throw new RmbenchError("data", `${file}, row ${item.row}: ${key} has a value already`);
      values.set(key, value);
    }
  }
  return values;
}
