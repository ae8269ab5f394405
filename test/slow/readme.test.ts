import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { commandsOf, filesOf, notRun, pages } from "../docs/commands.ts";

const rmbench = `"${process.execPath}" "${join(root, "bin/rmbench.js")}"`;
const pairs = [
  { id: "1", prompt: "Why is the sky blue?", chosen: "Because air scatters blue light more.", rejected: "It is." },
  { id: "2", prompt: "Why is grass green?", chosen: "Because of chlorophyll.", rejected: "It likes to be." },
  { id: "3", prompt: "Two and two?", chosen: "Four.", rejected: "Five, because I say so." },
];

let folder: string;

function sh(command: string) {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith("RMBENCH_"));
  return spawnSync("sh", ["-c", command.replaceAll("npx rmbench", rmbench)], {
    cwd: folder,
    env: Object.fromEntries(env),
    encoding: "utf8",
  });
}

/** A reader's folder: what the pages name, and the files that they show. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rmbench-readme-"));
  const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(join(folder, "own.jsonl"), lines(pairs));
  const scores = pairs.map(({ id }, i) => ({ id, chosen_score: 1 + i, rejected_score: 2 }));
  writeFileSync(join(folder, "rewards.jsonl"), lines(scores));
  for (const copy of ["my-rm", "checkpoints/step-200", "checkpoints/step-1000"])
    cpSync(join(root, "fixtures/models/tiny"), join(folder, copy), { recursive: true });
  for (const page of pages.values()) for (const [name, text] of filesOf(page)) writeFileSync(join(folder, name), text);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/rmbench"), "junction");
  const { status, stderr } = sh("npx rmbench data import own.jsonl -o own.arrow");
  if (status !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const toRun = [...pages]
  .map(([path, page]) => [path, commandsOf(page).filter((command) => !(command in notRun))] as const)
  .filter(([, commands]) => commands.length > 0);

describe.each(toRun)("%s", (_, commands) => {
  it.each(commands)("%s", (command) => {
    // Not every machine has jq; the line of Node beside it reads the same.
    if (command.startsWith("jq ") && sh("command -v jq").status !== 0) return;
    const { status, stdout, stderr } = sh(command);
    expect(status, stdout + stderr).toBe(0);
  });
});

it("a command that cannot work is not taken for one that does", () => {
  expect(sh("npx rmbench run --model onnx:./no-such-rm").status).toBe(2);
});
