import { Worker } from "node:worker_threads";

/** A thread of its own sees the parent's end though a native call holds the main thread. On Windows `ppid` stays. */
const watch = `
const { workerData: parent } = require("node:worker_threads");
const gone = () => {
  try {
    return process.ppid !== parent || !process.kill(parent, 0);
  } catch (error) {
    return error.code === "ESRCH";
  }
};
setInterval(() => gone() && process.kill(process.pid, "SIGKILL"), 500);
`;

/** Ends this process within a second of its parent's end, whatever it is doing. */
export function dieWithParent(): void {
  const worker = new Worker(watch, { eval: true, workerData: process.ppid, execArgv: [] });
  worker.unref();
  // Where memory does not suffice for a thread, "disconnect" still ends the process at the next turn of its loop.
  worker.on("error", () => {});
}
