import { fork } from "node:child_process";
import { RmbenchError } from "../../errors.ts";
import type { Channel, Connect, Refused, Said } from "./channel.ts";
import { entryOf } from "./entry.ts";
import { Lines } from "./lines.ts";
import type { CannotStart } from "./supervisor.ts";
import { longestLine, parseMessage, parseScores, protocol, versions, type Ready, type WorkerMessage } from "./wire.ts";

export interface StdioCommand {
  command: string;
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Handed to the worker in its first message. */
  config: Readonly<Record<string, unknown>>;
  /** `describe`: only what it is will be asked, so it need not load its weights. */
  purpose: "describe" | "score";
}

/** Milliseconds that an idle worker has for its end. */
const grace = 5000;

/** A command that speaks `rmbench-stdio` (docs/process-protocol.md), in a process group of its own. */
export function stdio({ command, args, cwd, env, config, purpose }: StdioCommand): Connect<Ready> {
  return (hear, name) => {
    const { file, execArgv } = entryOf("supervisor");
    const child = fork(file, [command, ...args], {
      execArgv,
      cwd,
      // Python would keep its lines to itself until 8 KiB are full, and write them in the encoding of the terminal.
      env: { PYTHONUNBUFFERED: "1", PYTHONIOENCODING: "utf-8", ...env },
      stdio: ["pipe", "pipe", "pipe", "ipc"],
      detached: hasGroups,
    });
    const kill = () => killGroup(child);
    // What the command started may outlive it, and hold its pipes.
    child.once("exit", kill);
    // A worker that cannot be told is dead or dying: its end rejects what is pending.
    child.stdin?.on("error", () => {});
    const tell = (message: object) => void child.stdin?.write(`${lineOf(message)}\n`);
    child.on("message", ({ message }: CannotStart) => hear(cannotStart(name, command, message)));

    const listener = new Listener(name);
    child.stdout?.on("data", (chunk: Buffer) => {
      for (const said of listener.read(chunk)) {
        hear(said);
        if (said.type === "refused" && said.id === null) kill();
      }
    });
    tell({ type: "hello", protocol, versions, purpose, config });
    const send: Channel["send"] = (id, items) => {
      listener.expect(id, items.length);
      tell({ type: "score", id, items });
    };
    const close = () => {
      tell({ type: "shutdown" });
      child.stdin?.end();
      const late = setTimeout(kill, grace);
      child.once("exit", () => clearTimeout(late));
    };
    return { child, prints: [child.stderr], send, kill, close };
  };
}

/** Understands what a worker writes, until the first thing that is not understood: what follows could mean anything. */
class Listener {
  readonly #name: string;
  readonly #lines: Lines;
  /** Items of the batches that are not answered, by id. */
  readonly #counts = new Map<number, number>();
  #isOpen = false;
  #isTrusted = true;

  constructor(name: string) {
    this.#name = name;
    this.#lines = new Lines(longestLine, name);
  }

  expect(id: number, count: number): void {
    this.#counts.set(id, count);
  }

  *read(chunk: Buffer): Generator<Said<Ready>> {
    if (!this.#isTrusted) return;
    try {
      for (const line of this.#lines.add(chunk)) {
        if (line.trim() !== "") yield this.#understand(parseMessage(line, this.#name));
      }
    } catch (error) {
      if (!(error instanceof RmbenchError)) throw error;
      this.#isTrusted = false;
      yield { type: "refused", id: null, code: "model", message: error.message, hint: error.hint };
    }
  }

  #understand(message: WorkerMessage): Said<Ready> {
    if (message.type === "heartbeat") return { type: "heartbeat" };
    if (message.type === "ready") {
      if (this.#isOpen) throw new RmbenchError("model", `${this.#name} said \`ready\` a second time`);
      this.#isOpen = true;
      return { type: "opened", opened: message };
    }
    if (message.type === "scores") {
      const { id, scores } = message;
      return { type: "scores", id, scores: parseScores(scores, this.#answered(id), this.#name) };
    }
    const { id, code } = message;
    if (id === null) return this.#refusal(message);
    const count = this.#answered(id);
    if (code === "out-of-memory") return { type: "out-of-memory", id, message: message.message };
    if (code !== "internal") return this.#refusal(message);
    const failed = { status: "failed", code: "runtime", message: message.message } as const;
    return { type: "scores", id, scores: Array.from({ length: count }, () => failed) };
  }

  /** Items of a batch that was asked and is answered now. */
  #answered(id: number): number {
    const count = this.#counts.get(id);
    this.#counts.delete(id);
    if (count !== undefined) return count;
    const open = [...this.#counts.keys()].join(", ") || "none";
    const message = `${this.#name} answered batch ${id}, which it was not asked (unanswered: ${open})`;
    throw new RmbenchError("model", message, { hint: "answer each `score` once, with its id" });
  }

  #refusal({ id, code, message, hint }: Extract<WorkerMessage, { type: "error" }>): Refused {
    const ours = code === "model" ? "model" : "machine";
    return { type: "refused", id, code: ours, message: `${this.#name}: ${message}`, hint };
  }
}

const hasGroups = process.platform !== "win32";

/** Windows has no process groups; there a process ends with the one that started it. */
function killGroup(child: Channel["child"]): void {
  if (child.pid === undefined) return;
  if (!hasGroups) return void child.kill("SIGKILL");
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

function cannotStart(name: string, command: string, message: string): Refused {
  return {
    type: "refused",
    id: null,
    code: "model",
    message: `cannot start ${name}: ${message}`,
    hint: `\`${command}\` must be a program of PATH or a path, and executable; no shell reads the command`,
  };
}

/** Readers of lines in some languages (and Node's readline from 26 on) end one at U+2028 and U+2029 as well. */
function lineOf(message: object): string {
  return JSON.stringify(message).replace(/[\u2028\u2029]/g, (mark) => (mark === "\u2028" ? "\\u2028" : "\\u2029"));
}
