/** Makes reports/example, a run's folder to look at: `npm run example`. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./architecture.ts";

export const exampleFolder = join(root, "reports/example");

/** What keeps the example small enough to clone: two suites show every kind of number, and the score table stays out. */
const suites = ["consistency", "safety"];
const leftOut = "scores.arrow";

/** Runs the embedded model, outside of any repository so that no commit is named. @returns text by file name. */
export function makeExample(): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "rmbench-example-"));
  try {
    const settings = ["--device", "cpu", "--store", "none", "--progress", "none", "--out", "example"];
    const args = ["run", ...suites.flatMap((suite) => ["--suite", suite]), ...settings];
    const env = Object.entries(process.env).filter(([name]) => !name.startsWith("RMBENCH_"));
    execFileSync(process.execPath, [join(root, "bin/rmbench.js"), ...args], {
      cwd: folder,
      env: { ...Object.fromEntries(env), GIT_CEILING_DIRECTORIES: tmpdir() },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const run = join(folder, "example");
    const names = readdirSync(run).filter((name) => name !== leftOut);
    return new Map(names.sort().map((name) => [name, readFileSync(join(run, name), "utf8")]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = makeExample();
  rmSync(exampleFolder, { recursive: true, force: true });
  mkdirSync(exampleFolder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(exampleFolder, name), text);
}
