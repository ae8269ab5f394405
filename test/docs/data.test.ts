import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { root } from "../../recipes/architecture.ts";
import { findingKinds } from "../../src/pairs/checks.ts";
import { layouts } from "../../src/pairs/import/layouts/registry.ts";
import { pairsSchema } from "../../src/pairs/schema.ts";
import { protocolNames } from "../../src/protocols/names.ts";
import { suiteSchema } from "../../src/suites/schema.ts";

const page = readFileSync(join(root, "docs/data.md"), "utf8");
const sections = new Map(
  page
    .split(/^### /m)
    .slice(1)
    .map((section) => [/^`([\w-]+)`\n/.exec(section)?.[1], section] as const),
);

describe("docs/data.md", () => {
  it("has the layouts in the order in which they are tried", () => {
    const ids = [...sections.keys()].filter((id) => id !== undefined);
    expect(ids).toEqual(layouts.map(({ id }) => id));
  });

  it.each(layouts.filter(({ id }) => id !== "rmbench"))("shows a row that is recognised as $id", ({ id }) => {
    const json = /^```json\n([\s\S]*?)^```$/m.exec(sections.get(id) ?? "")?.[1] ?? "";
    const record = JSON.parse(json) as Record<string, unknown>;
    expect(layouts.find((layout) => layout.matches(record, "own"))?.id).toBe(id);
    const context = {
      row: 1,
      stem: "own",
      options: { contrastResponse: "j", mirror: false, ragTemplate: "auto" },
      note: () => {},
    } as const;
    const pairs = layouts.find((layout) => layout.id === id)!.convert(record, context);
    expect(pairs.length).toBeGreaterThan(0);
    for (const { prompt, chosen, rejected } of pairs)
      for (const part of [prompt, chosen, rejected]) expect(part.length).toBeGreaterThan(0);
  });

  it("names every finding with its severity", () => {
    const listed = [...page.matchAll(/^\| `([\w-]+)` +\| (error|warning|info) +\|/gm)].map(([, kind, severity]) => [
      kind,
      severity,
    ]);
    expect(listed).toEqual(Object.entries(findingKinds).map(([kind, { severity }]) => [kind, severity]));
  });

  it("shows a suite's definition, and names every protocol", () => {
    const suites = page.slice(page.indexOf("\n## Suites"), page.indexOf("\n## Arrow schema v1"));
    const definition = /^```yaml\n([\s\S]*?)^```$/m.exec(suites)![1]!;
    expect(suiteSchema.parse(parse(definition)).protocol).toBe("best-of-n");
    const listed = [...suites.matchAll(/^\| `([\w-]+)`/gm)].map(([, name]) => name);
    expect(listed).toEqual([...protocolNames]);
  });

  it("names every column of the schema", () => {
    const rows = page.slice(page.indexOf("## Arrow schema v1"));
    const listed = [...rows.matchAll(/^\| (`.*?) +\|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    expect(new Set(listed)).toEqual(new Set(pairsSchema({}).fields.map(({ name }) => name)));
  });
});
