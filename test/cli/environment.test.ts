import { existsSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere } from "./in-process.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-environment-"));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(12));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const longest = ["run", "--model", "shortcut:longest", "--suite", "some.arrow", "--store", "none"];

describe("RMBENCH_ variables", () => {
  it("switch what a flag without a value switches, in every command that has it", async () => {
    const env = { RMBENCH_DRY_RUN: "1", RMBENCH_JSON: "true" };
    const dry = await runHere([...longest, "--out", "dry"], folder, env);
    expect(JSON.parse(dry.stdout)).toMatchObject([{ suites: [{ pairs: 12, questions: 24 }] }]);
    expect(existsSync(join(folder, "dry"))).toBe(false);
    expect(JSON.parse((await runHere(["list"], folder, env)).stdout)).toContainEqual(
      expect.objectContaining({ name: "safety" }),
    );
    const off = await runHere(["list"], folder, { RMBENCH_JSON: "0" });
    expect(off.stdout).toMatch(/^safety/m);
    const odd = await runHere(["list"], folder, { RMBENCH_JSON: "perhaps" });
    expect([odd.code, odd.stderr]).toEqual([2, expect.stringContaining("RMBENCH_JSON")]);
  });

  it("name the configuration file; the flag wins", async () => {
    writeFileSync(join(folder, "a.yaml"), "limit: 4\n");
    writeFileSync(join(folder, "b.yaml"), "limit: 6\n");
    const pairs = async (...more: string[]) => {
      const { stdout } = await runHere([...longest, "--dry-run", "--json", ...more], folder, {
        RMBENCH_CONFIG: "a.yaml",
      });
      return (JSON.parse(stdout) as { suites: { pairs: number }[] }[])[0]!.suites[0]!.pairs;
    };
    expect([await pairs(), await pairs("--config", "b.yaml")]).toEqual([4, 6]);
  });

  it("that nothing reads are warned of, with the nearest that something does", async () => {
    const { code, stderr } = await runHere([...longest, "--dry-run"], folder, { RMBENCH_LIMT: "3", RMBENCH_SEED: "1" });
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining("RMBENCH_LIMT is not known; did you mean RMBENCH_LIMIT?"),
    ]);
    expect(stderr).not.toContain("RMBENCH_SEED");
  });
});

describe("--progress bar", () => {
  it("is lines where stderr is no terminal", async () => {
    const { stderr } = await runHere([...longest, "--out", "piped", "--progress", "bar"], folder);
    expect(stderr).toContain("some: 12 pairs with shortcut:longest");
  });
});

describe("list and show", () => {
  it.each([60, 100])("wrap at %s columns", async (width) => {
    for (const command of [["list"], ["list", "models"], ["show", "safety"]]) {
      const { stdout } = await runHere(command, folder, { COLUMNS: String(width) });
      const lines = stdout.trimEnd().split("\n");
      expect(lines.length).toBeGreaterThan(3);
      // A word alone may be longer than the room beside a long name.
      for (const line of lines) expect(line.length <= width || /^ *\S+$/.test(line), line).toBe(true);
    }
  });
});
