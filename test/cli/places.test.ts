import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runHere } from "./in-process.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";
import { rmbench } from "./rmbench.ts";

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A folder with ten pairs, for one test. */
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rmbench-places-"));
  folders.push(folder);
  await writeSomePairs(join(folder, "some.arrow"), somePairs(10));
  return folder;
}

const scored = (folder: string) =>
  runHere(["run", "--model", "shortcut:longest", "--suite", "some.arrow", "--out", "run"], folder);
const configure = (folder: string, text: string) => writeFileSync(join(folder, "rmbench.config.yaml"), text);

describe("rmbench store", () => {
  it("looks where the configuration file says, and the flag wins", async () => {
    const folder = await newFolder();
    configure(folder, "store: kept/here\n");
    expect((await scored(folder)).code).toBe(0);
    const info = await runHere(["store", "info", "--json"], folder);
    expect(JSON.parse(info.stdout)).toMatchObject({
      path: join(folder, "kept/here"),
      models: [{ model: "shortcut:longest", scores: 20 }],
    });
    const prune = await runHere(["store", "prune", "--older-than", "0", "--yes"], folder);
    expect(prune.stdout).toContain("deleted 20 scores of shortcut:longest");
    const flag = await runHere(["store", "info", "--store", "elsewhere"], folder);
    expect([flag.code, flag.stderr]).toEqual([2, expect.stringContaining(join(folder, "elsewhere"))]);
    expect(await readdir(folder)).not.toContain("elsewhere");
  });

  it("says so where the configuration keeps no scores", async () => {
    const folder = await newFolder();
    configure(folder, "store: none\n");
    const info = await runHere(["store", "info"], folder);
    expect([info.code, info.stderr]).toEqual([2, expect.stringContaining("store: none")]);
  });
});

interface Doctor {
  machine: { store: Place & { scores: number }; hub: Place };
}
interface Place {
  folder: string;
  exists: boolean;
  bytes: number;
  freeBytes: number;
  problem: string | null;
}

// Each measures the speed of its model for seconds.
describe.concurrent("rmbench doctor", () => {
  const doctor = (folder: string, ...more: string[]) =>
    rmbench(["doctor", "shortcut:longest", ...more], folder, { HF_HUB_CACHE: join(folder, "hub") });

  it("shows the store and the hub cache: their state, their size and the room on their disks", async () => {
    const folder = await newFolder();
    const before = await doctor(folder);
    expect(before.code, before.stderr).toBe(0);
    expect(before.stdout).toMatch(/^store +.*\.rmbench\/store: not there yet, .* GiB free on its disk$/m);
    expect(before.stdout).toMatch(/^hub cache .*\/hub: not there yet, /m);
    expect(await readdir(folder)).not.toContain(".rmbench");

    await scored(folder);
    mkdirSync(join(folder, "hub/models--a--b/blobs"), { recursive: true });
    writeFileSync(join(folder, "hub/models--a--b/blobs/x"), "x".repeat(3000));
    const { machine } = JSON.parse((await doctor(folder, "--json")).stdout) as Doctor;
    expect(machine).toMatchObject({
      store: { folder: join(folder, ".rmbench/store"), exists: true, scores: 20, problem: null },
      hub: { bytes: 3000 },
    });
    expect(machine.store.bytes).toBeGreaterThan(0);
  });

  it("fails where the store cannot be used", async () => {
    const folder = await newFolder();
    await scored(folder);
    writeFileSync(join(folder, ".rmbench/store/data.mdb"), "x".repeat(50_000));
    const { code, stdout } = await doctor(folder);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/store .*PROBLEM: .*damaged/)]);
  });

  it("says that a file of scores is no model", async () => {
    const folder = await newFolder();
    const { code, stderr } = await rmbench(["doctor", "scores:some.jsonl"], folder);
    expect([code, stderr]).toEqual([2, expect.stringContaining("file of scores")]);
  });

  it("shows what a model warns of without its control characters", async () => {
    const folder = await newFolder();
    writeFileSync(
      join(folder, "loud-rm.mjs"),
      `console.log("\\u001b[2Jloud\\u202e"); export default { name: "loud-rm", asks: ["pointwise"], score: (all) => all.map(() => 1) };`,
    );
    const { stderr, stdout } = await rmbench(["doctor", "./loud-rm.mjs"], folder);
    expect(stderr + stdout).toContain("loud");
    expect(stderr + stdout).not.toMatch(/[\u001b\u202e]/);
  });
});
