import { mkdir, mkdtemp, readFile, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writePairs } from "../../src/pairs/arrow-writer.ts";
import { renderRunFiles } from "../../src/report/run-files.ts";
import { checkRunFolder, writeFileAside, writeRun } from "../../src/report/write.ts";
import { openRun } from "../../src/run/open-run.ts";
import { pair } from "../cli/pairs.ts";
import { example } from "./example.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "rmbench-write-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const files = (mark: string): Map<string, string | Uint8Array> =>
  new Map<string, string | Uint8Array>([
    ["report.json", `{"schema": "rmbench/report@1", "mark": "${mark}", "suites": [{"id": "safety"}]}\n`],
    ["report.md", mark],
    ["scores.arrow", new Uint8Array([1, 2, 3])],
    ["margins-safety.svg", "<svg/>"],
  ]);

async function* breaks(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array([1]);
  await Promise.resolve();
  throw new Error("the scores end here");
}

describe("writeRun", () => {
  test("makes a folder, with its parents, that holds exactly the files", async () => {
    const dir = join(root, "reports", "tiny");
    await writeRun(dir, files("a"));
    expect((await readdir(dir)).sort()).toEqual([...files("a").keys()].sort());
    expect(await readFile(join(dir, "report.md"), "utf8")).toBe("a");
    expect([...(await readFile(join(dir, "scores.arrow")))]).toEqual([1, 2, 3]);
    expect(await readdir(join(root, "reports"))).toEqual(["tiny"]);
  });

  test("replaces a run of ours whole, and an empty folder", async () => {
    const dir = join(root, "run");
    await mkdir(dir);
    await writeRun(dir, files("a"));
    const fewer = files("b");
    fewer.delete("margins-safety.svg");
    await writeRun(dir, fewer);
    expect((await readdir(dir)).sort()).toEqual([...fewer.keys()].sort());
    expect(await readFile(join(dir, "report.md"), "utf8")).toBe("b");
    expect(await readdir(root)).toEqual(["run"]);
  });

  test.each([
    ["a stranger's folder", { "notes.txt": "mine" }],
    ["a run with a file of the user", { "report.json": '{"schema": "rmbench/report@1"}', "notes.txt": "mine" }],
    ["a run with a page of the user", { "report.json": '{"schema": "rmbench/report@1"}', "report-notes.md": "mine" }],
    ["a run with scores of the user", { "report.json": '{"schema": "rmbench/report@1"}', "scores.csv": "mine" }],
    [
      "a run with a chart of the user",
      { "report.json": '{"schema": "rmbench/report@1", "suites": [{"id": "safety"}]}', "margins-mine.svg": "mine" },
    ],
    ["a report.json of something else", { "report.json": '{"schema": "other"}' }],
    ["a report.json that is no JSON", { "report.json": "{" }],
    ["scores without a report", { "scores.arrow": "x" }],
  ])("never replaces %s", async (_, content) => {
    const dir = join(root, "run");
    await mkdir(dir);
    for (const [name, text] of Object.entries(content)) await writeFile(join(dir, name), text);
    await expect(writeRun(dir, files("a"))).rejects.toMatchObject({ code: "usage" });
    await expect(checkRunFolder(dir)).rejects.toMatchObject({ code: "usage" });
    expect((await readdir(dir)).sort()).toEqual(Object.keys(content).sort());
    expect(await readdir(root)).toEqual(["run"]);
  });

  test("never replaces a file", async () => {
    await writeFile(join(root, "run"), "mine");
    await expect(writeRun(join(root, "run"), files("a"))).rejects.toMatchObject({ code: "usage" });
    expect(await readFile(join(root, "run"), "utf8")).toBe("mine");
  });

  test("leaves the old run and nothing half-written where writing fails", async () => {
    const dir = join(root, "run");
    await writeRun(dir, files("a"));
    const broken = new Map<string, string | AsyncGenerator<Uint8Array>>([
      ...([["report.md", "b"]] as [string, string][]),
      ["scores.arrow", breaks()],
    ]);
    await expect(writeRun(dir, broken)).rejects.toThrow("the scores end here");
    expect(await readFile(join(dir, "report.md"), "utf8")).toBe("a");
    await expect(writeRun(join(root, "new"), new Map([["scores.arrow", breaks()]]))).rejects.toMatchObject({
      code: "machine",
    });
    expect(await readdir(root)).toEqual(["run"]);
  });

  test("a run that was killed while it took another's place leaves the old one to readers and to the next run", async () => {
    const dir = join(root, "run");
    await writeRun(dir, await renderRunFiles(example()));
    // What SIGKILL between the two renames leaves: the old run under its hidden name, and the new one not in its place.
    await rename(dir, join(root, ".run.old"));
    expect((await openRun("run", root)).report.model.id).toBe("tiny");
    expect((await openRun("run", root)).folder).toBe(join(root, ".run.old"));
    await checkRunFolder(dir);
    expect(await readdir(root)).toEqual([".run.old"]);
    await writeRun(dir, files("b"));
    expect(await readdir(root)).toEqual(["run"]);

    // SIGKILL behind the second one: both are there.
    await mkdir(join(root, ".run.old"));
    await writeFile(join(root, ".run.old", "report.md"), "old");
    await writeRun(dir, files("c"));
    expect(await readdir(root)).toEqual(["run"]);
    expect(await readFile(join(dir, "report.md"), "utf8")).toBe("c");
  });

  test("a killed run's file of the user is not deleted either", async () => {
    await mkdir(join(root, ".run.old"));
    await writeFile(join(root, ".run.old", "notes.txt"), "mine");
    await expect(checkRunFolder(join(root, "run"))).rejects.toMatchObject({ code: "usage" });
    await expect(writeRun(join(root, "run"), files("a"))).rejects.toMatchObject({ code: "usage" });
    await writeRun(join(root, "other"), files("a"));
    await mkdir(join(root, ".other.old"));
    await writeFile(join(root, ".other.old", "notes.txt"), "mine");
    await expect(writeRun(join(root, "other"), files("b"))).rejects.toMatchObject({ code: "usage" });
    for (const old of [".run.old", ".other.old"])
      expect(await readFile(join(root, old, "notes.txt"), "utf8")).toBe("mine");
  });

  test("refuses a parent that is a file, with a hint", async () => {
    await writeFile(join(root, "file"), "");
    await expect(writeRun(join(root, "file", "run"), files("a"))).rejects.toMatchObject({ name: "RmbenchError" });
  });

  test("follows a link to a run instead of replacing the link", async () => {
    await writeRun(join(root, "real"), files("a"));
    await symlink(join(root, "real"), join(root, "latest"));
    await writeRun(join(root, "latest"), files("b"));
    expect(await readFile(join(root, "real", "report.md"), "utf8")).toBe("b");
    expect((await readdir(root)).sort()).toEqual(["latest", "real"]);
  });

  test("takes no file name that leads out of the folder or that a later run could not replace", async () => {
    for (const name of ["../report.json", "report/../../x", "notes.txt", "report.\\x", "scores.csv"]) {
      await expect(writeRun(join(root, "run"), new Map([[name, "x"]]))).rejects.toMatchObject({ code: "internal" });
    }
    expect(await readdir(root)).toEqual([]);
  });
});

describe("writeFileAside", () => {
  test("writes chunks, replaces a file, and leaves nothing where it fails", async () => {
    const path = join(root, "out", "x.scores.jsonl");
    await writeFileAside(path, ["a\n", "b\n"]);
    expect(await readFile(path, "utf8")).toBe("a\nb\n");
    await expect(writeFileAside(path, breaks())).rejects.toThrow("the scores end here");
    expect(await readFile(path, "utf8")).toBe("a\nb\n");
    expect(await readdir(join(root, "out"))).toEqual(["x.scores.jsonl"]);
  });

  test("goes through a link to the file, as pairs do", async () => {
    await writeFile(join(root, "real"), "before");
    await symlink(join(root, "real"), join(root, "link"));
    await writeFileAside(join(root, "link"), "after");
    expect(await readFile(join(root, "real"), "utf8")).toBe("after");
    await writePairs(
      join(root, "link"),
      (async function* () {
        yield [pair({ id: "a" })];
      })(),
      {},
    );
    expect((await readFile(join(root, "real"))).subarray(0, 6).toString()).toBe("ARROW1");
    expect((await readdir(root)).sort()).toEqual(["link", "real"]);
  });
});
