import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { interpolate, lowess } from "../../src/stats/lowess.ts";

interface Case {
  name: string;
  x: number[];
  y: number[];
  frac: number;
  it: number;
  delta: number;
  curve_x: number[];
  curve_y: number[];
  held_out_x: number[];
  held_out_y: number[];
}

const file = new URL("../../fixtures/golden/lowess.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: Case[] };

const worst = (got: ArrayLike<number>, want: readonly number[]): number =>
  Math.max(...want.map((value, i) => Math.abs(got[i]! - value)));

describe("LOWESS agrees with statsmodels", () => {
  test.each(cases.map((one) => [one.name, one] as const))("%s", (_, one) => {
    const curve = lowess(one.x, one.y, { fraction: one.frac, iterations: one.it, delta: one.delta });
    expect(curve.y.length).toBe(one.x.length);
    expect(worst(curve.x, one.curve_x)).toBe(0);
    expect(worst(curve.y, one.curve_y)).toBeLessThan(1e-9);
    expect(
      worst(
        one.held_out_x.map((x) => interpolate(curve, x)),
        one.held_out_y,
      ),
    ).toBeLessThan(1e-9);
  });

  test("seven curves are compared", () => expect(cases.length).toBe(7));
});

test("the unit of x changes nothing", () => {
  const x = Array.from({ length: 20 }, (_, i) => i + (i % 3) / 4);
  const y = x.map((v) => 2 * v + Math.sin(v));
  const options = { fraction: 0.5, iterations: 3, delta: 0 };
  const { y: plain } = lowess(x, y, options);
  for (const unit of [1e-8, 1e8]) {
    const scaled = lowess(
      x.map((v) => v * unit),
      y,
      options,
    );
    expect(worst(scaled.y, [...plain])).toBeLessThan(1e-9);
  }
});

test("a straight line is its own curve, and points of one length have their mean", () => {
  const x = [1, 2, 3, 5, 8, 13];
  const line = lowess(
    x,
    x.map((v) => 3 * v - 1),
    { fraction: 0.8, iterations: 0, delta: 0 },
  );
  line.y.forEach((value, i) => expect(value).toBeCloseTo(3 * line.x[i]! - 1, 9));
  const level = lowess([4, 4, 4, 4], [0, 1, 2, 5], { fraction: 1, iterations: 0, delta: 0 });
  expect([...level.y]).toEqual([2, 2, 2, 2]);
  expect([interpolate(level, 0), interpolate(level, 4), interpolate(level, 9)]).toEqual([2, 2, 2]);
});
