/** Columns of a terminal: widths in cells, so that CJK and emoji line up. */
import Table from "cli-table3";
import stringWidth from "string-width";

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Terminal cells that a text takes. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** Cuts a text to at most `width` cells, with an ellipsis where its start or end was cut off. */
export function fit(text: string, width: number, ellipsis: string, cut: "start" | "end" = "end"): string {
  if (stringWidth(text) <= width) return text;
  const room = Math.max(0, width - stringWidth(ellipsis));
  return cut === "end" ? head(text, room) + ellipsis : ellipsis + tail(text, room);
}

function head(text: string, width: number): string {
  let kept = "";
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += stringWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return kept;
}

function tail(text: string, width: number): string {
  let kept = "";
  for (const { segment } of [...graphemes.segment(text)].reverse()) {
    if (stringWidth(segment + kept) > width) break;
    kept = segment + kept;
  }
  return kept;
}

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - stringWidth(text)));
  return align === "left" ? text + space : space + text;
}

/** Breaks at spaces, inside a word only where it is longer than a line; continuation lines carry `indent` spaces. */
export function wrap(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  const push = (): void => {
    lines.push(line);
    line = " ".repeat(indent);
  };
  for (const word of text.split(" ")) {
    const begun = line.trim() !== "";
    const joined = begun ? `${line} ${word}` : line + word;
    if (stringWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (begun) push();
    let rest = word;
    while (stringWidth(line + rest) > width) {
      const part = head(rest, Math.max(2, width - stringWidth(line)));
      if (part === "") break;
      line += part;
      rest = rest.slice(part.length);
      push();
    }
    line += rest;
  }
  if (line.trim() !== "") lines.push(line);
  return lines;
}

export interface Column {
  head: string;
  align: "left" | "right";
  /** Narrowest width to which cells may be cut; null: never cut. */
  shrinksTo: number | null;
  /** Which part of a long cell goes; the end unless told. */
  cut?: "start" | "end";
  /** Columns with the highest number go first where the width does not suffice; 0 stays. */
  dropOrder: number;
  cells: readonly string[];
}

export interface TableText {
  head: string;
  rows: string[];
  /** Heads of the columns that did not fit. */
  dropped: string[];
}

const gap = "  ";

/**
 * Lays columns out side by side within `width` cells: cuts cells that may be cut, then drops columns.
 * Cells are padded here, with today's Unicode widths: cli-table3 measures with those of Unicode 12.
 */
export function layTable(columns: readonly Column[], width: number, ellipsis: string): TableText {
  let kept = [...columns];
  const dropped: string[] = [];
  let widths = shrink(kept, width);
  while (widths === null) {
    const last = Math.max(...kept.map((column) => column.dropOrder));
    const victim = kept.find((column) => column.dropOrder === last);
    if (victim === undefined || last === 0) {
      widths = kept.map((column) =>
        Math.max(1, Math.floor((width + gap.length) / kept.length) - gap.length, column.shrinksTo ?? 0),
      );
      break;
    }
    dropped.push(victim.head);
    kept = kept.filter((column) => column !== victim);
    widths = shrink(kept, width);
  }
  const settled = widths;
  const table = new Table({
    chars: borderless,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: kept.map(({ align }) => align),
  });
  const cells: string[] = [];
  const stand = (texts: readonly string[]) =>
    texts.map((text, i) => {
      const cellWidth = settled[i] ?? 0;
      cells.push(pad(fit(text, cellWidth, ellipsis, kept[i]?.cut), cellWidth, kept[i]?.align ?? "left"));
      return standIn.repeat(cellWidth);
    });
  table.push(stand(kept.map((column) => column.head)));
  for (let r = 0; r < (kept[0]?.cells.length ?? 0); r++) table.push(stand(kept.map((column) => column.cells[r] ?? "")));
  const filled = table.toString().replace(/\uE000+/g, () => cells.shift() ?? "");
  const [first = "", ...rows] = filled.split("\n").map((line) => fit(line.trimEnd(), width, ellipsis));
  return { head: first, rows, dropped };
}

/** One terminal cell in the table's eyes, which no text of ours holds: it stands for cells that are measured here. */
const standIn = "\uE000";

/** Columns two cells apart, and no lines. */
const borderless = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: gap,
};

function shrink(columns: readonly Column[], width: number): number[] | null {
  const widths = columns.map((column) =>
    Math.max(stringWidth(column.head), ...column.cells.map((cell) => stringWidth(cell))),
  );
  let excess = widths.reduce((sum, w) => sum + w, 0) + gap.length * (columns.length - 1) - width;
  while (excess > 0) {
    const shrinkable = columns.map((column, i) =>
      column.shrinksTo === null ? 0 : (widths[i] ?? 0) - column.shrinksTo,
    );
    const most = Math.max(...shrinkable);
    if (most <= 0) return null;
    const at = shrinkable.indexOf(most);
    widths[at] = (widths[at] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}
