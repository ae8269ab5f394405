import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { Host } from "../../../src/models/host/parent.ts";
import { stdio } from "../../../src/models/host/stdio-channel.ts";
import { temporaryFolder } from "../support.ts";

/** What a worker of a test does beside the least: JavaScript, with `say(message)` and the message `m` at hand. */
export interface Behaviour {
  /** At the start. */
  start?: string;
  /** At `hello`, instead of saying `ready`. */
  hello?: string;
  /** Before the answer to `score`; `return` leaves it out. */
  score?: string;
  shutdown?: string;
}

/** A worker as a real program: answers the length of each response. */
export function workerFile({ start = "", hello, score = "", shutdown = "process.exit(0);" }: Behaviour): string {
  const file = join(temporaryFolder(), "worker.mjs");
  const ready = `say({ type: "ready", version: 1, name: "w", asks: ["pointwise"] });`;
  writeFileSync(
    file,
    `import { createInterface } from "node:readline";
     import { spawn } from "node:child_process";
     import { appendFileSync, existsSync, writeFileSync } from "node:fs";
     const say = (message) => process.stdout.write(JSON.stringify(message) + "\\n");
     const later = (ms) => new Promise((done) => setTimeout(done, ms));
     ${start}
     const on = {
       hello: async (m) => { ${hello ?? ready} },
       score: async (m) => {
         ${score}
         say({ type: "scores", id: m.id, scores: m.items.map(({ response }) => ({ value: response.length })) });
       },
       shutdown: async () => { ${shutdown} },
     };
     for await (const line of createInterface({ input: process.stdin })) {
       const m = JSON.parse(line);
       await on[m.type](m);
     }`,
  );
  return file;
}

/** Whether a process runs; one that ended and was not waited for does not. */
export function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export const never = new AbortController().signal;
export const [four, seven] = [{ response: "four" }, { response: "seventy" }];
export const ok = (value: number) => ({ status: "ok", value });

/** A session with the worker of a file. */
export function start(file: string, timeout: number | null = null, config = {}, onLine?: (line: string) => void) {
  const node = { command: process.execPath, args: [file], cwd: dirname(file), env: process.env };
  const options = { name: "w", timeout, ...(onLine && { onLine }) };
  return Host.open(stdio({ ...node, config, purpose: "score" }), options, never);
}

export const open = (behaviour: Behaviour, timeout: number | null = null) => start(workerFile(behaviour), timeout);

export const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );
