/** Score tables of models that give more than a reward, for tests of combinations and metrics. */
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { pairwise } from "../../src/protocols/pairwise.ts";
import type { CombinationMember } from "../../src/scores/combine/combination.ts";
import type { EntryColumns, ScoreTable } from "../../src/scores/table.ts";
import { pair, tableOf, type Answer } from "../protocols/suites.ts";

/** Pairs whose responses have lengths of 3 to 30 code points; two to a cluster. */
export function lengthyPairs(n: number): PreferencePair[] {
  return Array.from({ length: n }, (_, i) =>
    pair(`p${i}`, {
      cluster: `c${i >> 1}`,
      chosen: [`${"😀".repeat(1 + (i % 3))}${"x".repeat(2 + ((i * 7) % 25))}`],
      rejected: [`${"y".repeat(3 + ((i * 11) % 27))}`],
    }),
  );
}

export function table(pairs: readonly PreferencePair[], answer: (entry: number) => Answer): ScoreTable {
  let entry = 0;
  return tableOf(pairwise, pairs, () => answer(entry++));
}

export function withParts(
  scores: ScoreTable,
  parts: (entry: number) => { std?: number; attributes?: Record<string, number>; vector?: readonly number[] },
): ScoreTable {
  const { n } = scores.entries;
  const all = Array.from({ length: n }, (_, e) => parts(e));
  const names = Object.keys(all[0]?.attributes ?? {});
  let end = 0;
  const entries: EntryColumns = {
    ...scores.entries,
    std: all[0]?.std === undefined ? null : Float64Array.from(all, ({ std }) => std!),
    attributes: Object.fromEntries(
      names.map((name) => [name, Float64Array.from(all, (one) => one.attributes![name]!)]),
    ),
    vector:
      all[0]?.vector === undefined
        ? null
        : {
            end: Uint32Array.from(all, ({ vector }) => (end += vector!.length)),
            values: Float64Array.from(all.flatMap(({ vector }) => [...vector!])),
          },
  };
  return { ...scores, entries };
}

export function member(id: string, ...tables: readonly ScoreTable[]): CombinationMember {
  return { id, tables: new Map(tables.map((one, s) => [`suite-${s + 1}`, one])) };
}

/** Rewards, attributes, steps and deviations that look like those of a model, none of them round. */
export function richMember(id: string, phase: number, pairs = lengthyPairs(20)): CombinationMember {
  const wave = (e: number, speed: number): number => Math.sin(phase + e * speed);
  const rich = (from: number, some: readonly PreferencePair[]): ScoreTable =>
    withParts(
      table(some, (e) => 3 * wave(e + from, 1.7) + phase),
      (e) => ({
        std: 0.3 + 0.2 * wave(e, 2.3) ** 2,
        attributes: {
          helpfulness: wave(e, 0.9) + 0.5 * wave(e, 1.3),
          verbosity: wave(e, 1.3),
          "is-safe": wave(e, 3.1),
        },
        vector: Array.from({ length: 1 + (e % 3) }, (_, s) => wave(e + s, 0.7)),
      }),
    );
  return member(id, rich(0, pairs), rich(100, pairs.slice(0, 9)));
}
