import { selectRows } from "../protocols/select.ts";
import { accuracyGap } from "../stats/accuracy-gap.ts";
import { sumOf } from "../stats/sums.ts";
import { twoSided as twoSidedStatistics } from "../stats/two-sided.ts";
import { clustersOf, intervalOf, proportionOf, studentMethod, undefinedEstimate } from "./estimate.ts";
import type { Estimate, Metric } from "./metric.ts";
import { itemMeans, sampleOf, type Sample } from "./sample.ts";

/** Directions in which a model goes along; with the other direction of the suite they give the gap its sign. */
const compliant = new Set(["comply", "answer"]);
/** Directions of contrast sets, which are not opposite tendencies of a model. */
const contrastive = new Set(["response", "instruction"]);

/**
 * The two directions of a suite, the one that goes along with the request first (else in the order of the alphabet), or
 * null where the suite does not have exactly two.
 */
export function sidesOf(directions: readonly string[]): readonly [string, string] | null {
  if (directions.length !== 2 || directions.some((direction) => contrastive.has(direction))) return null;
  const [a, b] = [...directions].sort() as [string, string];
  return compliant.has(b) && !compliant.has(a) ? [b, a] : [a, b];
}

/**
 * For suites with two directions: accuracy on each side, their mean, and their difference, positive where the model goes
 * along too often. No result where a suite has another number of directions; null where a side of the group is empty.
 */
export const twoSided: Metric = {
  name: "two_sided",
  source: "docs/metrics.md#two-sided; Newcombe 1998",
  measure({ outcomes, rows }, { level }) {
    const sides = sidesOf(rows.direction.values);
    if (sides === null) return {};
    const part = (keep: (code: number) => boolean): Sample =>
      sampleOf(
        selectRows(outcomes, (row) => keep(rows.direction.codes[row]!)),
        rows,
      );
    const codes = sides.map((side) => rows.direction.values.indexOf(side));
    const results: Record<string, Estimate> = {};
    sides.forEach((side, s) => {
      const own = part((code) => code === codes[s]);
      results[`accuracy_${side}`] = proportionOf(own, (k) => own.credit[k]!, level);
    });
    return {
      ...results,
      ...balance(
        part((code) => code >= 0),
        (row) => (rows.direction.codes[row] === codes[0] ? 0 : 1),
        level,
      ),
    };
  },
};

function balance(sample: Sample, sideOfRow: (row: number) => 0 | 1, level: number): Record<string, Estimate> {
  const items = itemMeans(sample, (k) => sample.credit[k]!);
  const side = new Uint8Array(sample.items).map((_, j) => sideOfRow(sample.itemRow[j]!));
  const result = twoSidedStatistics(items, side, level);
  if (result.balanced === null || result.gap === null) {
    const missing = undefinedEstimate(sample.items, sample.items === 0 ? "empty" : "one-side");
    return { balanced_accuracy: missing, signed_gap: missing };
  }
  const shared = { n: sample.items, ...clustersOf(sample) };
  const independent = sample.clusters === sample.items && sample.itemWeight === undefined;
  const gap = independent ? newcombe(items.y, side, level) : result.gapInterval;
  return {
    balanced_accuracy: {
      value: result.balanced,
      ...shared,
      interval: intervalOf(result.balancedInterval, level, studentMethod(sample)),
    },
    signed_gap: {
      value: result.gap,
      ...shared,
      interval: intervalOf(gap, level, independent ? "newcombe" : studentMethod(sample)),
    },
  };
}

/** Interval of the difference of the two sides' accuracies, for independent items. */
function newcombe(y: ArrayLike<number>, side: Uint8Array, level: number): readonly [number, number] | null {
  const second = side.reduce((n, s) => n + s, 0);
  const creditOf = (s: 0 | 1): number => sumOf(y.length, (i) => (side[i] === s ? y[i]! : 0));
  return accuracyGap(creditOf(0), y.length - second, creditOf(1), second, level)?.interval ?? null;
}
