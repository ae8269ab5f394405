import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { functions } from "./golden-functions.ts";

interface Case {
  id: string;
  function: string;
  input: Record<string, never>;
  expected: unknown;
  tolerance: { abs: number; rel: number };
}

const file = new URL("../../fixtures/golden/statistics.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] };

const nonFinite: Record<string, number> = { NaN: Number.NaN, Infinity: Infinity, "-Infinity": -Infinity };

/** Compares every number of `want`, counting them; extra keys of `got` are fine. */
function compare(got: unknown, want: unknown, tolerance: Case["tolerance"], path: string): number {
  if (typeof want === "string" && want in nonFinite) return compare(got, nonFinite[want], tolerance, path);
  if (typeof want === "number") {
    expect(got, path).toBeTypeOf("number");
    const near = Math.abs((got as number) - want) <= tolerance.abs + tolerance.rel * Math.abs(want);
    expect(near || Object.is(got, want), `${path}: got ${String(got)}, want ${want}`).toBe(true);
    return 1;
  }
  if (Array.isArray(want)) {
    const list = Array.from(got as ArrayLike<unknown>);
    expect(list.length, `${path}: length`).toBe(want.length);
    return want.reduce<number>((n, item, i) => n + compare(list[i], item, tolerance, `${path}[${i}]`), 0);
  }
  if (typeof want === "object" && want !== null) {
    const record = got as Record<string, unknown>;
    return Object.entries(want).reduce((n, [key, item]) => {
      return n + compare(record[key], item, tolerance, `${path}.${key}`);
    }, 0);
  }
  expect(got, path).toBe(want);
  return 0;
}

describe("statistics agree with published libraries", () => {
  test.each(cases.map((c) => [c.id, c] as const))("%s", (id, c) => {
    const run = functions[c.function];
    if (run === undefined) throw new Error(`no function of the golden file's name "${c.function}"`);
    compare(run(c.input), c.expected, c.tolerance, id);
  });

  test("no case is lost", () => {
    const numbers = (x: unknown): number => {
      if (typeof x === "number" || (typeof x === "string" && x in nonFinite)) return 1;
      return typeof x === "object" && x !== null ? Object.values(x).reduce((n, v) => n + numbers(v), 0) : 0;
    };
    expect(cases.length).toBe(306);
    expect(cases.reduce((n, c) => n + numbers(c.expected), 0)).toBe(1613);
    expect(new Set(cases.map((c) => c.function))).toEqual(new Set(Object.keys(functions)));
  });
});
