import { execFileSync } from "node:child_process";

/** The interpreter of the Python tier: `RMBENCH_PYTHON`, an environment with recipes/requirements.txt. */
export function python(args: readonly string[], cwd?: string): string {
  const interpreter = process.env["RMBENCH_PYTHON"] ?? "python3";
  return execFileSync(interpreter, args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1 << 28,
  });
}
