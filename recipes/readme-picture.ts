/** Draws docs/run.svg, the README's picture, from a real run's report: `npm run picture`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseReport } from "../src/report/json.ts";
import { renderTerminal } from "../src/report/terminal.ts";
import { terminalSvg } from "../src/report/terminal-svg.ts";
import { root } from "./architecture.ts";

const folder = mkdtempSync(join(tmpdir(), "rmbench-picture-"));
try {
  const run = join(folder, "run");
  const args = ["run", "--store", "none", "--progress", "none", "--out", run];
  execFileSync(process.execPath, [join(root, "bin/rmbench.js"), ...args], { cwd: folder });
  const report = parseReport(readFileSync(join(run, "report.json"), "utf8"), "report.json");
  const text = renderTerminal([report], { width: 80, color: false, unicode: true });
  writeFileSync(join(root, "docs/run.svg"), terminalSvg(`$ npx rmbench run\n${text}`));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
