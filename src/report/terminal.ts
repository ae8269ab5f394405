/** The report as a person reads it in a terminal within ten seconds. Pure: text in, text out; no ANSI unless `color`. */
import { besideReward } from "./beside-reward.ts";
import { binCount, bestShortcut, headlineEce } from "./headline.ts";
import { layTable, type Column } from "./layout.ts";
import { count, percent, percentWithInterval, shortDecimal } from "./numbers.ts";
import type { RenderOptions } from "./reporter.ts";
import type { Finding, Report, SuiteReport } from "./schema.ts";
import { fit, widthOf, wrap } from "./text-width.ts";
import { visible } from "./untrusted.ts";

export interface TerminalOptions extends RenderOptions {
  /** Where the files of the run are, shown last. */
  files?: string | undefined;
}

/** Findings beyond this many are counted, not shown. */
const mostFindings = 10;

/** One report: a table over its suites. Several: a table over models. Always ends with a line feed. */
export function renderTerminal(reports: readonly Report[], options: TerminalOptions): string {
  const [only] = reports;
  if (only === undefined) return "";
  const table = reports.length === 1 ? suiteTable(only, options) : modelTable(reports, options);
  const blocks = [
    table,
    besideLines(reports, options),
    findingLines(reports, options),
    noticeLines(reports, options),
    fileLines(options),
  ];
  const text = blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
  return `${text}\n`;
}

function suiteTable(report: Report, options: TerminalOptions): string[] {
  const { suites } = report;
  const { ellipsis } = signs(options);
  const mean = suites.length > 1;
  const add = (cell: string): string[] => (mean ? [cell] : []);
  const level = `${Number((report.settings.level * 100).toFixed(2))}%`;
  const bins = suites.map(binCount).find((n) => n !== null) ?? null;
  const columns: Column[] = [
    {
      head: "suite",
      align: "left",
      shrinksTo: 10,
      dropOrder: 0,
      cells: [...suites.map((suite) => visible(suite.id)), ...add(`mean of ${suites.length}`)],
    },
    {
      head: "pairs",
      align: "right",
      shrinksTo: null,
      dropOrder: 2,
      cells: [...suites.map(pairsOf), ...add(count(suites.reduce((sum, suite) => sum + suite.counts.pairs, 0)))],
    },
    {
      head: `accuracy [${level}]`,
      align: "left",
      shrinksTo: null,
      dropOrder: 0,
      cells: [
        ...suites.map((suite) => percentWithInterval(suite.metrics["accuracy"])),
        ...add(percentWithInterval(report.overall.accuracy)),
      ],
    },
    {
      head: "best shortcut",
      align: "left",
      shrinksTo: 13,
      dropOrder: 3,
      cells: [...suites.map(shortcutCell), ...add("")],
    },
    {
      head: "ECE (perfect)",
      align: "left",
      shrinksTo: null,
      dropOrder: 1,
      cells: [...suites.map(eceCell), ...add("")],
    },
  ];
  const table = layTable(columns, options.width, ellipsis);
  const title = [
    fit(`${visible(report.model.id)}${report.model.replayed ? " (replayed scores)" : ""}`, options.width, ellipsis),
    ...incompleteLines(report, options),
  ];
  return [
    ...title,
    "",
    ...ruled(table.head, table.rows, mean, options),
    ...legend(report, bins, table.dropped, options).map((line) => dim(line, options)),
  ];
}

function pairsOf(suite: SuiteReport): string {
  const { pairs } = suite.counts;
  return pairs === suite.available ? count(pairs) : `${count(pairs)}/${count(suite.available)}`;
}

function shortcutCell(suite: SuiteReport): string {
  const best = bestShortcut(suite);
  if (best === null) return "-";
  return `${percent(best.accuracy.value)} ${visible(best.name)}`;
}

