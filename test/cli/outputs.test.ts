import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere } from "./in-process.ts";

const source = [1, 2, 3]
  .map((i) => `${JSON.stringify({ id: `${i}`, prompt: `q ${i}`, chosen: `good ${i}`, rejected: `bad ${i}` })}\n`)
  .join("");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-outputs-"));
  writeFileSync(join(folder, "keep.jsonl"), source);
  await here("data", "import", "keep.jsonl", "-o", "own.arrow");
  await here("run", "-m", "shortcut:longest", "-s", "own.arrow", "--out", "a-run", "--store", "none");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const here = (...argv: string[]) => runHere(argv, folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");

describe("rmbench data import", () => {
  it("never writes over what it reads, under whatever name", async () => {
    symlinkSync("keep.jsonl", join(folder, "link.arrow"));
    for (const output of ["keep.jsonl", "./keep.jsonl", "link.arrow"]) {
      const { code, stderr } = await here("data", "import", "keep.jsonl", "-o", output);
      expect([code, stderr]).toEqual([2, expect.stringContaining("it is what would be read")]);
    }
    expect(read("keep.jsonl")).toBe(source);
  });

  it("replaces its own files and empty ones, and no others", async () => {
    writeFileSync(join(folder, "thesis.arrow"), "precious");
    writeFileSync(join(folder, "empty.arrow"), "");
    const { code, stderr } = await here("data", "import", "keep.jsonl", "-o", "thesis.arrow");
    expect([code, stderr, read("thesis.arrow")]).toEqual([2, expect.stringContaining("thesis.arrow"), "precious"]);
    for (const output of ["own.arrow", "empty.arrow"])
      expect((await here("data", "import", "keep.jsonl", "-o", output)).code).toBe(0);
    expect((await here("data", "import", "keep.jsonl", "-o", "a-run/scores.arrow")).code).toBe(2);
    const folderAsFile = await here("data", "import", "keep.jsonl", "-o", "a-run");
    expect([folderAsFile.code, folderAsFile.stderr]).toEqual([2, expect.stringContaining("it is no file")]);
  });
});

describe("rmbench report", () => {
  it.each(["json", "md", "scores.jsonl", "scores.csv"])(
    "replaces its own .%s, and no other file",
    async (extension) => {
      const own = `x.${extension}`;
      expect((await here("report", "a-run", "-o", own)).code).toBe(0);
      const first = read(own);
      expect((await here("report", "a-run", "-o", own)).code).toBe(0);
      expect(read(own)).toBe(first);
      const mine = `mine.${extension}`;
      writeFileSync(join(folder, mine), '{"mine":1}\n');
      const { code, stderr } = await here("report", "a-run", "-o", `fresh.${extension}`, "-o", mine);
      expect([code, stderr, read(mine)]).toEqual([2, expect.stringContaining(mine), '{"mine":1}\n']);
      expect(await readdir(folder)).not.toContain(`fresh.${extension}`);
    },
  );

  it("lists the runs of a folder that holds several", async () => {
    const { code, stderr } = await here("report", ".");
    expect([code, stderr]).toEqual([2, expect.stringMatching(/holds a run[\s\S]*a-run/)]);
  });
});

describe("rmbench merge", () => {
  it("names the shards that are missing, and what is none", async () => {
    for (const shard of ["1", "2", "3"]) {
      const flags = ["--shard", `${shard}/3`, "--out", `part-${shard}`, "--store", "none"];
      expect((await here("run", "-m", "shortcut:longest", "-s", "safety", ...flags)).code).toBe(0);
    }
    const flags = ["--shard", "3/4", "--out", "other", "--store", "none"];
    await here("run", "-m", "shortcut:longest", "-s", "safety", ...flags);
    const cases: [string[], RegExp][] = [
      [["part-1", "part-2"], /the shard 3\/3 is missing/],
      [["part-3", "other"], /part-3 is one of 3 shards and other one of 4/],
    ];
    for (const [runs, message] of cases) {
      const { code, stderr } = await here("merge", ...runs, "--out", "joined");
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    }
    const over = await here("merge", "part-1", "part-2", "part-3", "--out", "part-2");
    expect([over.code, over.stderr]).toEqual([2, expect.stringContaining("would replace a shard")]);
    expect(await readdir(folder)).not.toContain("joined");
    expect((await here("merge", "part-1", "part-2", "part-3", "--out", "joined")).code).toBe(0);
  });
});
