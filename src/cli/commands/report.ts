import { Command } from "commander";
import { resolve } from "node:path";
import { collect } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { checkOutput } from "../outputs.ts";
import { renderOptions } from "../terminal.ts";

export function reportCommand(context: CliContext): Command {
  return new Command("report")
    .description("Renders a run again: as the terminal table, or as files by extension.")
    .argument("<run>", "folder of a run")
    .option(
      "-o, --output <file>",
      "write x.md, x.json, x.scores.jsonl or x.scores.csv (repeatable)",
      collect,
      [] as string[],
    )
    .action(async (name: string, { output }: { output: string[] }) => {
      const { openRun, runScores } = await import("../../run/open-run.ts");
      const run = await openRun(name, context.cwd);
      if (output.length === 0) {
        const { renderTerminal } = await import("../../report/terminal.ts");
        context.stdout.write(renderTerminal([run.report], renderOptions(context.stdout, context.env)));
        return;
      }
      const { writeFileAside } = await import("../../report/write.ts");
      const { reporterFor } = await import("../../report/registry.ts");
      const { renderScores } = await import("../../report/scores-file.ts");
      const files = output.map((file) => {
        const format = /\.scores\.(jsonl|csv)$/i.exec(file)?.[1]?.toLowerCase() as "jsonl" | "csv" | undefined;
        const reporter = format === undefined ? reporterFor(file) : null;
        return { path: resolve(context.cwd, file), format, reporter };
      });
      for (const { path, format, reporter } of files) {
        await checkOutput(path, reporter === null ? `scores.${format!}` : reporter.extension);
      }
      for (const { path, format, reporter } of files) {
        if (reporter === null) {
          const tables = [...(await runScores(run))].map(([suite, scores]) => ({ suite, scores }));
          await writeFileAside(path, renderScores(tables, format!));
        } else {
          await writeFileAside(path, await reporter.render(run.report));
        }
        context.stdout.write(`${path}\n`);
      }
    });
}
