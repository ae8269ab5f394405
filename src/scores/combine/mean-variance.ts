import { RmbenchError } from "../../errors.ts";
import { entriesByRow } from "../entries-by-row.ts";
import { entryStatus, type EntryColumns, type ScoreTable } from "../table.ts";
import { worstCode } from "../worst.ts";
import type { Combination } from "./combination.ts";
import { refuseUnknown } from "./parameters.ts";

/**
 * P(a ≻ b) = σ(√(2π) (μ_a − μ_b) / √(s_a² + s_b²)) from the mean and the standard deviation of both rewards, as Variational
 * Preference Learning judges its models (arXiv 2408.10075; WEIRDLabUW/vpl_llm at fdfdfa7). The rewards become comparisons, each
 * in both orders: the log-odds of a pair depend on both of its texts.
 */
export const meanVariance: Combination = {
  name: "mean-variance",
  summary: "mean-variance(model), P(chosen ≻ rejected) from the mean and the standard deviation of both rewards",
  members: "one",
  plan(parameter) {
    refuseUnknown("mean-variance", parameter === "" ? [] : [parameter], []);
    return {
      parameters: {},
      asks: ["pointwise"],
      wholeRun: false,
      seeded: false,
      output: () => "bradley-terry",
      combine([member]) {
        const { id, tables } = member!;
        if ([...tables.values()].every(({ entries }) => entries.std === null)) {
          throw new RmbenchError("data", `mean-variance: ${id} gives rewards without a standard deviation`, {
            hint: "wrap a model of mean and variance, or an ensemble: mean-variance(ensemble:mean(a, b, c))",
          });
        }
        return new Map([...tables].map(([suite, table]) => [suite, comparisons(table)]));
      },
    };
  },
};

/** Log-odds of a ≻ b. */
export function logOdds(meanA: number, stdA: number, meanB: number, stdB: number): number {
  return (Math.sqrt(2 * Math.PI) * (meanA - meanB)) / Math.hypot(stdA, stdB);
}

/** Each chosen against each rejected response of a row, in both orders, numbered as pairwise questions are. */
function comparisons(table: ScoreTable): ScoreTable {
  const { entries } = table;
  const { start, entry } = entriesByRow(table);
  const pairs: [chosen: number, rejected: number, index: number][] = [];
  for (let row = 0; row < table.rows.n; row++) {
    const own = [...entry.subarray(start[row], start[row + 1])].sort((a, b) => entries.index[a]! - entries.index[b]!);
    const [chosen, rejected] = [0, 1].map((side) => own.filter((e) => entries.side[e] === side)) as [
      number[],
      number[],
    ];
    chosen.forEach((c, i) => rejected.forEach((r, j) => pairs.push([c, r, i * rejected.length + j])));
  }
  return { kind: "pairwise", rows: table.rows, entries: entriesOf(entries, pairs) };
}

/** Entry 2k has the chosen response of pair k first, entry 2k + 1 the rejected one, and each what is known of its first text. */
function entriesOf(from: EntryColumns, pairs: readonly (readonly [number, number, number])[]): EntryColumns {
  const n = 2 * pairs.length;
  const a = (e: number): number => pairs[e >> 1]![e % 2]!;
  const b = (e: number): number => pairs[e >> 1]![1 - (e % 2)]!;
  const list = <T>(of: (e: number) => T): T[] => Array.from({ length: n }, (_, e) => of(e));
  const deviation = from.std ?? new Float64Array(from.n).fill(Number.NaN);
  const status = list((e) => worstCode(from.status[a(e)]!, from.status[b(e)]!));
  return {
    n,
    row: Uint32Array.from(list((e) => from.row[a(e)]!)),
    side: new Uint8Array(n),
    index: Uint16Array.from(list((e) => pairs[e >> 1]![2])),
    order: Uint8Array.from(list((e) => e % 2)),
    status: Uint8Array.from(status),
    value: Float64Array.from(
      list((e) =>
        entryStatus[status[e]!] === "ok"
          ? logOdds(from.value[a(e)]!, deviation[a(e)]!, from.value[b(e)]!, deviation[b(e)]!)
          : Number.NaN,
      ),
    ),
    std: null,
    attributes: {},
    vector: null,
    tokens: Uint32Array.from(list((e) => from.tokens[a(e)]!)),
    truncated: Uint8Array.from(list((e) => from.truncated[a(e)]!)),
    droppedDocuments: Uint16Array.from(list((e) => from.droppedDocuments[a(e)]!)),
    length: Uint32Array.from(list((e) => from.length[pairs[e >> 1]![0]]!)),
    shortcuts: Object.fromEntries(
      Object.entries(from.shortcuts).map(([name, column]) => [
        name,
        Float32Array.from(list((e) => column[a(e)]! - column[b(e)]!)),
      ]),
    ),
  };
}
