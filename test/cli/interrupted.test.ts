import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { reportSchema, type Report } from "../../src/report/schema.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";
import { rmbench, start } from "./rmbench.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-interrupted-"));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(60));
  // Answers at once, but for the fourth batch of a process: that one says that it runs, and takes half a minute.
  writeFileSync(
    join(folder, "stuck-rm.mjs"),
    `import { appendFileSync } from "node:fs";
     let batches = 0;
     export default { name: "stuck-rm", asks: ["pointwise"], score: async (all) => {
       if (++batches === 4 && process.env.STUCK) {
         appendFileSync(process.env.STUCK, "begun\\n");
         await new Promise((done) => setTimeout(done, 30_000));
         appendFileSync(process.env.STUCK, "done\\n");
       }
       return all.map(({ response }) => response.length);
     } };`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const saved = (run: string): Report =>
  reportSchema.parse(JSON.parse(readFileSync(join(folder, run, "report.json"), "utf8")));
const stuck = (...more: string[]) => [
  "run",
  "--model",
  "./stuck-rm.mjs",
  "--suite",
  "some.arrow",
  "--batch-size",
  "10",
  "--progress",
  "json",
  ...more,
];

/** Sends Ctrl-C, once, when the fourth batch runs. */
async function interrupt(args: string[], cwd: string) {
  const log = join(cwd, "stuck.log");
  const { child, finished } = start(args, cwd, { STUCK: log });
  const watch = setInterval(() => {
    if (!existsSync(log)) return;
    clearInterval(watch);
    child.kill("SIGINT");
  }, 20);
  const ended = await finished;
  clearInterval(watch);
  return { ...ended, log: readFileSync(log, "utf8") };
}

describe("Ctrl-C", () => {
  it("ends with 130 before a running batch returns, keeps what was scored and says how to go on", async () => {
    const args = stuck("--store", "slow", "--out", "slow-run");
    const { code, stderr, log } = await interrupt(args, folder);
    expect([code, stderr]).toEqual([130, expect.stringContaining("the same command goes on")]);
    expect(log).toBe("begun\n");
    expect(existsSync(join(folder, "slow-run"))).toBe(false);
    const resumed = await rmbench(args, folder);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(saved("slow-run").execution.store.hits).toBeGreaterThanOrEqual(30);
  });

  it("does not promise what no store keeps, and leaves no empty folder", async () => {
    const own = await mkdtemp(join(folder, "own-"));
    const args = stuck("--store", "none").map((word) => (/^(\.\/stuck|some)/.test(word) ? join(folder, word) : word));
    const { code, stderr } = await interrupt(args, own);
    expect([code, stderr]).toEqual([130, expect.stringContaining("begins anew")]);
    expect(stderr).not.toContain("lost");
    expect(await readdir(join(own, "reports"))).toEqual([]);
  });
});

describe("a closed pipe", () => {
  it("on stderr ends the progress, not the run", async () => {
    const { child, finished } = start(
      ["run", "--model", "shortcut:longest", "--suite", "some.arrow", "--batch-size", "1", "--progress", "json"].concat(
        "--out",
        "unwatched",
      ),
      folder,
    );
    child.stderr!.once("data", () => child.stderr!.destroy());
    const { code, stdout } = await finished;
    expect([code, stdout]).toEqual([0, expect.stringContaining("unwatched")]);
    expect(saved("unwatched").complete).toBe(true);
  });

  it("on stdout is silent", () => {
    const command = `"${process.execPath}" "${join(root, "bin/rmbench.js")}" run --help | head -1; exit \${PIPESTATUS[0]}`;
    const { status, stderr } = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("on stdout keeps the exit code of an incomplete run", async () => {
    writeFileSync(
      join(folder, "nan-rm.mjs"),
      `export default { name: "nan-rm", asks: ["pointwise"], score: (all) => all.map(() => NaN) };`,
    );
    const { child, finished } = start(
      ["run", "--model", "./nan-rm.mjs", "--suite", "some.arrow", "--json", "--out", "unread"],
      folder,
    );
    child.stdout!.destroy();
    expect((await finished).code).toBe(3);
    expect(saved("unread").complete).toBe(false);
  });
});

describe("several models", () => {
  const models = (second: string, out: string) =>
    rmbench(
      ["run", "--model", "shortcut:longest", "--model", second, "--suite", "some.arrow", "--store", out, "--out", out],
      folder,
    );

  it("are all looked at before the first is scored", async () => {
    const { code, stderr } = await models("onnx:./missing", "missing-second");
    expect([code, stderr]).toEqual([2, expect.stringContaining("missing")]);
    expect(existsSync(join(folder, "missing-second"))).toBe(false);
  });

  it("that break off end with 3, and name the runs that were finished", async () => {
    writeFileSync(join(folder, "half.jsonl"), JSON.stringify({ id: "pair-1", chosen_score: 1, rejected_score: 0 }));
    const { code, stderr } = await models("scores:half.jsonl", "second-fails");
    expect([code, stderr]).toEqual([3, expect.stringContaining("118 of 120 texts have no score")]);
    expect(stderr).toContain(`finished: ${join(folder, "second-fails/shortcut-longest")}`);
    expect(saved("second-fails/shortcut-longest").complete).toBe(true);
  });
});
