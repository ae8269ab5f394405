import { fork, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { RmbenchError } from "../../errors.ts";
import { OutOfMemory, SessionLost, type Score } from "../reward-model.ts";
import type { Opened, OpenRequest, ToChild, ToParent } from "./protocol.ts";

export interface HostOptions {
  /** What errors call the model. */
  name: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Every line that the child prints; a module's prints must not reach stdout, where the result goes. */
  onLine?: (line: string) => void;
}

interface Pending {
  texts: number;
  resolve: (scores: Score[]) => void;
  reject: (error: unknown) => void;
}

/**
 * A session in a child process. Batches may be in flight together; the child works them off in order. Aborting kills
 * the child with SIGKILL, since a native call cannot be interrupted; the next batch starts a new one.
 */
export class Host implements AsyncDisposable {
  readonly #request: OpenRequest;
  readonly #options: HostOptions;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | null = null;
  #opening: Promise<Opened> | null = null;
  #opened: Opened | null = null;
  #nextId = 0;
  #disposed = false;

  private constructor(request: OpenRequest, options: HostOptions) {
    this.#request = request;
    this.#options = options;
  }

  /** @throws RmbenchError `model` or `machine` when the child cannot open the model; the signal's reason on abort. */
  static async open(request: OpenRequest, options: HostOptions, signal: AbortSignal): Promise<Host> {
    const host = new Host(request, options);
    try {
      await host.#ready(signal);
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
    return host;
  }

  get opened(): Opened {
    if (this.#opened === null) throw new Error("the session is not open");
    return this.#opened;
  }

  /** Process id of the child, or null where none runs. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * @throws OutOfMemory, SessionLost; RmbenchError `model` or `machine` when the child cannot be started again or the
   * model's files changed; the signal's reason on abort.
   */
  async run(items: readonly unknown[], signal: AbortSignal): Promise<Score[]> {
    signal.throwIfAborted();
    if (this.#disposed) throw new Error("the session is closed");
    await this.#ready(signal);
    const child = this.#child;
    if (child === null) throw new SessionLost(`the process of ${this.#options.name} is gone`);
    const id = this.#nextId++;
    return abortable(
      signal,
      () => this.#kill(signal.reason),
      () =>
        new Promise<Score[]>((resolve, reject) => {
          this.#pending.set(id, { texts: items.length, resolve, reject });
          // A child that cannot be told is dead or dying: its end rejects what is pending.
          child.send({ type: "run", id, items } satisfies ToChild, (error) => {
            if (error !== null) child.kill("SIGKILL");
          });
        }),
    );
  }

  /** Kills the child and waits until it is gone; a second call does nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const child = this.#child;
    this.#kill(new SessionLost("the session was closed"));
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      await new Promise((resolve) => child.once("exit", resolve));
    }
  }

  #ready(signal: AbortSignal): Promise<Opened> {
    signal.throwIfAborted();
    this.#opening ??= this.#start();
    const opening = this.#opening;
    return abortable(
      signal,
      () => this.#kill(signal.reason),
      () => opening,
    );
  }

  #start(): Promise<Opened> {
    const { name, env, onLine } = this.#options;
    const { file, execArgv } = childEntry();
    const child = fork(file, [], {
      serialization: "advanced",
      execArgv,
      env: { ...env, ORT_DISABLE_TELEMETRY: "1" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    const lines = new LastLines(onLine);
    child.stdout?.on("data", (chunk: Buffer) => lines.add(chunk));
    child.stderr?.on("data", (chunk: Buffer) => lines.add(chunk));
    return new Promise<Opened>((resolve, reject) => {
      child.on("message", (message: ToParent) => {
        if (message.type === "opened") {
          this.#opened = message.opened;
          resolve(message.opened);
        } else if (message.type === "refused" && message.id === null) reject(refused(message));
        else this.#settle(message);
      });
      child.once("error", (error) =>
        reject(new RmbenchError("machine", `cannot start the process of ${name}: ${error.message}`, { cause: error })),
      );
      // `close` comes after the last output of a crash, which says why.
      child.once("close", (code, killedBy) => {
        const how = killedBy === null ? `exit code ${code}` : killedBy;
        const why = killedBy === "SIGKILL" ? "; the system may have run out of memory" : "";
        const message = `the process of ${name} died (${how}${why})${lines.text()}`;
        reject(new RmbenchError("machine", `while loading, ${message}`));
        if (this.#child === child) this.#forget(new SessionLost(message));
      });
      child.send({ type: "open", request: this.#request } satisfies ToChild, (error) => {
        if (error !== null) child.kill("SIGKILL");
      });
    });
  }

  #settle(message: Exclude<ToParent, { type: "opened" }>): void {
    const id = message.id ?? -1;
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (message.type === "scores") pending?.resolve(message.scores);
    else if (message.type === "refused") pending?.reject(refused(message));
    else {
      // Where not even one text fits, the process may hold memory in pieces that are too small: a new one does not.
      if (pending?.texts === 1) this.#kill(new SessionLost("its process ran out of memory and was started again"));
      pending?.reject(new OutOfMemory(message.message));
    }
  }

  #kill(reason: unknown): void {
    this.#child?.kill("SIGKILL");
    this.#forget(reason);
  }

  #forget(reason: unknown): void {
    this.#child = null;
    this.#opening = null;
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}

function refused({ code, message, hint }: Extract<ToParent, { type: "refused" }>): RmbenchError {
  return new RmbenchError(code, message, { hint });
}

/** Runs `work`, but settles at once with the signal's reason when it aborts, after `onAbort`. */
async function abortable<T>(signal: AbortSignal, onAbort: () => void, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = defer<never>();
  const listener = () => {
    onAbort();
    reject(signal.reason);
  };
  signal.addEventListener("abort", listener, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}

function defer<T>(): { promise: Promise<T>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((_, fail) => {
    reject = fail;
  });
  return { promise, reject };
}

/** Built, the child is JavaScript beside this file; from sources it is TypeScript, which Node 20 needs a loader for. */
function childEntry(): { file: string; execArgv: string[] } {
  const built = fileURLToPath(new URL("./child.js", import.meta.url));
  if (existsSync(built)) return { file: built, execArgv: [] };
  const jiti = dirname(createRequire(import.meta.url).resolve("jiti/package.json"));
  const loader = pathToFileURL(join(jiti, "lib", "jiti-register.mjs")).href;
  return {
    file: fileURLToPath(new URL("./child.ts", import.meta.url)),
    execArgv: ["--disable-warning=DEP0205", "--import", loader],
  };
}

/** Of the trace that Node prints after the line that says why it ended. */
const nativeFrame = /^\s*\d+: 0x[0-9a-f]+ /;

/** The last lines that a process printed, for the error that says how it died. */
class LastLines {
  readonly #onLine: ((line: string) => void) | undefined;
  #kept: string[] = [];
  #partial = "";

  constructor(onLine?: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const lines = (this.#partial + chunk.toString("utf8")).split("\n");
    this.#partial = (lines.pop() ?? "").slice(-2000);
    for (const line of lines) this.#onLine?.(line);
    this.#kept = [...this.#kept, ...lines.filter((line) => !nativeFrame.test(line))].slice(-12);
  }

  text(): string {
    const lines = [...this.#kept, this.#partial].filter((line) => line.trim() !== "");
    return lines.length === 0 ? "" : `; it last printed:\n${lines.join("\n")}`;
  }
}
