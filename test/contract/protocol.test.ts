import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { outcomeState, type OutcomeTable } from "../../src/protocols/protocol.ts";
import { protocolNamed, protocols } from "../../src/protocols/registry.ts";
import { entryStatus, type ScoreTable } from "../../src/scores/table.ts";
import { pair, tableOf, withValues, type Answer } from "../protocols/suites.ts";

/** A suite that every protocol accepts: clusters, directions, lists of responses, and the prompts of contrast sets. */
function suite(name: string): PreferencePair[] {
  const contrastSet = name === "contrast";
  return Array.from({ length: 12 }, (_, i) => {
    const second = i % 2 === 1;
    const directions = contrastSet ? ["response", "instruction"] : ["comply", "refuse"];
    return pair(`p${i}`, {
      cluster: `c${Math.floor(i / 4)}`,
      direction: directions[i % 2]!,
      subset: i < 6 ? "a" : "b",
      rejectedPrompt: contrastSet && second ? [{ role: "user", content: `other question ${i}` }] : null,
      chosen: Array.from({ length: 1 + (i % 2) }, (_, k) => `good ${i}.${k}`),
      rejected: Array.from({ length: 1 + (i % 3) }, (_, k) => `bad ${i}.${k}${"!".repeat(i)}`),
      weight: i === 3 ? 2 : null,
    });
  });
}

const reward = fc.integer({ min: -8, max: 8 }).map((x) => x / 4);
const states = (outcomes: OutcomeTable): string[] => Array.from(outcomes.state, (s) => outcomeState[s]!);

