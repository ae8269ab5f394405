/** Widths of texts in terminal cells, so that CJK and emoji line up. */
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
    let used = stringWidth(line);
    for (const { segment } of graphemes.segment(word)) {
      const cells = stringWidth(segment);
      if (used + cells > width && line.trim() !== "") {
        push();
        used = line.length;
      }
      line += segment;
      used += cells;
    }
  }
  if (line.trim() !== "") lines.push(line);
  return lines;
}
