import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../recipes/architecture.ts";

export interface Finished {
  /** Exit code, or null where a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  finished: Promise<Finished>;
}

/** The command line as users run it: `bin/rmbench.js` on the built `dist/`, in a folder of its own. */
export function start(args: readonly string[], cwd: string, env: Record<string, string> = {}): Running {
  const bin = join(root, "bin/rmbench.js");
  if (!existsSync(join(root, "dist/cli/main.js"))) throw new Error("dist/ is missing: npm run build");
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, finished };
}

export function rmbench(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Finished> {
  return start(args, cwd, env).finished;
}
