/** How rewards and log-odds become outcomes: what all protocols that compare chosen with rejected responses share. */
import { RmbenchError } from "../errors.ts";
import type { Codes, EntryColumns, EntryStatus, ScoreTable } from "../scores/table.ts";
import { worst } from "../scores/worst.ts";
import { entriesByRow } from "../scores/entries-by-row.ts";
import { outcomeState, type OutcomeState, type OutcomeTable } from "./protocol.ts";

const noCell: Codes = { codes: new Int32Array(0), values: [] };

/**
 * One outcome for every chosen × rejected comparison of every row, in the order of rows, chosen before rejected index. A row
 * whose scores are missing altogether is one `failed` outcome.
 * @param cellOfRow the kind of all comparisons of a row, where the protocol has several
 */
export function compareResponses(scores: ScoreTable, cellOfRow: Codes = noCell): OutcomeTable {
  if (scores.kind === "listwise") {
    throw new RmbenchError("data", "this protocol compares rewards or log-odds, but the scores are of kind listwise", {
      hint: "choose a listwise protocol for this suite, or a model that gives rewards",
    });
  }
  const { rows, entries } = scores;
  const { start, entry } = entriesByRow(scores);
  const build = new OutcomeBuilder(rows.n);
  const collect = scores.kind === "pointwise" ? pointwise : pairwise;
  for (let row = 0; row < rows.n; row++) {
    const before = build.n;
    collect(entries, entry.subarray(start[row], start[row + 1]), build);
    if (build.n === before) build.add(Number.NaN, "failed", Number.NaN);
    build.endRow(row, before, cellOfRow.codes[row] ?? -1);
  }
  return build.table(cellOfRow.values);
}

function pointwise(entries: EntryColumns, own: Uint32Array, build: OutcomeBuilder): void {
  const [chosen, rejected] = sides(entries, own);
  for (const c of chosen) {
    for (const r of rejected) {
      const state = worst(entries.status[c]!, entries.status[r]!);
      const margin = state === "ok" ? entries.value[c]! - entries.value[r]! : Number.NaN;
      build.add(margin, state, entries.length[c]! - entries.length[r]!);
    }
  }
}

/** Half the difference of the log-odds in the two orders, so that a preference for a place cancels. */
function pairwise(entries: EntryColumns, own: Uint32Array, build: OutcomeBuilder): void {
  const comparisons = new Map<number, [number | undefined, number | undefined]>();
  for (const e of own) {
    // Two responses of one side, as a tournament compares them, have no label.
    if (entries.side[e] !== 0) continue;
    const index = entries.index[e]!;
    const orders = comparisons.get(index) ?? [undefined, undefined];
    orders[entries.order[e]!] = e;
    comparisons.set(index, orders);
  }
  for (const index of [...comparisons.keys()].sort((a, b) => a - b)) {
    const [straight, swapped] = comparisons.get(index)!;
    // The length of the other response is not in the table: a pairwise entry has one length.
    if (straight === undefined || swapped === undefined) build.add(Number.NaN, "failed", Number.NaN);
    else {
      const state = worst(entries.status[straight]!, entries.status[swapped]!);
      const margin = state === "ok" ? (entries.value[straight]! - entries.value[swapped]!) / 2 : Number.NaN;
      build.add(margin, state, Number.NaN);
    }
  }
}

/** Entries of the chosen and of the rejected side, by index. */
function sides(entries: EntryColumns, own: Uint32Array): [number[], number[]] {
  const split: [number[], number[]] = [[], []];
  for (const e of own) split[entries.side[e]!]!.push(e);
  for (const side of split) if (side.length > 1) side.sort((a, b) => entries.index[a]! - entries.index[b]!);
  return split;
}

const stateCode = Object.fromEntries(outcomeState.map((state, code) => [state, code])) as Record<OutcomeState, number>;

/** Grows the columns of an outcome table. */
class OutcomeBuilder {
  n = 0;
  private row: Uint32Array;
  private margin: Float64Array;
  private state: Uint8Array;
  private lengthDifference: Float64Array;
  private cell: Int32Array;

  constructor(capacity: number) {
    this.row = new Uint32Array(capacity);
    this.margin = new Float64Array(capacity);
    this.state = new Uint8Array(capacity);
    this.lengthDifference = new Float64Array(capacity);
    this.cell = new Int32Array(capacity);
  }

  add(margin: number, status: EntryStatus, lengthDifference: number): void {
    if (this.n === this.margin.length) this.grow();
    const finite = Number.isFinite(margin);
    this.margin[this.n] = finite ? margin : Number.NaN;
    this.state[this.n] = stateCode[status === "ok" ? judged(margin) : status];
    this.lengthDifference[this.n] = lengthDifference;
    this.n++;
  }

  /** Sets what the comparisons from `from` on share: their row and their cell. */
  endRow(row: number, from: number, cell: number): void {
    this.row.fill(row, from, this.n);
    this.cell.fill(cell, from, this.n);
  }

  table(cells: readonly string[]): OutcomeTable {
    const { n } = this;
    const margin = this.margin.slice(0, n);
    return {
      n,
      row: this.row.slice(0, n),
      credit: margin.map((d) => (d === 0 ? 0.5 : Number.isNaN(d) ? Number.NaN : Number(d > 0))),
      margin,
      state: this.state.slice(0, n),
      lengthDifference: this.lengthDifference.slice(0, n),
      cell: { codes: this.cell.slice(0, n), values: cells },
    };
  }

  private grow(): void {
    const larger = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    const capacity = 2 * this.margin.length + 16;
    this.row = larger(this.row, new Uint32Array(capacity));
    this.margin = larger(this.margin, new Float64Array(capacity));
    this.state = larger(this.state, new Uint8Array(capacity));
    this.lengthDifference = larger(this.lengthDifference, new Float64Array(capacity));
    this.cell = larger(this.cell, new Int32Array(capacity));
  }
}

function judged(margin: number): OutcomeState {
  if (!Number.isFinite(margin)) return "invalid";
  return margin === 0 ? "tied" : "judged";
}
