export interface PlotNames {
  reliability: string;
  margins: string;
}

/** File names of a suite's charts. Ids of suites are safe and distinct file names. */
export function plotNames(suite: string): PlotNames {
  return { reliability: `reliability-${suite}.svg`, margins: `margins-${suite}.svg` };
}
