import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { readSources } from "../../../src/models/module/sources.ts";
import { temporaryFolder } from "../support.ts";

/** The files besides the entry that count, where the entry is `text` and those others exist. */
async function counted(text: string, others: Record<string, string>): Promise<string[]> {
  const folder = temporaryFolder();
  const entry = join(folder, "entry.ts");
  writeFileSync(entry, text);
  for (const [name, content] of Object.entries(others)) writeFileSync(join(folder, name), content);
  const { stamps } = await readSources(entry);
  return Object.keys(stamps)
    .filter((file) => file !== entry)
    .map((file) => basename(file))
    .sort();
}

test.each([
  ['import a from "./a.mjs";', ["a.mjs"]],
  ["import './a.mjs'", ["a.mjs"]],
  ['export * from "./a.mjs";', ["a.mjs"]],
  ['import{a}from"./a.mjs";', ["a.mjs"]],
  ['const { a } = require("./a.mjs");', ["a.mjs"]],
  ["const a = await import( `./a.mjs` );", ["a.mjs"]],
  ['import a from "./a.mjs?raw";', ["a.mjs"]],
  ['import type { B } from "./b.js"; import { b } from "./b";', ["b.ts"]],
  ['import x from "./c";', ["c.cjs", "c.json"]],
  ['import a from "a.mjs"; import b from "node:fs"; const d = "./d.txt";', []],
  ['import nothing from "./nothing.js";', []],
])("%s", async (text, files) => {
  const others = { "a.mjs": "", "b.ts": "", "c.cjs": "", "c.json": "{}", "d.txt": "" };
  expect(await counted(text, others)).toEqual(files);
});

test("modules that import each other are read once", async () => {
  const others = { "a.ts": 'import "./b.ts";', "b.ts": 'import "./a.ts"; import "./entry.ts";' };
  expect(await counted('import "./a.ts";', others)).toEqual(["a.ts", "b.ts"]);
});
