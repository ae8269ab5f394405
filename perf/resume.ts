/**
 * A second, identical run against the first, as whole commands: `npm run perf -- resume --model <spec> --suite <suite>
 * [--rounds 5]`. `scoring` is the time from the first pair of a suite to its last score, from `--progress json`.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./median.ts";

const { values: args } = parseArgs({
  options: { model: { type: "string" }, suite: { type: "string" }, rounds: { type: "string", default: "5" } },
});
if (args.model === undefined || args.suite === undefined) throw new Error("--model and --suite are needed");

const bin = fileURLToPath(new URL("../bin/rmbench.js", import.meta.url));
const seen = { first: [] as Timed[], second: [] as Timed[] };
for (let round = 0; round < Number(args.rounds); round++) {
  const folder = mkdtempSync(join(tmpdir(), "rmbench-perf-"));
  seen.first.push(await timed(folder));
  seen.second.push(await timed(folder));
  rmSync(folder, { recursive: true });
}
for (const [name, runs] of Object.entries(seen)) {
  const [command, scoring] = [median(runs.map((run) => run.command)), median(runs.map((run) => run.scoring))];
  process.stdout.write(`${name} run: ${command.toFixed(2)} s, of which scoring ${scoring.toFixed(3)} s\n`);
}
const ratio = (key: keyof Timed) => median(seen.first.map((run, i) => run[key] / seen.second[i]![key]));
process.stdout.write(
  `the second is ${ratio("command").toFixed(1)} times faster, its scoring ${ratio("scoring").toFixed(0)} times\n`,
);

interface Timed {
  /** Seconds of the whole command. */
  command: number;
  /** Seconds from the first window of pairs to the last score. */
  scoring: number;
}

async function timed(folder: string): Promise<Timed> {
  const argv = ["run", "--model", args.model!, "--suite", args.suite!, "--truncate", "response-right"];
  const where = ["--store", join(folder, "store"), "--out", join(folder, "run"), "--progress", "json", "--json"];
  const start = performance.now();
  const child = spawn(process.execPath, [bin, ...argv, ...where], { stdio: ["ignore", "ignore", "pipe"] });
  let [scoring, suite, last] = [0, 0, 0];
  for await (const line of createInterface({ input: child.stderr })) {
    if (!line.startsWith("{")) continue;
    const { type } = JSON.parse(line) as { type: string };
    last = performance.now();
    if (type === "pairs" && suite === 0) suite = last;
    if (type === "batch" || type === "window") scoring = last - suite;
  }
  const code = child.exitCode ?? (await new Promise((resolve) => child.once("exit", resolve)));
  if (code !== 0) throw new Error(`rmbench run ended with ${String(code)}`);
  return { command: (performance.now() - start) / 1000, scoring: scoring / 1000 };
}
