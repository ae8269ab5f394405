/**
 * `report.md`: what GitHub shows of a run. Leaves out `execution`, so that it changes only when a number does; charts
 * are the SVG files beside it in a run's folder. The example among reporters.
 */
import type { Estimate } from "../metrics/metric.ts";
import { bestShortcut, binCount, headlineEce } from "./headline.ts";
import { count, decimal, percent, percentWithInterval } from "./numbers.ts";
import { plotNames } from "./plot-names.ts";
import type { Finding, GroupReport, Report, SuiteReport } from "./schema.ts";
import { markdownCode, markdownText } from "./untrusted.ts";

/** @param options.charts links the charts of a run's folder; not elsewhere, where they would lead nowhere. */
export function renderMarkdown(report: Report, options: { charts: boolean } = { charts: false }): string {
  const sections = [
    [`# ${markdownText(report.model.id)}`, ...heading(report)],
    summary(report),
    standsOut(report),
    overall(report),
    ...report.suites.map((suite) => suiteSection(suite, options.charts)),
    provenance(report),
  ];
  return `${sections
    .map((lines) => lines.join("\n\n"))
    .filter((text) => text !== "")
    .join("\n\n")}\n`;
}

function heading({ model, complete, settings }: Report): string[] {
  return [
    ...(complete
      ? []
      : [
          `**Incomplete:** more comparisons went without a verdict than \`--max-errors ${settings.maxErrors}\` allows.`,
        ]),
    ...(settings.compat === undefined
      ? []
      : [`Texts are prepared, and ties counted (as losses), as by \`--compat ${settings.compat}\`.`]),
    ...(model.replayed ? ["Scores were read from a file; no model ran."] : []),
    ...(model.notice === null ? [] : [`> ${markdownText(model.notice)}`]),
  ];
}

function summary(report: Report): string[] {
  const level = percentLevel(report.settings.level);
  const rows = report.suites.map((suite) => {
    const best = bestShortcut(suite);
    return [
      markdownText(suite.id),
      pairsOf(suite),
      percentWithInterval(suite.metrics["accuracy"]),
      best === null ? "–" : `${percent(best.accuracy.value)} ${markdownText(best.name)}`,
      ...eceCells(suite),
    ];
  });
  const mean = ["**mean**", "", `**${percentWithInterval(report.overall.accuracy)}**`, "", "", ""];
  const heads = ["suite", "pairs", `accuracy [${level}]`, "best shortcut", "ECE", "perfect model's ECE"];
  return [
    table(heads, report.suites.length > 1 ? [...rows, mean] : rows, "lrllll"),
    "ECE: expected calibration error over equal-width bins of the confidence on [½, 1]. A perfectly calibrated model would show the ECE of the last column at this n: its mean, and the value below which 95% fall.",
  ];
}

function eceCells(suite: SuiteReport): [string, string] {
  const headline = headlineEce(suite);
  if (headline === null) return ["undefined", "–"];
  const bins = binCount(suite);
  const how = [bins === null ? "" : `${bins} bins`, headline.crossFitted ? "temperature-fitted" : ""].filter(
    (part) => part !== "",
  );
  const ece = `${decimal(headline.ece)}${how.length > 0 ? ` (${how.join(", ")})` : ""}`;
  if (headline.perfect === null) return [ece, "–"];
  return [ece, `${decimal(headline.perfect.mean)}, below ${decimal(headline.perfect.q95)}`];
}

function standsOut(report: Report): string[] {
  const lines = report.suites.flatMap((suite) =>
    suite.findings.map((finding) => `- ${markdownText(suite.id)}: ${findingText(finding)}`),
  );
  return lines.length === 0 ? [] : ["## What stands out", lines.join("\n")];
}

function overall({ suites, overall: { metrics } }: Report): string[] {
  if (suites.length < 2) return [];
  const what = "Over the pairs of all suites as of one; `accuracy_macro` is the mean over suites.";
  return ["## All suites", what, metricsTable(metrics)];
}

