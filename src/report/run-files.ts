/** All that a run's folder holds but the score table: name → text. Pure. */
import { parseReport, renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import { plotNames } from "./plot-names.ts";
import { marginsSvg, reliabilitySvg } from "./plots.ts";
import type { Report } from "./schema.ts";

export async function renderRunFiles(report: Report): Promise<Map<string, string>> {
  const json = renderJson(report);
  // Pages and charts show the rounded numbers of report.json, so that they can be made again from it to the byte.
  const saved = parseReport(json, "report.json");
  const files = new Map([
    ["report.json", json],
    ["report.md", renderMarkdown(saved, { charts: true })],
  ]);
  for (const suite of saved.suites) {
    const name = plotNames(suite.id);
    if (suite.calibration.bins.length > 0) files.set(name.reliability, await reliabilitySvg(suite));
    if (suite.margins !== null) files.set(name.margins, await marginsSvg(suite));
  }
  return files;
}
