const formula = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * Keeps a spreadsheet from running a text cell as a formula: one leading `'`, also where the text already begins with
 * such a quoted formula, so that `plainCell` restores every text exactly.
 */
export function spreadsheetCell(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

/** The inverse of `spreadsheetCell`. */
export function plainCell(cell: string): string {
  return cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;
}
