/**
 * The wire between rmbench and a model's process. `Host` (parent.ts) decides when a process starts, is given up or
 * killed; a channel only starts one and carries messages:
 *
 * - `ipc(request, env)`: our own child.ts, over Node's IPC with structured clones (`onnx`, `module`);
 * - `stdio({ command, … })`: any command, over lines of JSON as in docs/process-protocol.md (`process`, and every
 *   adapter that ships a worker in another language).
 *
 * An adapter with a worker of its own opens it like this; items are whatever its worker reads, and a worker that
 * announces itself wrongly, or prints something else, is refused with the line that it printed:
 *
 * ```ts
 * const worker = stdio({ command: "python3", args: [path], cwd, env, config: { model: dir }, purpose: "score" });
 * const host = await Host.open(worker, { name: id, onLine: printer(name, warn), timeout: 300 }, signal);
 * host.opened; // what `ready` said: Ready of wire.ts
 * const scores = await host.run([{ ids: [1, 2, 3] }], signal); // a Score for each item
 * await host[Symbol.asyncDispose]();
 * ```
 */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import type { Score } from "../reward-model.ts";

/** What a process says, whatever the wire. */
export type Said<Opened> =
  | { type: "opened"; opened: Opened }
  | { type: "heartbeat" }
  | { type: "scores"; id: number; scores: Score[] }
  | { type: "out-of-memory"; id: number; message: string }
  | Refused;

/**
 * Opening (`id` null), everything that is pending (`id` null, after opening) or one batch failed for a reason that a
 * person can act on.
 */
export interface Refused {
  type: "refused";
  id: number | null;
  code: "model" | "machine" | "internal";
  message: string;
  hint: string | undefined;
}

export interface Channel {
  /** The process whose end is the end of the channel. */
  child: ChildProcess;
  /** What it prints for people. */
  prints: readonly (Readable | null)[];
  send(id: number, items: readonly unknown[]): void;
  /** Ends the process, and what it started, at once. */
  kill(): void;
  /** Lets an idle process end by itself, within seconds. */
  close(): void;
}

/** Starts a process. `hear` is called for each message, never before this returned; `name` is for what it refuses. */
export type Connect<Opened> = (hear: (said: Said<Opened>) => void, name: string) => Channel;
