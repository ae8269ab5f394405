import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { workerFile } from "../models/host/worker.ts";
import { runHere } from "./in-process.ts";

const spec = "process:node worker.mjs";
const folderOf = (score: string, start = "") => dirname(workerFile({ start, score }));
const env = { PATH: process.env["PATH"] ?? "" };

describe.concurrent("doctor on a model that is lost", () => {
  test.each([
    [
      "at its second batch",
      `console.error("boom reason"); process.exit(7);`,
      /FAIL +finite scores: .*exit code 7.*boom/,
    ],
    [
      "to a batch that does not fit",
      `return say({ type: "error", id: m.id, code: "out-of-memory", message: "9 GB" });`,
      /FAIL +finite scores: out of memory: 9 GB/,
    ],
    ["to a print", `return console.log("50 %");`, /FAIL +finite scores: .*printed to stdout.*50 %/],
  ])("%s says so as a check that failed", async (_how, fault, check) => {
    const folder = folderOf(`if (++asked === 2) { ${fault} }`, "let asked = 0;");
    const { code, stdout, stderr } = await runHere(["doctor", "--store", "none", spec], folder, env);
    expect(stderr).not.toContain("bug");
    expect(stdout).toMatch(check);
    expect(stdout).toMatch(/SKIP +padding: needs finite scores/);
    expect(code).toBe(1);
  });

  test("in batches only keeps the checks before, and has no speed", async () => {
    const folder = folderOf(`if (m.items.length > 1) process.exit(7);`);
    const { code, stdout } = await runHere(["doctor", "--store", "none", spec], folder, env);
    expect(stdout).toMatch(/PASS +same text in a new session/);
    expect(stdout).toMatch(/FAIL +batch invariance: .*died \(exit code 7\)/);
    expect(stdout).toMatch(/SKIP +abort: needs a model that goes on after "batch invariance"/);
    expect(stdout).toMatch(/no speed: .*died/);
    expect(code).toBe(1);
  });
});

test("a worker that dies at everything leaves exit code 2, no report and no advice that it cannot take", async () => {
  const folder = folderOf(`process.exit(7);`);
  const argv = ["run", "--model", spec, "--suite", "safety", "--limit", "20", "--store", "none", "--progress", "none"];
  const { code, stderr } = await runHere([...argv, "--out", "out"], folder, env);
  expect(stderr).toContain("died at 12 texts in a row");
  expect(stderr).not.toMatch(/--device|stored/);
  expect(code).toBe(2);
  expect(readdirSync(folder)).not.toContain("out");
}, 30_000);
