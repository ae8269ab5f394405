import { PassThrough, Readable } from "node:stream";
import type { CliContext } from "../../src/cli/context.ts";
import { runCli } from "../../src/cli/program.ts";

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** The command line from its sources, in this process; `cwd` and `env` are all that it sees of the outside. */
export async function runHere(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  const stream = (to: Buffer[]): PassThrough => new PassThrough().on("data", (chunk: Buffer) => to.push(chunk));
  const context: CliContext = {
    stdin: Readable.from([]),
    stdout: stream(chunks.stdout),
    stderr: stream(chunks.stderr),
    cwd,
    env,
    argv,
    signal: new AbortController().signal,
    exitCode: { value: 0 },
  };
  await runCli(context);
  const text = (of: Buffer[]) => Buffer.concat(of).toString();
  return { code: context.exitCode.value, stdout: text(chunks.stdout), stderr: text(chunks.stderr) };
}
