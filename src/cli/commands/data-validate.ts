import { Command } from "commander";
import { RmbenchError } from "../../errors.ts";
import type { ImportedFile } from "../../pairs/import/import.ts";
import type { Measure, ValidationReport } from "../../pairs/validate.ts";
import { counted } from "../../report/numbers.ts";
import { count } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";
import { exitCodes } from "../exit-code.ts";
import { findingLines, totals } from "./data-findings.ts";
import { addReadFlags, importOptions, type ReadFlags, refuseEmpty } from "./data-options.ts";

interface ValidateFlags extends ReadFlags {
  model?: string;
  maxFindings: number;
  json?: boolean;
}

interface Checked {
  file: ImportedFile;
  report: ValidationReport;
}

export function validateCommand(context: CliContext): Command {
  const command = new Command("validate")
    .description("Finds what is wrong with files of pairs, of any format that can be imported. Exit code 2 on errors.")
    .argument("<file...>", "files of pairs (- for stdin)");
  return addReadFlags(command)
    .option("--model <spec>", "also find pairs that are too long for this model")
    .option("--max-findings <n>", "findings to show of each kind; all are counted", count, 10)
    .option("--json", "print the findings as JSON")
    .action(async (inputs: string[], flags: ValidateFlags) => {
      const measure = await measureOf(flags.model, context);
      const checked: Checked[] = [];
      for (const input of inputs) checked.push(await check(input, flags, measure, context));
      if (flags.json === true) context.stdout.write(`${JSON.stringify(checked.map(asJson), null, 2)}\n`);
      else for (const one of checked) for (const line of textOf(one)) context.stdout.write(line);
      if (checked.some(({ report }) => report.errors > 0)) context.exitCode.value = exitCodes.nothingScored;
    });
}

async function measureOf(model: string | undefined, context: CliContext): Promise<Measure | undefined> {
  if (model === undefined) return undefined;
  return (await import("./data-measure.ts")).measureWith(model, context);
}

async function check(
  input: string,
  flags: ValidateFlags,
  measure: Measure | undefined,
  context: CliContext,
): Promise<Checked> {
  const [{ openImport }, { Validator }] = await Promise.all([
    import("../../pairs/import/import.ts"),
    import("../../pairs/validate.ts"),
  ]);
  const validator = new Validator({ keep: flags.maxFindings, measure });
  const options = await importOptions(flags, context);
  options.onProblem = (source, row, { kind, message, remedy }) =>
    validator.problem(kind, source.name, row, message, remedy);
  const { file, pairs } = await openImport(input, options);
  try {
    for await (const window of pairs) {
      context.signal.throwIfAborted();
      await validator.add(file.name, window);
    }
  } catch (error) {
    // A file that breaks off is a finding beside the others; one that holds no pairs at all is refused.
    if (!(error instanceof RmbenchError) || error.code !== "data" || file.layout === null) throw error;
    validator.problem("malformed", file.name, null, error.message, error.hint ?? "write the file again");
  }
  if (file.rows === 0) refuseEmpty(file.name, file.pairs);
  return { file, report: validator.report() };
}

function asJson({ file, report }: Checked): object {
  return { ...file, notes: Object.fromEntries(file.notes), ...report };
}

function* textOf({ file, report }: Checked): Generator<string> {
  yield* findingLines(report);
  const what = `${file.name}: ${file.format}, ${file.layout ?? "no layout"}: ${counted(file.rows, "row")}, ${counted(file.pairs, "pair")}`;
  yield `${escapeForTerminal(what)}: ${totals(report)}\n`;
}
