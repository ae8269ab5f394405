import { Command } from "commander";
import { resolve } from "node:path";
import { RmbenchError } from "../../errors.ts";
import { realPath } from "../../replace-file.ts";
import type { CliContext } from "../context.ts";
import { settleExitCode } from "../incomplete.ts";
import { renderOptions } from "../terminal.ts";

export function mergeCommand(context: CliContext): Command {
  return new Command("merge")
    .description("Joins the runs of several shards (run --shard i/n) into one run, measured anew from their scores.")
    .argument("<runs...>", "folders of the shards' runs")
    .requiredOption("-o, --out <folder>", "folder of the joined run")
    .option("--json", "print the report as JSON")
    .action(async (names: string[], { out, json }: { out: string; json?: boolean }) => {
      if (names.length < 2) throw new RmbenchError("usage", "merge needs at least two runs");
      const { openRun, runScores } = await import("../../run/open-run.ts");
      const { mergeShards } = await import("../../run/merge.ts");
      const { saveRun } = await import("../../run/save.ts");
      const folder = await realPath(resolve(context.cwd, out));
      const shards = [];
      for (const name of names) {
        const run = await openRun(name, context.cwd);
        if ((await realPath(run.folder)) === folder)
          throw new RmbenchError("usage", `--out ${out} would replace a shard that is merged`);
        shards.push({ name, report: run.report, tables: await runScores(run) });
      }
      const { report, tables } = mergeShards(shards);
      await saveRun(folder, report, tables);
      settleExitCode([report], context);
      if (json === true) {
        const { renderJson } = await import("../../report/json.ts");
        context.stdout.write(renderJson(report));
        return;
      }
      const { renderTerminal } = await import("../../report/terminal.ts");
      context.stdout.write(renderTerminal([report], { ...renderOptions(context.stdout, context.env) }));
      context.stdout.write(`${folder}\n`);
    });
}
