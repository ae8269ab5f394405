import type { Codes } from "../scores/table.ts";
import type { OutcomeTable } from "./protocol.ts";

/** The rows that the outcomes are of, each once, in their order. Outcomes of a row stand side by side. */
export function rowsOf({ n, row }: OutcomeTable): Uint32Array {
  const rows = new Uint32Array(n);
  let size = 0;
  for (let i = 0; i < n; i++) if (i === 0 || row[i] !== row[i - 1]) rows[size++] = row[i]!;
  return rows.subarray(0, size);
}

/** The outcomes of the rows that `keep` accepts, in their order. Row numbers go on meaning rows of the score table. */
export function selectRows(outcomes: OutcomeTable, keep: (row: number) => boolean): OutcomeTable {
  const index = new Uint32Array(outcomes.n);
  let n = 0;
  for (let i = 0; i < outcomes.n; i++) if (keep(outcomes.row[i]!)) index[n++] = i;
  return pick(outcomes, index.subarray(0, n));
}

/**
 * The outcomes of each value of a row column (subset, direction, a tag), in one pass. Rows without a value are in no
 * group; values without outcomes have no group. Groups come in the order of `column.values`, each made when it is asked for.
 */
export function* splitByColumn(outcomes: OutcomeTable, column: Codes): Generator<[string, OutcomeTable]> {
  const start = new Uint32Array(column.values.length + 1);
  for (let i = 0; i < outcomes.n; i++) {
    const code = column.codes[outcomes.row[i]!]!;
    if (code >= 0) start[code + 1]!++;
  }
  for (let code = 0; code < column.values.length; code++) start[code + 1]! += start[code]!;
  const next = start.slice();
  const index = new Uint32Array(start[column.values.length]!);
  for (let i = 0; i < outcomes.n; i++) {
    const code = column.codes[outcomes.row[i]!]!;
    if (code >= 0) index[next[code]!++] = i;
  }
  for (const [code, value] of column.values.entries()) {
    const own = index.subarray(start[code], start[code + 1]);
    if (own.length > 0) yield [value, pick(outcomes, own)];
  }
}

function pick(outcomes: OutcomeTable, index: Uint32Array): OutcomeTable {
  const n = index.length;
  const row = new Uint32Array(n);
  const credit = new Float64Array(n);
  const margin = new Float64Array(n);
  const state = new Uint8Array(n);
  const lengthDifference = new Float64Array(n);
  const codes = new Int32Array(n);
  for (let k = 0; k < n; k++) {
    const i = index[k]!;
    row[k] = outcomes.row[i]!;
    credit[k] = outcomes.credit[i]!;
    margin[k] = outcomes.margin[i]!;
    state[k] = outcomes.state[i]!;
    lengthDifference[k] = outcomes.lengthDifference[i]!;
    codes[k] = outcomes.cell.codes[i]!;
  }
  return { n, row, credit, margin, state, lengthDifference, cell: { codes, values: outcomes.cell.values } };
}
