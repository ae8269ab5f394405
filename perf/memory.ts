/**
 * Peak memory of import, validate and a replayed run at 100,000 and at a million pairs of 2 KB, by `/usr/bin/time -v`:
 * `npm run perf -- memory [--pairs 1000000]`. Needs some 5 GB of disk in the temporary folder.
 */
import { spawnSync } from "node:child_process";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values: args } = parseArgs({ options: { pairs: { type: "string", default: "1000000" } } });
const words = "river stone bridge winter market lantern garden engine letter harbour quiet seven copper morning".split(
  " ",
);
const bin = fileURLToPath(new URL("../bin/rmbench.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "rmbench-memory-"));
try {
  const most = Number(args.pairs);
  const small = await peaks(most / 10);
  const large = await peaks(most);
  process.stdout.write(
    `| command | MB at ${most / 10} pairs | at ${most} | more |\n| --- | ---: | ---: | ---: |\n${[...large]
      .map(([name, mb]) => `| ${name} | ${small.get(name)} | ${mb} | ${mb - small.get(name)!} |\n`)
      .join("")}`,
  );
} finally {
  rmSync(folder, { recursive: true });
}

async function peaks(pairs: number): Promise<Map<string, number>> {
  const [source, scores, arrow] = ["own.jsonl", "scores.jsonl", "own.arrow"].map((name) => join(folder, name));
  await pipeline(Readable.from(lines(pairs, pairLine)), createWriteStream(source!));
  await pipeline(Readable.from(lines(pairs, scoreLines)), createWriteStream(scores!));
  rmSync(arrow!, { force: true });
  const measured = new Map([
    ["data import", peak(["data", "import", source!, "-o", arrow!])],
    ["data validate", peak(["data", "validate", arrow!])],
    ["run (replayed)", peak(["run", "--model", `scores:${scores!}`, "--suite", arrow!, "--out", join(folder, "run")])],
  ]);
  return measured;
}

/** Peak resident memory of one command, in MB (10⁶ bytes). */
function peak(argv: readonly string[]): number {
  const command = ["-v", process.execPath, bin, ...argv];
  const { stderr, status } = spawnSync("/usr/bin/time", command, { encoding: "utf8", maxBuffer: 2 ** 28 });
  const [, kilobytes] = /Maximum resident set size \(kbytes\): (\d+)/.exec(stderr) ?? [];
  if (status !== 0 || kilobytes === undefined) throw new Error(`${argv.join(" ")} ended with ${status}: ${stderr}`);
  return Math.round((Number(kilobytes) * 1024) / 1e6);
}

function* lines(pairs: number, line: (i: number) => string): Generator<string> {
  for (let i = 0; i < pairs; i += 1000) {
    yield Array.from({ length: Math.min(1000, pairs - i) }, (_, k) => line(i + k)).join("");
  }
}

/** Some 2 KB of text that differs from pair to pair. */
function text(seed: number, length: number): string {
  return Array.from({ length }, (_, i) => words[(seed * (i + 7) + i * i) % words.length]).join(" ");
}

function pairLine(i: number): string {
  const pair = { id: `${i}`, subset: `s${i % 7}`, prompt: `${i} ${text(i, 60)}` };
  return `${JSON.stringify({ ...pair, chosen: text(i + 1, 120), rejected: text(i + 2, 110) })}\n`;
}

function scoreLines(i: number): string {
  const key = { suite: "own", subset: `s${i % 7}`, id: `${i}` };
  const line = (side: string, reward: number) => `${JSON.stringify({ ...key, side, index: 0, reward })}\n`;
  return line("chosen", Math.sin(i) + 0.3) + line("rejected", Math.cos(3 * i));
}
