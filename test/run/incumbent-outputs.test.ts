import fc from "fast-check";
import { expect, test } from "vitest";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { joinRows, type IncumbentRow } from "../../src/run/incumbent-outputs.ts";
import { Rng } from "../../src/stats/rng.ts";
import { pair } from "../protocols/suites.ts";

type Template = (prompt: string, response: string) => string;

function rowOf(template: Template, { prompt, chosen, rejected }: PreferencePair, line: number): IncumbentRow {
  const [good, bad] = [chosen[0], rejected[0]].map((response) => template(prompt[0]!.content, String(response)));
  return { line, subset: null, id: null, chosen: 1, rejected: 0, texts: { chosen: good!, rejected: bad! } };
}

const templates: readonly Template[] = [
  (prompt, response) => `<s><|user|>\n${prompt.trim()}</s>\n<|assistant|>\n${response.trim()}</s>\n`,
  (prompt, response) => `[INST] ${prompt} [/INST]${response}`,
  (prompt, response) => `user: ${prompt}\nassistant: ${response.trim()}\nab`,
];

/** Words that make responses begin and end alike, go on from each other and differ in white space alone. */
const words = fc
  .array(fc.constantFrom("a", "b", "ab", " ", "\n", "yes", "😀"), { maxLength: 5 })
  .map((all) => all.join(""));

test("without ids, each pair gets the row of its own texts, whatever the template and the order of the rows", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(words, words), { minLength: 1, maxLength: 20 }),
      fc.constantFrom(...templates),
      fc.string(),
      (responses, template, seed) => {
        const pairs = responses.map(([good, bad], i) =>
          pair(`p${i}`, { prompt: [{ role: "user", content: `question ${i}?` }], chosen: [good], rejected: [bad] }),
        );
        const rows = pairs.map((one, i) => rowOf(template, one, i));
        const joined = joinRows(pairs, new Rng(seed).shuffle([...rows]));
        expect(joined.map((row) => row?.line)).toEqual(pairs.map((_, i) => i));
      },
    ),
  );
});

test("a pair that the file has not gets no row, and one row serves one pair", () => {
  const pairs = ["one", "two", "two"].map((good, i) => pair(`p${i}`, { chosen: [good], rejected: ["no"] }));
  const [first, second] = pairs.map((one, i) => rowOf(templates[0]!, one, i));
  expect(joinRows(pairs, [second!]).map((row) => row?.line)).toEqual([undefined, 1, undefined]);
  expect(joinRows([pair("q", { chosen: ["else"], rejected: ["no"] })], [first!])).toEqual([null]);
});
