import { Interrupted, type CliContext } from "./context.ts";
import { runCli } from "./program.ts";

const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // The second time the user means it: everything acknowledged is on disk already.
    if (abort.signal.aborted) process.exit(signal === "SIGINT" ? 130 : 143);
    abort.abort(new Interrupted(signal));
  });
}
const isClosedPipe = (error: NodeJS.ErrnoException) => error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED";
// A closed pipe (`rmbench … | head`) is the reader's way to say enough.
process.stdout.on("error", (error) => {
  if (isClosedPipe(error)) process.exit(context.exitCode.value);
  throw error;
});
// Nobody has to watch: without its progress, the work goes on.
process.stderr.on("error", (error) => {
  if (!isClosedPipe(error)) throw error;
});

const context: CliContext = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  cwd: process.cwd(),
  env: process.env,
  argv: process.argv.slice(2),
  signal: abort.signal,
  exitCode: { value: 0 },
};
await runCli(context);
process.exitCode = context.exitCode.value;