function findingText({ severity, text }: Finding): string {
  const label = { error: "**error** ", warning: "**warning** ", info: "" }[severity];
  return label + markdownText(text);
}

function suiteSection(suite: SuiteReport, withCharts: boolean): string[] {
  const facts = [
    suite.version === null ? "" : `version ${markdownText(suite.version)}`,
    `protocol ${markdownText(suite.protocol)}`,
    `${pairsOf(suite)} pairs`,
    `chance ${percent(suite.chance)}`,
    suite.licence === null ? "" : `licence ${markdownText(suite.licence)}`,
    `fingerprint ${markdownCode(suite.fingerprint.slice(0, 16))} (${pinnedText[suite.pinned.state]})`,
  ].filter((fact) => fact !== "");
  const by = (kind: GroupReport["by"]): GroupReport[] => suite.groups.filter((group) => group.by === kind);
  return [
    `## ${markdownText(suite.id)}`,
    markdownText(suite.title),
    facts.join(" · "),
    ...(withCharts ? charts(suite) : []),
    ...(suite.findings.length === 0 ? [] : [suite.findings.map((finding) => `- ${findingText(finding)}`).join("\n")]),
    "### Metrics",
    metricsTable(suite.metrics),
    ...groupsTable("Subsets", by("subset")),
    ...groupsTable("Directions", by("direction")),
    ...groupsTable("Numbers of context pairs", by("context_pairs"), "context pairs"),
    ...groupsTable("Seen and unseen users", by("context_pairs, user_seen"), "context pairs, user_seen"),
    ...calibrationTable(suite),
    ...shortcutsTable(suite),
    "### Counts",
    table(
      Object.keys(suite.counts).map(spelled),
      [Object.values(suite.counts).map(count)],
      "r".repeat(Object.keys(suite.counts).length),
    ),
  ];
}

const pinnedText: Record<SuiteReport["pinned"]["state"], string> = {
  matches: "as pinned in the suite's definition",
  differs: "differs from the suite's definition",
  partial: "a selection of the suite",
  none: "not pinned",
};

function charts(suite: SuiteReport): string[] {
  const names = plotNames(suite.id);
  const image = (alt: string, file: string): string => `![${alt}](${encodeURIComponent(file)})`;
  const images = [
    ...(suite.calibration.bins.length > 0 ? [image("reliability diagram", names.reliability)] : []),
    ...(suite.margins === null ? [] : [image("margin histogram", names.margins)]),
  ];
  return images.length === 0 ? [] : [images.join(" ")];
}

function metricsTable(metrics: SuiteReport["metrics"]): string {
  const rows = Object.entries(metrics).map(([name, estimate]) => [
    markdownCode(name),
    estimate.value === null ? "undefined" : (name.startsWith("count_") ? count : decimal)(estimate.value),
    intervalText(estimate),
    count(estimate.n),
    estimate.clusters === undefined ? "" : count(estimate.clusters),
    [estimate.interval?.method ?? "", ...detailTexts(estimate), estimate.undefinedBecause ?? ""]
      .filter((part) => part !== "")
      .map(markdownText)
      .join("; "),
  ]);
  return table(["metric", "value", "interval", "n", "clusters", "method or reason"], rows, "lrlrrl");
}

function detailTexts({ details }: Estimate): string[] {
  return Object.entries(details ?? {}).map(
    ([name, value]) => `${name} ${Number.isInteger(value) ? value : decimal(value)}`,
  );
}

function intervalText({ interval }: Estimate): string {
  return interval === undefined ? "" : `${decimal(interval.low)} to ${decimal(interval.high)}`;
}