describe.each(protocols.map((protocol) => [protocol.name, protocol] as const))("protocol %s", (name, protocol) => {
  const pairs = suite(name);
  /** Whether each chosen response is compared with each rejected one, or a row has one outcome. */
  const compares = name !== "best-of-n";
  const outcomesOfFirst = compares ? pairs[0]!.rejected.length : 1;
  const size = tableOf(protocol, pairs, () => 0).entries.n;
  const rewards = fc.array(reward, { minLength: size, maxLength: size });
  const scored = (values: readonly Answer[]): ScoreTable => {
    let next = 0;
    return tableOf(protocol, pairs, () => values[next++]!);
  };

  test("is found by its name", () => {
    expect(protocolNamed(name)).toBe(protocol);
  });

  test("gives rows in order, a credit and a margin that agree", () => {
    fc.assert(
      fc.property(rewards, (values) => {
        const table = scored(values);
        const outcomes = protocol.judge(table);
        expect(outcomes.n).toBe(pairs.reduce((n, p) => n + (compares ? p.chosen.length * p.rejected.length : 1), 0));
        expect([...outcomes.row]).toEqual([...outcomes.row].sort((a, b) => a - b));
        outcomes.margin.forEach((d, i) => {
          expect(states(outcomes)[i]).toBe(d === 0 ? "tied" : "judged");
          if (compares || d !== 0) expect(outcomes.credit[i]).toBe(d === 0 ? 0.5 : d > 0 ? 1 : 0);
          else expect([0, 1]).not.toContain(outcomes.credit[i]);
        });
      }),
    );
  });

  test("a constant added to all rewards changes nothing", () => {
    fc.assert(
      fc.property(rewards, fc.integer({ min: -100, max: 100 }), (values, shift) => {
        const table = scored(values);
        expect(protocol.judge(withValues(table, (v) => v + shift))).toEqual(protocol.judge(table));
      }),
    );
  });

  test.each(compares ? [-1] : [])("rewards times %d mirror credit and margin", (factor) => {
    fc.assert(
      fc.property(rewards, (values) => {
        const table = scored(values);
        const [plain, mirrored] = [protocol.judge(table), protocol.judge(withValues(table, (v) => v * factor))];
        mirrored.credit.forEach((credit, i) => {
          expect(credit).toBe(1 - plain.credit[i]!);
          expect(mirrored.margin[i]! + plain.margin[i]!).toBe(0);
        });
      }),
    );
  });

  test("the order of rows and of entries does not matter", () => {
    fc.assert(
      fc.property(rewards, fc.nat(), (values, seed) => {
        const table = scored(values);
        const { entries } = table;
        const order = Array.from({ length: entries.n }, (_, i) => i).sort(
          (a, b) => ((a * 7919 + seed) % 101) - ((b * 7919 + seed) % 101),
        );
        const at = <T extends { map(f: (value: number, i: number) => number): T }>(column: T & ArrayLike<number>): T =>
          column.map((_, i) => column[order[i]!]!);
        const shuffled = {
          ...entries,
          row: at(entries.row),
          side: at(entries.side),
          index: at(entries.index),
          value: at(entries.value),
          length: at(entries.length),
        };
        expect(protocol.judge({ ...table, entries: shuffled })).toEqual(protocol.judge(table));
      }),
    );
    const byText = ({ response, prompt }: { response: unknown; prompt: readonly { content: string }[] }): number =>
      Array.from(`${String(response)}${prompt[0]!.content}`).reduce((n, c) => (n * 31 + c.codePointAt(0)!) % 17, 0);
    const judge = (some: readonly PreferencePair[]): OutcomeTable =>
      protocol.judge(tableOf(protocol, some, (q) => (q.kind === "pointwise" ? byText(q.of) : 0)));
    const reversed = [...pairs].reverse();
    const marginsOf = (some: readonly PreferencePair[], id: string): number[] => {
      const outcomes = judge(some);
      return [...outcomes.margin].filter((_, i) => some[outcomes.row[i]!]!.id === id);
    };
    for (const { id } of pairs) expect(marginsOf(reversed, id)).toEqual(marginsOf(pairs, id));
  });

  test("a reward that is not finite is invalid, not a loss", () => {
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      const outcomes = protocol.judge(scored(Array.from({ length: size }, (_, e) => (e === 0 ? bad : 1))));
      expect(states(outcomes)[0]).toBe("invalid");
      expect(outcomes.credit[0]).toBeNaN();
      expect(outcomes.margin[0]).toBeNaN();
      expect(states(outcomes).filter((state) => state === "invalid")).toHaveLength(outcomesOfFirst);
    }
  });

  test.each(entryStatus.filter((status) => status !== "ok"))("a %s answer is carried, not judged", (status) => {
    const outcomes = protocol.judge(scored(Array.from({ length: size }, (_, e) => (e === 1 ? status : 1))));
    expect(states(outcomes)[0]).toBe(status);
    expect(outcomes.credit[0]).toBeNaN();
    expect(states(outcomes).filter((state) => state === status).length).toBe(1);
  });

  test("a row without scores is one failed outcome", () => {
    const table = scored(Array.from({ length: size }, () => 1));
    const outcomes = protocol.judge({
      ...table,
      rows: { ...table.rows, n: table.rows.n + 1, weight: new Float64Array(13) },
    });
    expect(states(outcomes).at(-1)).toBe("failed");
    expect(outcomes.row.at(-1)).toBe(pairs.length);
  });

  test.each(protocol.asks.filter((ask) => ask === "pairwise"))(
    "%s questions come in both orders, and a preference for a place cancels",
    (ask) => {
      const quality = (text: unknown): number => (String(text).startsWith("good") ? 1.5 : 0);
      const forA = 10;
      const table = tableOf(
        protocol,
        pairs,
        (q) => (q.kind === "pairwise" ? quality(q.a.response) - quality(q.b.response) + forA : 0),
        ask,
      );
      const outcomes = protocol.judge(table);
      // A tournament also asks about two responses of one side, which have no outcome.
      expect(outcomes.n).toBe(table.entries.side.filter((side) => side === 0).length / 2);
      expect([...new Set(outcomes.margin)]).toEqual([1.5]);
    },
  );

  test("a side without responses is an error that names the row", () => {
    const empty = { ...pairs[0]!, rejected: [] };
    expect(() => protocol.units(empty, 7, "pointwise", "plain")).toThrow(/row 7 .*id p0.* rejected/);
  });
});
