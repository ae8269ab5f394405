import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { commandsOf, filesOf, notRun, pages } from "./commands.ts";

const all = [...pages.values()].flatMap(commandsOf);

test("links lead to files and headings that exist", () => {
  const links = [...pages].flatMap(([path, text]) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => ({ path, target })),
  );
  expect(links.length).toBeGreaterThan(10);
  for (const { path, target } of links.filter((link) => !/^(https?:|#)/.test(link.target))) {
    const [file = "", anchor] = target.split("#");
    expect(existsSync(join(root, dirname(path), file)), `${target} in ${path}`).toBe(true);
    const headings = (pages.get(join(dirname(path), file)) ?? "").toLowerCase();
    if (anchor !== undefined)
      expect(headings, `${target} in ${path}`).toMatch(new RegExp(`^#+ ${anchor.replaceAll("-", "[ -]")}$`, "m"));
  }
});

test("the documentation's commands are found", () => {
  expect(all.length).toBeGreaterThan(30);
  expect(all).toContain("npx rmbench data import own.jsonl -o own.arrow");
  expect([...filesOf(pages.get("README.md") ?? "").keys()]).toEqual(["my-rm.ts"]);
});

test("what is not run stands in the documentation, and what runs it exists", () => {
  for (const [command, reason] of Object.entries(notRun)) {
    expect(all).toContain(command);
    const where = /(?:\.ci|test)\/[\w/.-]*\w/.exec(reason)?.[0] ?? "";
    expect(statSync(join(root, where)).isFile(), reason).toBe(true);
  }
});

test("the installer that the README names is in the package", () => {
  const [, script = ""] = /`ONNXRUNTIME_NODE_INSTALL=cuda12 node (\S+)`/.exec(pages.get("README.md") ?? "") ?? [];
  expect(script).toMatch(/\.js$/);
  expect(existsSync(join(root, script))).toBe(true);
});
