import { once } from "node:events";
import { RmbenchError } from "../../errors.ts";
import { OutOfMemory, SessionLost, type Score } from "../reward-model.ts";
import type { Channel, Connect, Refused, Said } from "./channel.ts";
import { LastLines } from "./last-lines.ts";

export interface HostOptions {
  /** What errors call the model. */
  name: string;
  /** Every line that the child prints; a module's prints must not reach stdout, where the result goes. */
  onLine?: (line: string) => void;
  /**
   * Seconds for which a process that has something to do may say nothing, after which it is killed; null, the default:
   * forever. For processes that can send heartbeats.
   */
  timeout?: number | null;
  /** What a person can do about a process that says nothing for so long; the default: wait longer. */
  whenSilent?: string;
  /** What a person can do about a process that dies; the default: nothing that is known. */
  whenDead?: string;
}

/** Milliseconds after its end in which the last output of a process is read. */
const drainage = 1000;

interface Pending {
  texts: number;
  resolve: (scores: Score[]) => void;
  reject: (error: unknown) => void;
}

/** A process from its start to its end. */
interface Life<Opened> {
  channel: Channel;
  printed: LastLines;
  opening: Promise<Opened>;
  /** Null once it is open. */
  open: { resolve: (opened: Opened) => void; reject: (error: unknown) => void } | null;
}

/**
 * A session in a child process, over either wire (channel.ts). Batches may be in flight together; the child works them
 * off in order. Aborting kills the child with SIGKILL, since a native call cannot be interrupted; the next batch starts
 * a new one. So it is after a child died or said nothing for too long, but where that happens twice with no batch
 * answered in between the model is given up: each time costs the whole timeout.
 */
export class Host<Opened> implements AsyncDisposable {
  readonly #connect: Connect<Opened>;
  readonly #options: HostOptions;
  readonly #pending = new Map<number, Pending>();
  #life: Life<Opened> | null = null;
  #opened: Opened | null = null;
  #nextId = 0;
  #hangs = 0;
  /** Why the child refused to go on, whatever is asked. */
  #refusal: RmbenchError | null = null;
  #silence: NodeJS.Timeout | undefined;
  #disposed = false;

  private constructor(connect: Connect<Opened>, options: HostOptions) {
    this.#connect = connect;
    this.#options = options;
  }

