import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { combinationNames } from "../../src/models/combination-spec.ts";
import { adapters } from "../../src/models/registry.ts";
import { pages } from "./commands.ts";

const page = pages.get("docs/adapters.md") ?? "";
const section = page.split(/^## /m).find((text) => text.startsWith("What was tested\n")) ?? "";

interface Row {
  names: string[];
  against: string;
  guarantees: string;
  tests: string[];
}

const quoted = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
const rows: Row[] = section
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .filter((cells) => cells.length === 6)
  .map(([, names = "", against = "", guarantees = "", tests = ""]) => ({
    names: quoted(names),
    against,
    guarantees,
    tests: quoted(tests),
  }));

/** A test, its folder or a file beside it that it imports says the name; a file of one's own is a model without one. */
function mentions(file: string, name: string): boolean {
  const text = readFileSync(join(root, file), "utf8");
  const imported = [...text.matchAll(/^import .* from "(\.\/[^"]+)";$/gm)];
  const beside = imported.map(([, path = ""]) => readFileSync(join(root, dirname(file), path), "utf8"));
  const said = name === "module" ? /-rm\.(ts|m?js)|defineModel|\.mjs/ : new RegExp(`\\b${name}(?:["':(]|\\.ts")`);
  return file.includes(`/${name}/`) || [text, ...beside].some((one) => said.test(one));
}

describe("the table of what was tested in docs/adapters.md", () => {
  it("has a row for every adapter and combination, and for nothing else", () => {
    // `scores:` is read where a run is put together, and is in no registry.
    const known = [...adapters.map(({ name }) => name), "scores", ...combinationNames];
    expect([...new Set(rows.flatMap(({ names }) => names))].sort()).toEqual(known.sort());
  });

  it.each(rows.map((row) => [row.names.join(", "), row] as const))("%s: tests exist and mention it", (_, row) => {
    expect(row.guarantees).not.toBe("");
    expect(row.tests.length).toBeGreaterThan(0);
    for (const file of row.tests) {
      expect(file).toMatch(/^test\/.*\.test\.ts$/);
      expect(existsSync(join(root, file)), file).toBe(true);
      const said = row.names.filter((name) => mentions(file, name));
      expect(said, `${file} mentions nothing of its row`).not.toEqual([]);
    }
    for (const name of row.names) {
      const found = row.tests.filter((file) => mentions(file, name));
      expect(found, `no test of the row mentions ${name}`).not.toEqual([]);
    }
  });

  it("says of each whether that was real, and of schema servers which source they speak", () => {
    for (const { names, against } of rows) {
      expect(against, names.join()).toMatch(/^(real|schema server|formulas)/);
      if (against.startsWith("schema server")) expect(against).toMatch(/@[0-9a-f]{10}|documents only|no schema/);
    }
  });

  it("names the sources that the pages of servers, judges and implicit rewards name", () => {
    const sources = (text: string) =>
      [...text.matchAll(/([\w-]+)(?:@| at )([0-9a-f]{10})\b/g)].map(([, name, commit]) => `${name}@${commit}`);
    const named = rows.flatMap(({ against }) => sources(against));
    const others = ["docs/servers.md", "docs/judges.md", "docs/implicit.md"].flatMap((path) =>
      sources(pages.get(path) ?? ""),
    );
    expect([...new Set(named)].sort()).toEqual([...new Set(others)].sort());
    expect(named.length).toBeGreaterThan(8);
  });
});
