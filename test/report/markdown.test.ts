import { expect, test } from "vitest";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { estimate, report, suite } from "./example.ts";

test("counts are whole numbers with their thousands, and other metrics decimals", () => {
  const counts = { count_rows: { value: 180, n: 180 }, count_judged: { value: 12345, n: 12345 } };
  const text = renderMarkdown(report([suite("one", 0.7, { metrics: { accuracy: estimate(0.75, 0.1), ...counts } })]));
  expect(text).toMatch(/^\| `count_rows` \| 180 \|/m);
  expect(text).toMatch(/^\| `count_judged` \| 12,345 \|/m);
  expect(text).toMatch(/^\| `accuracy` \| 0\.750 \|/m);
});
