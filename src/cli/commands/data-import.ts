import { basename, resolve } from "node:path";
import { once } from "node:events";
import { Command } from "commander";
import { RmbenchError } from "../../errors.ts";
import type { ImportedFile, ImportOptions } from "../../pairs/import/import.ts";
import type { PreferencePair } from "../../pairs/pair.ts";
import type { PairsMetadata } from "../../pairs/schema.ts";
import { counted } from "../../report/numbers.ts";
import type { ValidationReport, Validator } from "../../pairs/validate.ts";
import type { CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";
import { checkOutput } from "../outputs.ts";
import { kindLines, totals } from "./data-findings.ts";
import { addReadFlags, importOptions, type ReadFlags, refuseEmpty } from "./data-options.ts";

interface ImportFlags extends ReadFlags {
  output: string;
  suite?: string;
  license?: string;
  source?: string;
  revision?: string;
  skipErrors?: boolean;
  numberIds?: boolean;
  compress?: string | boolean;
  json?: boolean;
}

interface Done {
  output: string;
  pairs: number;
  files: ImportedFile[];
  report: ValidationReport;
}

export function importCommand(context: CliContext): Command {
  const command = new Command("import")
    .description(
      "Reads preference pairs (JSONL, JSON array, CSV, Parquet, Arrow; .gz; - for stdin), recognises their layout, and " +
        "writes them as Arrow. Texts are kept exactly as they are. Several files become one suite.",
    )
    .argument("<file...>", "files of pairs")
    .requiredOption("-o, --output <file>", "Arrow file to write (- for an Arrow stream on stdout)");
  return addReadFlags(command)
    .option("--suite <id>", "id of the suite (default: name of the output)")
    .option("--license <text>", "licence of the data")
    .option("--source <text>", "where the data comes from")
    .option("--revision <text>", "revision of the data")
    .option("--skip-errors", "leave out rows that cannot be read or converted, and count them")
    .option(
      "--number-ids",
      "append #2, #3, … to the ids of repeated keys, and make each one cluster, instead of refusing them",
    )
    .option("--compress", "compress the output (lz4)")
    .option("--json", "print what was done as JSON")
    .action(async (inputs: string[], flags: ImportFlags) => {
      const done = await importFiles(inputs, flags, context);
      const out = flags.output === "-" ? context.stderr : context.stdout;
      if (flags.json === true) out.write(`${JSON.stringify(asJson(done), null, 2)}\n`);
      else for (const line of textOf(done)) out.write(line);
    });
}

async function importFiles(inputs: string[], flags: ImportFlags, context: CliContext): Promise<Done> {
  const path = resolve(context.cwd, flags.output);
  if (flags.output !== "-") {
    const read = inputs.filter((input) => input !== "-").map((input) => resolve(context.cwd, input));
    await checkOutput(path, "arrow", read);
  }
  const [{ encodePairs, writePairs }, { Validator: Checker }] = await Promise.all([
    import("../../pairs/arrow-writer.ts"),
    import("../../pairs/validate.ts"),
  ]);
  const validator = new Checker();
  const options = await importOptions(flags, context);
  if (flags.skipErrors === true) {
    options.onProblem = (source, row, { kind, message, remedy }) =>
      validator.problem(kind, source.name, row, message, remedy);
  }
  const files: ImportedFile[] = [];
  const pairs = readAll(inputs, options, flags, validator, files);
  const metadata: Partial<PairsMetadata> = {
    suite: flags.suite ?? basename(flags.output === "-" ? "pairs" : flags.output).replace(/\.[^.]+$/, ""),
    licence: flags.license ?? "",
    source: flags.source ?? "",
    revision: flags.revision ?? "",
  };
  const writing = { signal: context.signal, compression: flags.compress === true ? ("lz4" as const) : null };
  let written: number;
  if (flags.output === "-") {
    const bytes = encodePairs(pairs, metadata, { ...writing, format: "stream" });
    let step = await bytes.next();
    for (; !step.done; step = await bytes.next()) {
      if (!context.stdout.write(step.value)) await once(context.stdout, "drain");
    }
    written = step.value;
  } else {
    const format = flags.output.endsWith(".arrows") ? ("stream" as const) : ("file" as const);
    written = await writePairs(path, pairs, metadata, { ...writing, format });
  }
  return { output: flags.output, pairs: written, files, report: validator.report() };
}

async function* readAll(
  inputs: readonly string[],
  options: ImportOptions,
  flags: ImportFlags,
  validator: Validator,
  files: ImportedFile[],
): AsyncGenerator<readonly PreferencePair[]> {
  const [{ openImport }, { UniqueKeys }] = await Promise.all([
    import("../../pairs/import/import.ts"),
    import("../../pairs/import/unique-keys.ts"),
  ]);
  const keys = new UniqueKeys();
  for (const input of inputs) {
    const { file, pairs } = await openImport(input, options);
    files.push(file);
    for await (const located of pairs) {
      const window =
        flags.numberIds === true ? located.map(({ pair, row }) => ({ pair: keys.number(pair), row })) : located;
      await validator.add(file.name, window);
      yield window.map(({ pair }) => pair);
    }
    refuseEmpty(file.name, file.pairs);
  }
  const report = validator.report();
  const repeated = report.counts["duplicate-key"] ?? 0;
  if (repeated === 0) return;
  const first = report.findings.find((finding) => finding.kind === "duplicate-key");
  throw new RmbenchError(
    "data",
    `${first?.file ?? ""}:${first?.row ?? ""}: ${first?.message ?? ""}; ${repeated === 1 ? "1 key is" : `${repeated} keys are`} repeated`,
    { hint: "make (subset, id) unique, because scores are joined by it, or import with --number-ids" },
  );
}

function asJson({ output, pairs, files, report }: Done): object {
  return {
    output,
    pairs,
    fingerprint: report.fingerprint,
    files: files.map((file) => ({ ...file, notes: Object.fromEntries(file.notes) })),
    counts: report.counts,
    errors: report.errors,
    warnings: report.warnings,
    findings: report.findings,
  };
}

function* textOf({ output, pairs, files, report }: Done): Generator<string> {
  for (const file of files) {
    const skipped = file.skipped === 0 ? "" : `, ${counted(file.skipped, "row")} left out`;
    const what = `${file.name}: ${file.format}, ${file.layout}: ${counted(file.rows, "row")}, ${counted(file.pairs, "pair")}${skipped}`;
    yield `${escapeForTerminal(what)}\n`;
    for (const [note, rows] of file.notes) yield `  ${escapeForTerminal(note)} (${counted(rows, "row")})\n`;
  }
  yield* kindLines(report);
  yield `wrote ${escapeForTerminal(output)}: ${counted(pairs, "pair")}, fingerprint ${report.fingerprint.slice(0, 16)}\n`;
  if (report.errors + report.warnings > 0) {
    yield `${totals(report)}; \`rmbench data validate ${escapeForTerminal(output)}\` lists them\n`;
  }
}
