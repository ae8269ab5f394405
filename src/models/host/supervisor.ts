/**
 * Entry of the process that stands between rmbench and a command, in a process group of its own: the command reads and
 * writes the pipes of this process itself, and dies with rmbench though it ignores the end of its input. A group of its
 * own also keeps Ctrl-C of the terminal from it; when it ends is rmbench's decision.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** What rmbench is told over IPC where the command cannot be started. */
export interface CannotStart {
  message: string;
}

const [command = "", ...args] = process.argv.slice(2);
const worker = spawn(command, args, { stdio: "inherit", windowsHide: true });

process.on("disconnect", () => {
  // 0 is this process's group. Windows has none; there a process ends with the one that started it.
  process.kill(process.platform === "win32" ? process.pid : 0, "SIGKILL");
});
worker.on("error", ({ message }) => {
  process.send?.({ message } satisfies CannotStart, undefined, undefined, () => process.exit(127));
});
worker.on("exit", (code, killedBy) => {
  if (killedBy === null) return process.exit(code ?? 1);
  // Ends as the command did. Where Node catches the signal, with the code that shells give for it.
  process.kill(process.pid, killedBy);
  setTimeout(() => process.exit(128 + constants.signals[killedBy]), 200);
});
