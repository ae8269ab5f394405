/** A terminal's text as a picture, so that a README shows what a tool really printed. Pure. */
import { widthOf } from "./text-width.ts";
import { xmlText } from "./untrusted.ts";

const cell = { width: 8.4, height: 19 };
const margin = 20;

/**
 * An SVG of a text as a terminal shows it, readable on light and dark pages. Every line is stretched to its width in
 * cells, so columns line up whatever monospaced font the reader has.
 */
export function terminalSvg(text: string): string {
  const lines = text
    .replace(/\n+$/, "")
    .split("\n")
    .map((line) => line.trimEnd());
  const columns = Math.max(...lines.map(widthOf), 40);
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = lines.length * cell.height + 2 * margin;
  const drawn = lines.flatMap((line, row) => (line === "" ? [] : [lineSvg(line, row)]));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>terminal output</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#444c56"/>`,
    `<g font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" fill="#e6edf3">`,
    ...drawn,
    "</g>",
    "</svg>",
  ].join("\n")}\n`;
}

function lineSvg(line: string, row: number): string {
  const content = line.trimStart();
  const indent = widthOf(line) - widthOf(content);
  const x = (margin + indent * cell.width).toFixed(1);
  const y = (margin + row * cell.height + 14).toFixed(1);
  const length = (widthOf(content) * cell.width).toFixed(1);
  return `<text x="${x}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs" xml:space="preserve">${xmlText(content)}</text>`;
}