function eceCell(suite: SuiteReport): string {
  const headline = headlineEce(suite);
  if (headline === null) return "undefined";
  const fitted = headline.crossFitted ? " fitted" : "";
  if (headline.perfect === null) return shortDecimal(headline.ece) + fitted;
  const { mean, q95 } = headline.perfect;
  const above = headline.ece > q95 ? " !" : "";
  return `${shortDecimal(headline.ece)} (${shortDecimal(mean)}, ${shortDecimal(q95)})${above}${fitted}`;
}

function legend(report: Report, bins: number | null, dropped: readonly string[], options: TerminalOptions): string[] {
  const shown = !dropped.some((head) => head.startsWith("ECE"));
  const raw = report.suites.some((suite) => suite.calibration.headline === "ece");
  const fitted = report.suites.find((suite) => suite.calibration.headline === "ece_cross_fitted");
  const notes: string[] = [];
  const inBins = bins === null ? "" : ` in ${bins} bins`;
  if (shown && raw) notes.push(`ECE${inBins} (a perfectly calibrated model at this n: mean, 95% quantile).`);
  if (shown && fitted !== undefined)
    notes.push(
      `ECE${inBins}, fitted: after a cross-fitted temperature (${sentence(fitted.calibration.because, options)}).`,
    );
  if (dropped.length > 0) notes.push(`Not shown in ${options.width} columns: ${dropped.join(", ")}.`);
  return notes.flatMap((note) => wrap(note, options.width, 0));
}

function modelTable(reports: readonly Report[], options: TerminalOptions): string[] {
  const { ellipsis, plusMinus } = signs(options);
  const suites = [...new Set(reports.flatMap((report) => report.suites.map((suite) => suite.id)))];
  const model: Column = {
    head: "model",
    align: "left",
    shrinksTo: 16,
    cut: "start",
    dropOrder: 0,
    cells: reports.map((report) => `${visible(report.model.id)}${report.complete ? "" : " (incomplete)"}`),
  };
  const accuracy = (estimate: SuiteReport["metrics"][string] | undefined): string => {
    if (estimate === undefined || estimate.value === null) return "-";
    const half =
      estimate.interval === undefined
        ? ""
        : ` ${plusMinus}${(((estimate.interval.high - estimate.interval.low) / 2) * 100).toFixed(1)}`;
    return percent(estimate.value) + half;
  };
  const columns: Column[] = [
    {
      head: "mean",
      align: "left",
      shrinksTo: null,
      dropOrder: 0,
      cells: reports.map((report) => accuracy(report.overall.accuracy)),
    },
    ...suites.map((id): Column => ({
      head: fit(visible(id), 16, ellipsis),
      align: "left",
      shrinksTo: null,
      dropOrder: 0,
      cells: reports.map((report) => accuracy(report.suites.find((suite) => suite.id === id)?.metrics["accuracy"])),
    })),
  ];
  const blocks = columnBlocks(model, columns, options.width).map((block) => {
    const table = layTable(block, options.width, ellipsis);
    return ruled(table.head, table.rows, false, options);
  });
  const level = Number(((reports[0]?.settings.level ?? 0.95) * 100).toFixed(2));
  const note = wrap(
    `Accuracy, ${plusMinus} half its ${level}% interval; mean: unweighted over suites.`,
    options.width,
    0,
  );
  return [
    ...blocks.flatMap((block, i) => (i === 0 ? block : ["", ...block])),
    ...note.map((line) => dim(line, options)),
  ];
}

/** Splits columns into as many tables as the width asks for, each with the models' names. */
function columnBlocks(model: Column, columns: readonly Column[], width: number): Column[][] {
  const widest = (column: Column): number => Math.max(widthOf(column.head), ...column.cells.map(widthOf));
  const nameWidth = Math.min(widest(model), Math.max(16, Math.floor(width / 3)));
  const blocks: Column[][] = [];
  let used = Infinity;
  for (const column of columns) {
    used += 2 + widest(column);
    if (used > width) {
      blocks.push([model]);
      used = nameWidth + 2 + widest(column);
    }
    blocks.at(-1)?.push(column);
  }
  return blocks;
}

