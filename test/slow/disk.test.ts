import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rmbench } from "../cli/rmbench.ts";
import { somePairs, writeSomePairs } from "../cli/pairs.ts";

let folder: string;
let disk: string;
const size = (bytes: string) => execFileSync("mount", ["-o", `remount,size=${bytes}`, disk]);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-disk-"));
  disk = join(folder, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=4300k", "tmpfs", disk]);
  await writeSomePairs(join(folder, "some.arrow"), somePairs(3000));
});
afterAll(async () => {
  execFileSync("umount", [disk]);
  await rm(folder, { recursive: true, force: true });
});

it("keeps what was scored where the disk runs full, and goes on when there is room", async () => {
  const args = ["run", "--model", "shortcut:longest", "--suite", "some.arrow", "--store", join(disk, "store")];
  const full = await rmbench([...args, "--out", "resumed"], folder);
  expect([full.code, full.stderr]).toEqual([3, expect.stringContaining("Make room on the disk")]);
  size("50m");
  const resumed = await rmbench([...args, "--out", "resumed"], folder);
  expect(resumed.code, resumed.stderr).toBe(0);
  const fresh = await rmbench([...args.slice(0, -1), "none", "--out", "fresh"], folder);
  expect(fresh.code, fresh.stderr).toBe(0);
  const scores = (run: string) => readFileSync(join(folder, run, "scores.arrow"));
  expect(scores("resumed").equals(scores("fresh"))).toBe(true);
  const { execution } = JSON.parse(readFileSync(join(folder, "resumed/report.json"), "utf8")) as {
    execution: { store: { hits: number } };
  };
  expect(execution.store.hits).toBeGreaterThan(500);
});

it("leaves no half-written run where the disk of the report is full", async () => {
  size("1200k");
  const { code, stderr } = await rmbench(
    ["run", "--model", "shortcut:longest", "--suite", "some.arrow", "--store", "none", "--out", join(disk, "run")],
    folder,
  );
  expect([code, stderr]).toEqual([3, expect.stringMatching(/cannot write .*free some space/s)]);
  expect(execFileSync("ls", ["-A", disk], { encoding: "utf8" }).trim()).toBe("store");
});
