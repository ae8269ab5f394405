import { type FindingKind, findingKinds } from "../../pairs/checks.ts";
import type { Finding, ValidationReport } from "../../pairs/validate.ts";
import { counted } from "../../report/numbers.ts";
import { escapeForTerminal } from "../escape.ts";

const order = Object.keys(findingKinds) as FindingKind[];

/** The kinds that were found, the gravest first. */
function kindsOf(report: ValidationReport): FindingKind[] {
  return order.filter((kind) => (report.counts[kind] ?? 0) > 0);
}

const where = ({ file, row }: Finding): string => (row === null ? file : `${file}:${row}`);

/** A line per finding, kinds together, and one for those beyond the cap. */
export function* findingLines(report: ValidationReport): Generator<string> {
  for (const kind of kindsOf(report)) {
    const shown = report.findings.filter((finding) => finding.kind === kind);
    for (const finding of shown) {
      const text = `${finding.severity} ${kind} ${where(finding)}: ${finding.message}; ${finding.remedy}`;
      yield `${escapeForTerminal(text)}\n`;
    }
    const more = (report.counts[kind] ?? 0) - shown.length;
    if (more > 0) yield `${findingKinds[kind].severity} ${kind}: ${more} more\n`;
  }
}

/** A line per kind, with its count and its first place. */
export function* kindLines(report: ValidationReport): Generator<string> {
  const oneFile = new Set(report.findings.map(({ file }) => file)).size === 1;
  for (const kind of kindsOf(report)) {
    const first = report.findings.find((finding) => finding.kind === kind);
    const at = first === undefined ? "" : `  first: ${oneFile ? `row ${first.row}` : where(first)}: ${first.message}`;
    const { severity } = findingKinds[kind];
    yield `  ${severity.padEnd(8)} ${kind.padEnd(22)} ${String(report.counts[kind]).padStart(7)}${escapeForTerminal(at)}\n`;
  }
}

export function totals(report: ValidationReport): string {
  return [counted(report.errors, "error"), counted(report.warnings, "warning"), counted(report.infos, "note")].join(
    ", ",
  );
}
