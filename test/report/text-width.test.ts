import { expect, test } from "vitest";
import { widthOf, wrap } from "../../src/report/text-width.ts";

test("a word longer than a line is broken between graphemes, and nothing of it is lost", () => {
  const word = "三時のお茶👩‍👩‍👧".repeat(40);
  const lines = wrap(`so ${word} ends`, 20, 2);
  expect(lines.map(widthOf).every((width) => width <= 20)).toBe(true);
  expect(lines.join("").replaceAll(" ", "")).toBe(`so${word}ends`);
  expect(lines.some((line) => line.includes("👩‍👩‍👧"))).toBe(true);
});

test("a text without spaces fills its lines", () => {
  expect(wrap("語".repeat(20_000), 80, 0)).toEqual(Array.from({ length: 500 }, () => "語".repeat(40)));
});
