import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { somePairs, writeSomePairs } from "../cli/pairs.ts";
import { rmbench, start } from "../cli/rmbench.ts";
import { alive, workerFile } from "../models/host/worker.ts";

/** A folder with a worker and some pairs. */
async function folderWith(behaviour: Parameters<typeof workerFile>[0], pairs: number): Promise<string> {
  const folder = dirname(workerFile(behaviour));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(pairs));
  return folder;
}

const run = ["run", "--model", "process:node worker.mjs", "--suite", "some.arrow"];

async function pidsIn(file: string): Promise<number[]> {
  await expect.poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: 30_000 }).toBeTruthy();
  const pids = readFileSync(file, "utf8").split(" ").map(Number);
  onTestFinished(() => {
    for (const pid of pids) if (alive(pid)) process.kill(pid, "SIGKILL");
  });
  return pids;
}

/** Writes its pid and that of a process that it started, and never answers, whatever it is told. */
const stubborn = `
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) process.on(signal, () => writeFileSync(signal, "received"));
  setInterval(() => {}, 1000);`;
const endless = `
  const { pid } = spawn("sleep", ["600"], { stdio: "inherit" });
  writeFileSync("pids", process.pid + " " + pid);
  return;`;

describe("a worker that ignores signals and the end of its input", () => {
  test("dies with a killed rmbench, and so does what it started", async () => {
    const folder = await folderWith({ start: stubborn, score: endless }, 4);
    const { child, finished } = start(run, folder);
    const pids = await pidsIn(join(folder, "pids"));
    expect(pids.map(alive)).toEqual([true, true]);
    child.kill("SIGKILL");
    expect((await finished).signal).toBe("SIGKILL");
    await expect.poll(() => pids.map(alive), { timeout: 20_000 }).toEqual([false, false]);
  });

  test("is not reached by Ctrl-C of the terminal; rmbench ends it", async () => {
    const folder = await folderWith({ start: stubborn, score: endless }, 4);
    // The terminal sends the signal to the whole group.
    const group = spawn(process.execPath, [join(root, "bin/rmbench.js"), ...run], {
      cwd: folder,
      stdio: "ignore",
      detached: true,
    });
    const ended = new Promise((resolve) => group.once("exit", resolve));
    const pids = await pidsIn(join(folder, "pids"));
    process.kill(-group.pid!, "SIGINT");
    expect(await ended).toBe(130);
    await expect.poll(() => pids.map(alive), { timeout: 20_000 }).toEqual([false, false]);
    expect(["SIGTERM", "SIGHUP", "SIGINT"].filter((signal) => existsSync(join(folder, signal)))).toEqual([]);
  });
});

describe("a run that was killed in the middle", () => {
  let folder: string;
  beforeAll(async () => {
    // A tally of every text that was asked about.
    folder = await folderWith(
      { score: `appendFileSync(process.env.TALLY, "x".repeat(m.items.length)); await later(60);` },
      40,
    );
  });
  const tally = (name: string) => join(folder, `tally-${name}`);
  const count = (name: string) => readFileSync(tally(name), "utf8").length;
  const args = (name: string) => [
    ...run,
    ...["--batch-size", "4", "--store", `store-${name}`, "--out", `run-${name}`, "--progress", "none"],
  ];
  const scoring = (name: string) => [args(name), folder, { TALLY: tally(name) }] as const;

  test("goes on with the same command, asks nothing twice but what was in flight, and ends in the same bytes", async () => {
    for (const name of ["whole", "cut"]) writeFileSync(tally(name), "");
    expect(await rmbench(...scoring("whole"))).toMatchObject({ code: 0 });
    const { child, finished } = start(...scoring("cut"));
    await expect.poll(() => count("cut"), { timeout: 30_000, interval: 10 }).toBeGreaterThan(24);
    child.kill("SIGKILL");
    expect((await finished).signal).toBe("SIGKILL");
    expect(count("cut")).toBeLessThan(count("whole"));
    expect(await rmbench(...scoring("cut"))).toMatchObject({ code: 0 });
    // Two batches of four may have been in flight, and one whose scores were not yet in the store.
    expect(count("cut")).toBeLessThanOrEqual(count("whole") + 12);
    const bytes = (name: string) => readFileSync(join(folder, `run-${name}`, "scores.arrow"));
    expect(bytes("cut").equals(bytes("whole"))).toBe(true);
  });
});

test("a worker that dies at one text costs that text alone", async () => {
  const deadly = `if (m.items.some(({ response }) => response.includes("deadly"))) { console.error("doom"); process.exit(9); }`;
  const folder = await folderWith({ score: deadly }, 6);
  const pairs = somePairs(6);
  await writeSomePairs(
    join(folder, "some.arrow"),
    pairs.map((pair, i) => (i === 2 ? { ...pair, chosen: ["deadly"] } : pair)),
  );
  const { code, stderr } = await rmbench([...run, "--progress", "none"], folder);
  expect(code).toBe(3);
  expect(stderr).toMatch(/1 text without a score, first .*died \(exit code 9\); it last printed:\\ndoom/);
});

test("a worker that hangs in the middle is started again once, and then ends the run", async () => {
  const hang = `if (existsSync("begun")) return; writeFileSync("begun", "");`;
  const folder = await folderWith({ score: hang }, 6);
  const { code, stderr } = await rmbench([...run, "--batch-size", "4", "--timeout", "8", "--progress", "none"], folder);
  expect(code).toBe(3);
  expect(stderr).toMatch(/the process of .* said nothing for 8 s, nor did it after it was started again/);
  expect(stderr).toContain("--timeout <seconds>");
});
