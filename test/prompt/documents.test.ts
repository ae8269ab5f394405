import { expect, test } from "vitest";
import { withDocuments } from "../../src/prompt/documents.ts";

const prompt = [
  { role: "user", content: "Where is it?" },
  { role: "assistant", content: "Where is what?" },
  { role: "user", content: "The tower." },
];
const items = [
  { id: "a", title: "Paris", text: "The tower stands in Paris." },
  { id: "b", title: "", text: "It is made of iron." },
];

test("documents stand before the content of the last user turn, numbered from 1, with and without a title", () => {
  expect(withDocuments(prompt, { template: "numbered", items })).toEqual([
    prompt[0],
    prompt[1],
    {
      role: "user",
      content: "[1] Paris: The tower stands in Paris.\n[2] It is made of iron.\n\nThe tower.",
    },
  ]);
});

test("without documents the prompt is left alone", () => {
  expect(withDocuments(prompt, null)).toBe(prompt);
  expect(withDocuments(prompt, { template: "numbered", items: [] })).toBe(prompt);
});

test.each([
  ["none", prompt, "`none` has no place for them"],
  ["roman", prompt, "there is no document template `roman` (there are: numbered, none)"],
  ["numbered", [{ role: "system", content: "Be brief." }], "no user turn to carry them"],
])("template %s is refused where it cannot carry documents", (template, turns, message) => {
  expect(() => withDocuments(turns, { template, items })).toThrow(message);
});
