import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { pages } from "./commands.ts";

/** Numbers that a paper's formula gives, each computed apart: the number, the paper, and the test whose title has both. */
const fixtures = [
  ["b1", "2408.10075", "test/scores/combine.test.ts"],
  ["b5", "2312.00886", "test/stats/pairwise-consistency.test.ts"],
  ["b19", "2309.16240", "test/models/implicit/reward.test.ts"],
  ["c1", "2401.06080", "test/stats/audit-functions.test.ts"],
  ["c2", "2402.00742", "test/scores/combine.test.ts"],
  ["c3", "2409.15360", "test/scores/combine.test.ts"],
  ["d11", "2312.09390", "test/stats/audit-functions.test.ts"],
] as const;

it.each(fixtures)("fixture %s of arXiv %s has a test by that name", (fixture, paper, file) => {
  const titles = [...readFileSync(join(root, file), "utf8").matchAll(/(?:describe|it|test)\("([^"]+)"/g)];
  const found = titles.filter(([, title = ""]) => new RegExp(`\\b${fixture}, arXiv ${paper}\\b`).test(title));
  expect(found).toHaveLength(1);
});

/** Formulas for which neither the paper's full text nor its code was at hand: the paper, how pages call it, and the page. */
const unverified = [
  ["2405.07863", /length-penalty/, "docs/ensembles.md"],
  ["2409.15360", /Reward-Robust/, "docs/ensembles.md"],
  ["2409.17407", /Post-hoc/, "docs/ensembles.md"],
  ["2309.16240", /Beyond Reverse KL/, "docs/implicit.md"],
  ["2405.17220", /RLAIF-V/, "docs/implicit.md"],
  ["2410.13828", /Common Pitfall/, "docs/metrics.md"],
  ["2406.08469", /PAL's/, "docs/user-conditioned.md"],
  ["2408.15549", /WildFeedback/, "docs/judges.md"],
  ["2311.00168", /Alignment Ceiling/, "docs/audit.md"],
] as const;

it.each(unverified)("what was taken from arXiv %s without reading it is marked so (%s, %s)", (paper, name, path) => {
  const page = pages.get(path) ?? "";
  expect(page).toContain(paper);
  const said = page.split(/\n(?:\s*\n|- )/).filter((part) => name.test(part));
  expect(said.join("\n").replace(/\s+/g, " ")).toMatch(/from memory|from notes|from a summary/);
});