function groupsTable(
  title: string,
  groups: readonly GroupReport[],
  heading = title.slice(0, -1).toLowerCase(),
): string[] {
  if (groups.length === 0) return [];
  const rows = groups.map(({ name, counts, metrics }) => [
    markdownText(name),
    count(counts.pairs),
    percentWithInterval(metrics["accuracy"]),
    cell(metrics["ece"]),
    cell(metrics["margin_mean"]),
    count(counts.tied),
    count(counts.comparisons - counts.judged),
  ]);
  return [
    `### ${title}`,
    table([heading, "pairs", "accuracy", "ECE", "mean margin", "tied", "no verdict"], rows, "lrlrrrr"),
  ];
}

function cell(estimate: Estimate | undefined): string {
  return estimate === undefined || estimate.value === null ? "–" : decimal(estimate.value);
}

function calibrationTable({ calibration }: SuiteReport): string[] {
  const rows = calibration.bins.map((bin) => [
    `${percent(bin.low)} to ${percent(bin.high)}`,
    count(bin.n),
    percent(bin.confidence),
    percentWithInterval({ value: bin.accuracy, n: bin.n, interval: bin.interval }),
    `${((bin.accuracy - bin.confidence) * 100).toFixed(1)}`,
  ]);
  if (rows.length === 0) return [];
  const why = `Headline: ${markdownCode(calibration.headline)}, because ${markdownText(calibration.because)}.`;
  return [
    "### Calibration",
    why,
    table(["confidence bin", "comparisons", "mean confidence", "accuracy", "difference (points)"], rows, "lrrlr"),
  ];
}

function shortcutsTable(suite: SuiteReport): string[] {
  if (suite.shortcuts.length === 0) return [];
  const rows = suite.shortcuts.map(({ name, accuracy }) => [markdownText(name), percentWithInterval(accuracy)]);
  return ["### Shortcuts", "Scorers that do not read, on the same pairs.", table(["shortcut", "accuracy"], rows, "ll")];
}

function provenance({ model, settings, provenance: from, rmbench }: Report): string[] {
  const identity = Object.entries(model.identity).map(([name, value]) => [markdownText(name), markdownCode(value)]);
  const git = from.git === null ? "none" : `${from.git.commit}${from.git.dirty ? " (with uncommitted changes)" : ""}`;
  const facts: [string, string][] = [
    ["rmbench", rmbench],
    ["node", from.node],
    ["platform", from.platform],
    ["git", git],
    ...Object.entries(from.packages),
    ["output", model.output],
    ...Object.entries(settings).flatMap(([name, value]): [string, string][] =>
      value === null || (Array.isArray(value) && value.length === 0)
        ? []
        : [[spelled(name), Array.isArray(value) ? value.join(", ") : String(value)]],
    ),
  ];
  return [
    "## Provenance",
    table(["model identity", ""], identity, "ll"),
    ...members(model),
    table(
      ["run", ""],
      facts.map(([name, value]) => [markdownText(name), markdownCode(value)]),
      "ll",
    ),
    "Times, host, device and throughput are in `report.json` under `execution`.",
  ];
}

/** The models of a combination, each with all that can change its scores. */
function members({ members: combined }: Report["model"]): string[] {
  const rows = (combined ?? []).flatMap(({ id, identity }, m) => [
    [`member ${m + 1}`, markdownCode(id)],
    ...Object.entries(identity).map(([name, value]) => [markdownText(name), markdownCode(value)]),
  ]);
  return rows.length === 0 ? [] : [table(["combined model", ""], rows, "ll")];
}

function pairsOf(suite: SuiteReport): string {
  const { pairs } = suite.counts;
  return pairs === suite.available ? count(pairs) : `${count(pairs)} of ${count(suite.available)}`;
}

function percentLevel(level: number): string {
  return `${Number((level * 100).toFixed(2))}%`;
}

/** `droppedDocuments` → `dropped documents`. */
function spelled(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Cells must be escaped already. `aligns`: one of l and r per column. */
function table(heads: readonly string[], rows: readonly (readonly string[])[], aligns: string): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rule = heads.map((_, i) => (aligns[i] === "r" ? "--:" : ":--"));
  return [line(heads), line(rule), ...rows.map(line)].join("\n");
}
