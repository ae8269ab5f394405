import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { somePairs, writeSomePairs } from "../cli/pairs.ts";
import { start } from "../cli/rmbench.ts";
import { temporaryFolder } from "../models/support.ts";

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each([
  ["waits", "await new Promise(() => {});"],
  ["runs code that never returns", "for (;;);"],
  ["is in a native call that never returns", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);"],
])("the model's process ends with a killed rmbench while it %s", async (_, body) => {
  const folder = temporaryFolder();
  await writeSomePairs(join(folder, "some.arrow"), somePairs(4));
  writeFileSync(
    join(folder, "rm.mjs"),
    `export default { name: "endless", asks: ["pointwise"], score: async () => {
       process.stdout.write("pid " + process.pid + "\\n", () => setTimeout(async () => { ${body} }, 50));
       return new Promise(() => {});
     } };`,
  );
  const { child, finished } = start(["run", "--model", "./rm.mjs", "--suite", "some.arrow"], folder);
  const pid = await new Promise<number>((resolve, reject) => {
    let text = "";
    child.stderr?.on("data", (more: string) => {
      const found = /pid (\d+)/.exec((text += more));
      if (found !== null) resolve(Number(found[1]));
    });
    void finished.then(({ stderr }) => reject(new Error(stderr)));
  });
  onTestFinished(() => void (alive(pid) && process.kill(pid, "SIGKILL")));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(alive(pid)).toBe(true);
  child.kill("SIGKILL");
  expect((await finished).signal).toBe("SIGKILL");
  await expect.poll(() => alive(pid), { timeout: 20_000, interval: 50 }).toBe(false);
});