function ruled(head: string, rows: readonly string[], footer: boolean, options: TerminalOptions): string[] {
  const width = Math.max(widthOf(head), ...rows.map(widthOf));
  const rule = dim((options.unicode ? "─" : "-").repeat(width), options);
  const body = footer ? [...rows.slice(0, -1), rule, ...rows.slice(-1)] : rows;
  return [bold(head, options), rule, ...body, rule];
}

/** What only some kinds of model have to say; of one model alone, for several have a table. */
function besideLines(reports: readonly Report[], options: TerminalOptions): string[] {
  const suites = reports.length === 1 ? reports[0]!.suites : [];
  return suites.flatMap((suite) =>
    besideReward(suite).flatMap((text) =>
      wrap(sentence(suites.length > 1 ? `${suite.id}: ${text}` : text, options), options.width, 2),
    ),
  );
}

function findingLines(reports: readonly Report[], options: TerminalOptions): string[] {
  const severities = ["error", "warning", "info"] as const;
  const all = reports.flatMap((report) =>
    report.suites.flatMap((suite) =>
      suite.findings.map((finding) => ({
        finding,
        place: [
          ...(reports.length > 1 ? [visible(report.model.id)] : []),
          ...(report.suites.length > 1 ? [visible(suite.id)] : []),
        ],
      })),
    ),
  );
  const ordered = severities.flatMap((severity) => all.filter(({ finding }) => finding.severity === severity));
  const lines = ordered.slice(0, mostFindings).flatMap(({ finding, place }) => {
    const label = place.length === 0 ? "" : `${place.join(", ")}: `;
    const [first = "", ...rest] = wrap(`${label}${sentence(finding.text, options)}`, options.width - 2, 0);
    return [`${mark(finding, options)} ${first}`, ...rest.map((line) => `  ${line}`)];
  });
  const hiddenCount = ordered.length - mostFindings;
  return hiddenCount > 0 ? [...lines, ...wrap(`  and ${hiddenCount} more in the report`, options.width, 2)] : lines;
}

function mark({ severity }: Finding, options: TerminalOptions): string {
  const sign = { error: options.unicode ? "✗" : "x", warning: "!", info: options.unicode ? "·" : "-" }[severity];
  const colour = { error: "31", warning: "33", info: "2" }[severity];
  return paint(sign, colour, options);
}

function incompleteLines(report: Report, options: TerminalOptions): string[] {
  if (report.complete) return [];
  const text = `INCOMPLETE: more comparisons went without a verdict than --max-errors ${report.settings.maxErrors} allows.`;
  return wrap(text, options.width, 0).map((line) => paint(line, "31", options));
}

function noticeLines(reports: readonly Report[], options: TerminalOptions): string[] {
  const notices = new Set(
    reports.flatMap((report) => (report.model.notice === null ? [] : [sentence(report.model.notice, options)])),
  );
  return [...notices].flatMap((notice) => wrap(notice, options.width, 0));
}

/** A path longer than a line is left whole, so that it can be copied. */
function fileLines({ files }: TerminalOptions): string[] {
  return files === undefined ? [] : [visible(files)];
}

/** Sentences of a report for terminals that show ASCII only. */
function sentence(text: string, { unicode }: RenderOptions): string {
  return unicode ? visible(text) : visible(text).replace(/±/g, "+-").replace(/[–—−]/g, "-").replace(/≤/g, "<=");
}

function signs({ unicode }: RenderOptions): { ellipsis: string; plusMinus: string } {
  return unicode ? { ellipsis: "…", plusMinus: "±" } : { ellipsis: "~", plusMinus: "+-" };
}

function paint(text: string, code: string, { color }: RenderOptions): string {
  return color ? `\u001b[${code}m${text}\u001b[0m` : text;
}

function bold(text: string, options: RenderOptions): string {
  return paint(text, "1", options);
}

function dim(text: string, options: RenderOptions): string {
  return paint(text, "2", options);
}
