import type { Report } from "./schema.ts";
import { fileNamePart } from "./untrusted.ts";

export interface PlotNames {
  reliability: string;
  margins: string;
}

/** File names of the charts, one entry per suite in the order of the report; distinct on every file system. */
export function plotNames(report: Report): PlotNames[] {
  const taken = new Set<string>();
  return report.suites.map(({ id }) => {
    const wanted = fileNamePart(id);
    let name = wanted;
    for (let k = 2; taken.has(name.toLowerCase()); k += 1) name = `${wanted}-${k}`;
    taken.add(name.toLowerCase());
    return { reliability: `reliability-${name}.svg`, margins: `margins-${name}.svg` };
  });
}
