/** Start-up of the built command beside Node's own: medians of interleaved runs. `npm run perf -- startup` */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "./median.ts";

const bin = fileURLToPath(new URL("../bin/rmbench.js", import.meta.url));
const commands: Readonly<Record<string, readonly string[]>> = {
  "node -e 0": ["-e", "0"],
  "rmbench --help": [bin, "--help"],
  "rmbench list": [bin, "list"],
};
const rounds = 21;
const seconds = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
for (let round = 0; round < rounds; round++) {
  for (const [name, argv] of Object.entries(commands)) {
    const start = performance.now();
    const { status } = spawnSync(process.execPath, argv);
    if (status !== 0) throw new Error(`${name} failed`);
    seconds.get(name)!.push((performance.now() - start) / 1000);
  }
}
const bare = median(seconds.get("node -e 0")!);
for (const [name, all] of seconds) {
  process.stdout.write(`${name}: ${median(all).toFixed(3)} s, ${(median(all) / bare).toFixed(2)} times node -e 0\n`);
}
