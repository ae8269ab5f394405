import { Command } from "commander";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RmbenchError } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { isTerminal, renderOptions } from "../terminal.ts";

const kinds = ["suites", "models", "runs"] as const;

export function listCommand(context: CliContext): Command {
  return new Command("list")
    .description("Lists the bundled suites, the adapters that --model can name, or the runs under reports/.")
    .argument("[kind]", `what to list: ${kinds.join(", ")}`, "suites")
    .option("--json", "print JSON")
    .action(async (kind: string, { json }: { json?: boolean }) => {
      const rows = await rowsOf(kind, context);
      if (json === true) {
        context.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
        return;
      }
      const { labelled } = await import("../labelled.ts");
      // Piped, a row is a line, for grep and awk.
      const wraps = isTerminal(context.stdout) || context.env["COLUMNS"] !== undefined;
      const width = wraps ? renderOptions(context.stdout, context.env).width : Infinity;
      context.stdout.write(
        labelled(
          rows.map(({ name, summary }) => [name, summary]),
          width,
        ),
      );
    });
}

async function rowsOf(kind: string, { cwd }: CliContext): Promise<{ name: string; summary: string }[]> {
  switch (kind) {
    case "suites": {
      const { bundledSuites } = await import("../../suites/load.ts");
      return (await bundledSuites()).map(({ id, title, protocol, version }) => ({
        name: id,
        summary: `${title} (${protocol}, ${version})`,
      }));
    }
    case "models": {
      const { adapters } = await import("../../models/registry.ts");
      const { combinations } = await import("../../scores/combine/registry.ts");
      return [
        ...adapters.map(({ name, summary }) => ({ name, summary })),
        {
          name: "scores",
          summary: "scores:<file>, scores that were computed before: Arrow, JSONL, JSON, CSV or Parquet",
        },
        ...Object.values(combinations).map(({ name, summary }) => ({ name, summary })),
      ];
    }
    case "runs":
      return runs(resolve(cwd, "reports"));
    default:
      throw new RmbenchError("usage", `there is no list of ${JSON.stringify(kind)}`, {
        hint: `One of: ${kinds.join(", ")}.`,
      });
  }
}

async function runs(folder: string): Promise<{ name: string; summary: string }[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const rows = [];
  for (const name of names.sort()) {
    const text = await readFile(join(folder, name, "report.json"), "utf8").catch(() => null);
    if (text === null) continue;
    const report = JSON.parse(text) as { model?: { id?: string }; suites?: { id?: string }[] };
    const suites = (report.suites ?? []).map((suite) => suite.id ?? "?").join(", ");
    rows.push({ name: join("reports", name), summary: `${report.model?.id ?? "?"} on ${suites}` });
  }
  return rows;
}
