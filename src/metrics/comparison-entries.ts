/** Where the comparisons of a sample have their scores: for metrics of what a model says beside its reward. */
import { outcomeState, type OutcomeTable } from "../protocols/protocol.ts";
import { entriesByRow } from "../scores/entries-by-row.ts";
import type { RowColumns, ScoreTable } from "../scores/table.ts";
import { sampleOf, type Sample } from "./sample.ts";

/** Entries of the score table, one each for every comparison of a sample. */
export interface ComparisonEntries {
  /** Of the chosen response; for pairwise questions the one asked with the chosen response first. */
  readonly chosen: Uint32Array;
  /** Of the rejected response; for pairwise questions the one asked with the rejected response first. */
  readonly rejected: Uint32Array;
}

/**
 * The outcomes of a row are its chosen × rejected comparisons in their order, as every protocol that compares two gives them.
 * @returns null where the scores do not lie like that, as those of listwise questions, or where a row's outcome is a choice
 * among all its responses.
 */
export function comparisonEntries(
  sample: Sample,
  outcomes: OutcomeTable,
  scores: ScoreTable,
): ComparisonEntries | null {
  if (scores.kind === "listwise") return null;
  const chosen = new Uint32Array(sample.n);
  const rejected = new Uint32Array(sample.n);
  let places: (readonly [number | undefined, number | undefined])[] = [];
  let row = -1;
  let ordinal = 0;
  let k = 0;
  for (let i = 0; i < outcomes.n; i++) {
    if (outcomes.row[i] !== row) {
      if (ordinal < places.length) return null;
      row = outcomes.row[i]!;
      ordinal = 0;
      places = placesOf(row, scores);
    }
    const [first, second] = places[ordinal++] ?? [undefined, undefined];
    if (sample.outcome[k] !== i) continue;
    if (first === undefined || second === undefined) return null;
    chosen[k] = first;
    rejected[k++] = second;
  }
  if (ordinal < places.length) return null;
  return { chosen, rejected };
}

function placesOf(row: number, scores: ScoreTable): (readonly [number | undefined, number | undefined])[] {
  const { entries, kind } = scores;
  const { start, entry } = entriesByRow(scores);
  const own = [...entry.subarray(start[row], start[row + 1])].sort((a, b) => entries.index[a]! - entries.index[b]!);
  if (kind === "pairwise") {
    const labelled = own.filter((e) => entries.side[e] === 0);
    const indices = [...new Set(labelled.map((e) => entries.index[e]!))];
    const asked = (index: number, order: number): number | undefined =>
      labelled.find((e) => entries.index[e] === index && entries.order[e] === order);
    return indices.map((index) => [asked(index, 0), asked(index, 1)] as const);
  }
  const [chosen, rejected] = [0, 1].map((side) => own.filter((e) => entries.side[e] === side)) as [number[], number[]];
  return chosen.flatMap((c) => rejected.map((r) => [c, r] as const));
}

/** The sample's comparisons with other margins, as a sample of its own; those whose margin is not finite are left out. */
export function sampleWithMargins(sample: Sample, rows: RowColumns, margin: (k: number) => number): Sample {
  const kept: number[] = [];
  for (let k = 0; k < sample.n; k++) if (Number.isFinite(margin(k))) kept.push(k);
  const margins = Float64Array.from(kept, margin);
  const n = kept.length;
  const state = margins.map((d) => outcomeState.indexOf(d === 0 ? "tied" : "judged"));
  const outcomes: OutcomeTable = {
    n,
    row: Uint32Array.from(kept, (k) => sample.row[k]!),
    credit: margins.map((d) => (d === 0 ? 0.5 : Number(d > 0))),
    margin: margins,
    state: Uint8Array.from(state),
    lengthDifference: new Float64Array(n).fill(Number.NaN),
    cell: { codes: new Int32Array(n).fill(-1), values: [] },
  };
  return sampleOf(outcomes, rows);
}
