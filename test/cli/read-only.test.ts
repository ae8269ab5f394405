import { spawnSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";
import { rmbench } from "./rmbench.ts";

const isRoot = process.getuid?.() === 0;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-read-only-"));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(10));
  await rmbench(["run", "--model", "shortcut:longest", "--suite", "some.arrow", "--out", "run"], folder);
  chmodSync(folder, 0o555);
  for (const name of [".rmbench", ".rmbench/store"]) chmodSync(join(folder, name), 0o555);
  for (const name of ["data.mdb", "format"]) chmodSync(join(folder, ".rmbench/store", name), 0o444);
});
afterAll(async () => {
  for (const name of ["", ".rmbench", ".rmbench/store"]) chmodSync(join(folder, name), 0o755);
  await rm(folder, { recursive: true, force: true });
});

/** As somebody who is not root, to whom permissions mean nothing. */
function asUser(args: readonly string[]) {
  const command = [process.execPath, join(root, "bin/rmbench.js"), ...args];
  const user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const [file = "", ...rest] = isRoot ? [...user, ...command] : command;
  return spawnSync(file, rest, { cwd: folder, encoding: "utf8" });
}

describe.runIf(!isRoot || existsSync("/usr/bin/setpriv"))("in a folder that one may only read", () => {
  it.each([[[]], [["--out", "new/run"]], [["--out", "run"]]])("a run is refused before it scores: %j", (more) => {
    const run = ["run", "--model", "shortcut:longest", "--suite", "some.arrow", "--store", "none"];
    const { status, stderr } = asUser([...run, "--progress", "json", ...more]);
    expect([status, stderr]).toEqual([2, expect.stringContaining("choose a folder that you may write to")]);
    expect(stderr).not.toContain('"type"');
  });

  it("the store still says what is in it", () => {
    const { status, stdout, stderr } = asUser(["store", "info", "--json"]);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      path: join(folder, ".rmbench/store"),
      models: [{ model: "shortcut:longest", scores: 20 }],
    });
    expect(asUser(["store", "prune", "--older-than", "0", "--yes"]).status).toBe(2);
  });
});
