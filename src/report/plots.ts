/** Charts as SVG text, without a browser. vega is loaded by the first chart only. The same numbers give the same bytes. */
import type { TopLevelSpec } from "vega-lite";
import { binCount, headlineEce, type SuiteNumbers } from "./headline.ts";
import { count, counted, decimal } from "./numbers.ts";
import { visible } from "./untrusted.ts";

// Okabe–Ito; right and wrong also differ in fill, so nothing rests on colour.
const blue = "#0072B2";
const orange = "#D55E00";
const grey = "#767676";
const ink = "#222222";

const config = {
  background: "white",
  padding: 12,
  font: "Helvetica, Arial, sans-serif",
  view: { stroke: null },
  title: {
    color: ink,
    subtitleColor: "#555555",
    anchor: "start",
    limit: 400,
    fontSize: 14,
    subtitleFontSize: 11,
    subtitlePadding: 4,
    offset: 10,
  },
  axis: {
    labelColor: ink,
    titleColor: ink,
    domainColor: grey,
    tickColor: grey,
    gridColor: "#E5E5E5",
    titleFontWeight: "normal",
  },
} as const;

/** Accuracy against confidence, a point per bin with its size, interval and count; on the diagonal is calibrated. */
export async function reliabilitySvg(suite: SuiteNumbers): Promise<string> {
  const { bins } = suite.calibration;
  const points = bins.map((bin) => ({
    confidence: bin.confidence,
    accuracy: bin.accuracy,
    low: bin.interval?.low ?? bin.accuracy,
    high: bin.interval?.high ?? bin.accuracy,
    n: bin.n,
    label: count(bin.n),
  }));
  const x = shareAxis("confidence", [0.5, 1]);
  const y = shareAxis("accuracy", [0, 1]);
  const diagonal = [
    { confidence: 0.5, accuracy: 0.5 },
    { confidence: 1, accuracy: 1 },
  ];
  return svgOf({
    ...frame(`${visible(suite.id)}: reliability`, reliabilitySubtitle(suite)),
    width: 340,
    height: 300,
    layer: [
      {
        data: { values: diagonal },
        mark: { type: "line", color: grey, strokeDash: [5, 4], strokeWidth: 1.5 },
        encoding: { x, y },
      },
      {
        data: { values: points },
        mark: { type: "rule", color: blue, strokeWidth: 1.5 },
        encoding: { x, y: { ...y, field: "low" }, y2: { field: "high" } },
      },
      {
        data: { values: points },
        mark: { type: "point", filled: true, color: blue, stroke: "white", strokeWidth: 1, opacity: 1 },
        encoding: {
          x,
          y,
          size: { field: "n", type: "quantitative", scale: { domainMin: 0, range: [12, 260] }, legend: null },
        },
      },
      {
        data: { values: points },
        mark: { type: "text", align: "left", dx: 11, dy: 1, fontSize: 10, color: ink },
        encoding: { x, y, text: { field: "label", type: "nominal" } },
      },
    ],
  });
}

function shareAxis(field: "confidence" | "accuracy", domain: number[]) {
  const type = "quantitative" as const;
  return { field, type, scale: { domain }, title: field, axis: { format: ".0%", tickCount: 6 } };
}

function reliabilitySubtitle(suite: SuiteNumbers): string[] {
  const bins = binCount(suite);
  const headline = headlineEce(suite);
  const legend = ["dashed: perfect; bars: intervals", "numbers: comparisons in the bin"];
  if (headline === null || bins === null) return ["no calibration numbers", ...legend];
  const ece = `ECE ${decimal(headline.ece)} in ${bins} bins${headline.crossFitted ? ", temperature-fitted" : ""}`;
  const fit = headline.crossFitted ? ["points: before the fit"] : [];
  if (headline.perfect === null) return [ece, ...fit, ...legend];
  const { mean, q95 } = headline.perfect;
  return [ece, `perfect model: ${decimal(mean)}, 95% < ${decimal(q95)}`, ...fit, ...legend];
}

/** Histogram of r(chosen) − r(rejected): filled bars right of zero are right, hollow ones left of it wrong. */
export async function marginsSvg(suite: SuiteNumbers): Promise<string> {
  const { edges, counts, ties, clipped } = suite.margins ?? { edges: [], counts: [], ties: 0, clipped: 0 };
  const bars = counts.map((n, i) => ({ low: edges[i] ?? 0, high: edges[i + 1] ?? 0, n })).filter(({ n }) => n > 0);
  const wrong = bars.filter(({ high }) => high <= 0);
  const right = bars.filter(({ low }) => low >= 0);
  const mixed = bars.filter(({ low, high }) => low < 0 && high > 0);
  const ends = [Math.min(0, ...edges), Math.max(0, ...edges)];
  const domain = ends[0] === ends[1] ? [-1, 1] : ends;
  const x = {
    field: "low",
    type: "quantitative",
    scale: { domain, nice: false },
    title: "margin: reward of chosen − reward of rejected",
    axis: { grid: false },
  } as const;
  const encoding = {
    x,
    x2: { field: "high" },
    y: { field: "n", type: "quantitative", title: "comparisons", stack: null, axis: { tickMinStep: 1 } },
    y2: { datum: 0 },
  } as const;
  const bar = { type: "bar", binSpacing: 0, strokeWidth: 1.5, opacity: 1 } as const;
  const legend = ["filled: chosen scored higher (right)", "hollow: rejected scored higher (wrong)"];
  if (mixed.length > 0) legend.push("grey: the bin around zero");
  const apart = [
    ...(ties === 0 ? [] : [`${counted(ties, "tie")} not drawn`]),
    ...(clipped === 0 ? [] : [`${count(clipped)} beyond the ends, in the last bars`]),
  ];
  if (apart.length > 0) legend.push(apart.join("; "));
  return svgOf({
    ...frame(`${visible(suite.id)}: margins`, legend),
    width: 440,
    height: 220,
    layer: [
      { data: { values: right }, mark: { ...bar, fill: blue, stroke: "white" }, encoding },
      { data: { values: wrong }, mark: { ...bar, fill: "white", stroke: orange }, encoding },
      { data: { values: mixed }, mark: { ...bar, fill: "#C9C9C9", stroke: grey }, encoding },
      { data: { values: [{ low: 0 }] }, mark: { type: "rule", color: ink, strokeWidth: 1.5 }, encoding: { x } },
    ],
  });
}

function frame(
  text: string,
  subtitle: string[],
): Pick<TopLevelSpec, "$schema" | "config" | "title"> & { $schema: string } {
  return { $schema: "https://vega.github.io/schema/vega-lite/v6.json", config, title: { text, subtitle } };
}

async function svgOf(spec: TopLevelSpec): Promise<string> {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: "none" });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
