/** Columns of a terminal: widths in cells, so that CJK and emoji line up. */
import Table from "cli-table3";
import { fit, widthOf } from "./text-width.ts";

function pad(text: string, width: number, align: "left" | "right"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "left" ? text + space : space + text;
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
  const widths = columns.map((column) => Math.max(widthOf(column.head), ...column.cells.map((cell) => widthOf(cell))));
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