  /** @throws RmbenchError `model` or `machine` when the child cannot open the model; the signal's reason on abort. */
  static async open<Opened>(
    connect: Connect<Opened>,
    options: HostOptions,
    signal: AbortSignal,
  ): Promise<Host<Opened>> {
    const host = new Host(connect, options);
    try {
      await host.#ready(signal);
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
    return host;
  }

  /** What the process that was opened last said of itself. */
  get opened(): Opened {
    if (this.#opened === null) throw new Error("the session is not open");
    return this.#opened;
  }

  /** Process id of the child, or null where none runs. */
  get pid(): number | null {
    return this.#life?.channel.child.pid ?? null;
  }

  /**
   * @throws OutOfMemory, SessionLost; RmbenchError `model` or `machine` when the child cannot be started again, speaks
   * wrongly, hangs again after it was started again, or the model's files changed; the signal's reason on abort.
   */
  async run(items: readonly unknown[], signal: AbortSignal): Promise<Score[]> {
    signal.throwIfAborted();
    if (this.#disposed) throw new Error("the session is closed");
    await this.#ready(signal);
    const life = this.#life;
    if (life === null) throw new SessionLost(`the process of ${this.#options.name} is gone`);
    const id = this.#nextId++;
    return abortable(
      signal,
      () => this.#kill(signal.reason),
      () =>
        new Promise<Score[]>((resolve, reject) => {
          this.#pending.set(id, { texts: items.length, resolve, reject });
          if (this.#pending.size === 1) this.#listen();
          life.channel.send(id, items);
        }),
    );
  }

  /** Ends the child, kills it where it is busy, and waits until it is gone; a second call does nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const life = this.#life;
    if (life === null) return;
    if (life.open === null && this.#pending.size === 0) life.channel.close();
    else life.channel.kill();
    this.#forget(new SessionLost("the session was closed"));
    const { child } = life.channel;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  async #ready(signal: AbortSignal): Promise<Opened> {
    signal.throwIfAborted();
    if (this.#refusal !== null) throw this.#refusal;
    if (this.#life === null) {
      this.#life = this.#start();
      this.#listen();
    }
    const { opening } = this.#life;
    return abortable(
      signal,
      () => this.#kill(signal.reason),
      () => opening,
    );
  }

  #start(): Life<Opened> {
    const { name, onLine } = this.#options;
    const channel = this.#connect((said) => {
      if (this.#life === life) this.#hear(said, life);
    }, name);
    const printed = new LastLines(onLine);
    const { promise: opening, ...open } = defer<Opened>();
    opening.catch(() => {}); // Whoever waits for it is told; nobody does after an abort.
    const life: Life<Opened> = { channel, printed, opening, open };
    for (const stream of channel.prints) stream?.on("data", (chunk: Buffer) => printed.add(chunk));
    const { child } = channel;
    child.on("error", (error) =>
      life.open?.reject(
        new RmbenchError("machine", `cannot start the process of ${name}: ${error.message}`, { cause: error }),
      ),
    );
    // What it started may live on and hold its pipes: then `close` would not come.
    let drained: NodeJS.Timeout | undefined;
    child.once("exit", () => {
      drained = setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream?.destroy()), drainage);
    });
    // `close` comes after the last output of a crash, which says why.
    child.once("close", (code, killedBy) => {
      clearTimeout(drained);
      const how = killedBy === null ? `exit code ${code}` : killedBy;
      const why = killedBy === "SIGKILL" ? "; the system may have run out of memory" : "";
      const message = `the process of ${name} died (${how}${why})${printed.text()}`;
      life.open?.reject(new RmbenchError("machine", `while loading, ${message}`));
      if (this.#life === life) this.#forget(new SessionLost(message, this.#options.whenDead));
    });
    return life;
  }

  #hear(said: Said<Opened>, life: Life<Opened>): void {
    if (said.type === "opened") {
      this.#opened = said.opened;
      life.open?.resolve(said.opened);
      life.open = null;
    } else if (said.type === "refused" && said.id === null) {
      this.#refusal = refused(said);
      life.open?.reject(this.#refusal);
      this.#rejectAll(this.#refusal);
    } else if (said.type !== "heartbeat") this.#settle(said);
    this.#listen();
  }

  #settle(said: Exclude<Said<Opened>, { type: "opened" | "heartbeat" }>): void {
    const id = said.id ?? -1;
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (said.type === "scores") {
      this.#hangs = 0;
      pending?.resolve(said.scores);
    } else if (said.type === "refused") pending?.reject(refused(said));
    else {
      // Where not even one text fits, the process may hold memory in pieces that are too small: a new one does not.
      if (pending?.texts === 1) this.#kill(new SessionLost("its process ran out of memory and was started again"));
      pending?.reject(new OutOfMemory(said.message));
    }
  }

  /** Begins to count the seconds without a word, where one is due. */
  #listen(): void {
    clearTimeout(this.#silence);
    const { timeout } = this.#options;
    const isDue = this.#life !== null && (this.#life.open !== null || this.#pending.size > 0);
    if (timeout === undefined || timeout === null || !isDue) return;
    this.#silence = setTimeout(() => this.#hung(timeout), timeout * 1000);
  }

  #hung(timeout: number): void {
    const life = this.#life;
    if (life === null) return;
    const isOpening = life.open !== null;
    const when = isOpening ? "while loading, " : "";
    const again = !isOpening && ++this.#hangs > 1 ? ", nor did it after it was started again" : "";
    const message = `${when}the process of ${this.#options.name} said nothing for ${timeout} s${again}${life.printed.text()}`;
    const hint = this.#options.whenSilent ?? "give it longer with --timeout <seconds>";
    const error = isOpening || again !== "" ? new RmbenchError("machine", message, { hint }) : new SessionLost(message);
    life.open?.reject(error);
    this.#kill(error);
  }

  #kill(reason: unknown): void {
    this.#life?.channel.kill();
    this.#forget(reason);
  }

  #forget(reason: unknown): void {
    clearTimeout(this.#silence);
    this.#life = null;
    this.#rejectAll(reason);
  }

  #rejectAll(reason: unknown): void {
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}

function refused({ code, message, hint }: Refused): RmbenchError {
  return new RmbenchError(code, message, hint === undefined ? {} : { hint });
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

function defer<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((done, fail) => {
    resolve = done;
    reject = fail;
  });
  return { promise, resolve, reject };
}
