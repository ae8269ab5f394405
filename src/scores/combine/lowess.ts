import { RmbenchError } from "../../errors.ts";
import { clusterFolds } from "../../stats/folds.ts";
import { interpolate, lowess as fitLowess } from "../../stats/lowess.ts";
import { streamSeed } from "../../stats/rng.ts";
import type { SuiteTables } from "../arrow.ts";
import type { RowColumns } from "../table.ts";
import type { Combination } from "./combination.ts";
import { parseParameters, refuseUnknown } from "./parameters.ts";
import { runColumn, withEntries } from "./run-columns.ts";

const iterations = 3;
/** Lengths nearer than this share of their range are interpolated, as Cleveland's program does for long lists. */
const deltaShare = 0.01;

/**
 * Length calibration after the fact: r − f(|y|), with f the LOWESS curve of reward on length (Unicode code points) that was
 * fitted on the other folds. The idea is that of Post-hoc Reward Calibration (arXiv 2409.17407, from memory), which fits on
 * the scores that it corrects. A cluster is in one fold.
 */
export const lowess: Combination = {
  name: "lowess",
  summary: "lowess[:folds=5,fraction=0.667](model), the reward less what its length explains, fitted on held-out folds",
  members: "one",
  plan(parameter) {
    const { words, numbers } = parseParameters("lowess", parameter);
    refuseUnknown("lowess", [...words, ...Object.keys(numbers)], ["folds", "fraction"]);
    const { folds = 5, fraction = 2 / 3 } = numbers;
    if (!Number.isInteger(folds) || folds < 2 || !(fraction > 0 && fraction <= 1)) {
      throw new RmbenchError("usage", `lowess takes two or more folds and a fraction in (0, 1], not ${parameter}`);
    }
    return {
      parameters: { folds: String(folds), fraction: String(fraction), iterations: String(iterations) },
      asks: ["pointwise"],
      wholeRun: true,
      seeded: true,
      output: ([inner]) => inner!,
      combine([member], seed) {
        const { id, tables } = member!;
        const fold = foldOfEntries(id, tables, folds, seed);
        const reward = runColumn(tables);
        const length = runColumn(tables, (entries) => entries.length);
        const curves = Array.from({ length: folds }, (_, f) => curveWithout(f, fold, length, reward, fraction));
        const value = reward.map((r, i) => {
          const curve = curves[fold[i]!];
          return curve === null || curve === undefined ? Number.NaN : r - interpolate(curve, length[i]!);
        });
        return withEntries(tables, ({ n }, start) => ({ value: value.slice(start, start + n) }));
      },
    };
  },
};

/** The curve over the finite rewards of all folds but one; null where there are none. */
function curveWithout(
  fold: number,
  foldOf: Int32Array,
  length: Float64Array,
  reward: Float64Array,
  fraction: number,
): ReturnType<typeof fitLowess> | null {
  const others = Array.from(reward.keys()).filter((i) => foldOf[i] !== fold && Number.isFinite(reward[i]));
  if (others.length === 0) return null;
  const x = Float64Array.from(others, (i) => length[i]!);
  const y = Float64Array.from(others, (i) => reward[i]!);
  const range = x.reduce((most, v) => Math.max(most, v), x[0]!) - x.reduce((least, v) => Math.min(least, v), x[0]!);
  return fitLowess(x, y, { fraction, iterations, delta: deltaShare * range });
}

/** The fold of each entry of the run: that of its row's cluster, or of the row itself. */
function foldOfEntries(id: string, tables: SuiteTables, folds: number, seed: string): Int32Array {
  const keyOf = (suite: string, rows: RowColumns, row: number): string => {
    const code = rows.cluster.codes[row]!;
    if (code >= 0) return `${suite}|cluster:${rows.cluster.values[code]!}`;
    return `${suite}|row:${rows.subset.values[rows.subset.codes[row]!] ?? ""}:${rows.id.at(row)}`;
  };
  const keys = [...tables].flatMap(([suite, { rows, entries }]) => {
    const ofRow = Array.from({ length: rows.n }, (_, row) => keyOf(suite, rows, row));
    return Array.from(entries.row, (row) => ofRow[row]!);
  });
  const distinct = [...new Set(keys)];
  if (distinct.length < folds) {
    throw new RmbenchError(
      "data",
      `lowess: the pairs of ${id} are in ${distinct.length} clusters, too few for ${folds} folds`,
    );
  }
  const assigned = clusterFolds(streamSeed(seed, "lowess"), distinct, folds);
  const foldOf = new Map(distinct.map((key, i) => [key, assigned[i]!]));
  return Int32Array.from(keys, (key) => foldOf.get(key)!);
}
