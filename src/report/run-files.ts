/** All that a run's folder holds but the score table: name → text. Pure. */
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import { plotNames } from "./plot-names.ts";
import { marginsSvg, reliabilitySvg } from "./plots.ts";
import type { Report } from "./schema.ts";

export async function renderRunFiles(report: Report): Promise<Map<string, string>> {
  const files = new Map([
    ["report.json", renderJson(report)],
    ["report.md", renderMarkdown(report)],
  ]);
  const names = plotNames(report);
  for (const [i, suite] of report.suites.entries()) {
    const name = names[i];
    if (name === undefined) continue;
    if (suite.calibration.bins.length > 0) files.set(name.reliability, await reliabilitySvg(suite));
    if (suite.margins !== null) files.set(name.margins, await marginsSvg(suite));
  }
  return files;
}
