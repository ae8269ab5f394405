import { RmbenchError } from "../../errors.ts";
import type { DeviceReport, Score } from "../reward-model.ts";
import { ipc } from "./ipc-channel.ts";
import { Host, type HostOptions } from "./parent.ts";
import type { Opened, OpenRequest } from "./protocol.ts";

interface Lane {
  host: Promise<Host<Opened>>;
  inFlight: number;
}

interface LanesOptions extends HostOptions {
  /** Lanes at most. */
  most: number;
  env: Readonly<Record<string, string | undefined>>;
  /** Told when a lane is given up. */
  warn: (message: string) => void;
}

/**
 * Several child processes with the same model. A lane is opened when a batch finds all others busy, so a short run
 * pays for one; a batch runs in one lane. On a CPU, lanes of one thread each do more than one lane of many threads.
 * A lane that cannot be opened, for want of memory perhaps, leaves its batches to the others.
 */
export class Lanes implements AsyncDisposable {
  readonly #request: OpenRequest;
  readonly #options: LanesOptions;
  readonly #closing = new AbortController();
  readonly #lanes: Lane[] = [];
  readonly #device: DeviceReport;
  #most: number;

  private constructor(request: OpenRequest, options: LanesOptions, first: Host<Opened>) {
    this.#request = request;
    this.#options = options;
    this.#most = options.most;
    this.#device = first.opened.device;
    this.#lanes.push({ host: Promise.resolve(first), inFlight: 0 });
  }

  /** Opens the first lane. @throws as `Host.open` does. */
  static async open(request: OpenRequest, options: LanesOptions, signal: AbortSignal): Promise<Lanes> {
    return new Lanes(request, options, await Host.open(ipc(request, options.env), options, signal));
  }

  get device(): DeviceReport {
    return this.#device;
  }

  /** @throws as `Host.run` does, RmbenchError only where no other lane is open. */
  async run(items: readonly unknown[], signal: AbortSignal): Promise<Score[]> {
    const lane = this.#choose(signal);
    lane.inFlight += 1;
    let host: Host<Opened> | null = null;
    try {
      host = await lane.host;
      return await host.run(items, signal);
    } catch (error) {
      // A process that runs and refuses, as where a file of the model changed, is no reason to go on with fewer.
      const isGone = host === null || host.pid === null;
      if (!(error instanceof RmbenchError && isGone && this.#giveUp(lane, error))) throw error;
    } finally {
      lane.inFlight -= 1;
    }
    return this.run(items, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error("the session was closed"));
    await Promise.all(this.#lanes.map(close));
  }

  #choose(signal: AbortSignal): Lane {
    const idle = this.#lanes.reduce((a, b) => (b.inFlight < a.inFlight ? b : a), this.#lanes[0]!);
    if (idle.inFlight === 0 || this.#lanes.length >= this.#most) return idle;
    const connect = ipc(this.#request, this.#options.env);
    const host = Host.open(connect, this.#options, AbortSignal.any([signal, this.#closing.signal]));
    const lane = { host, inFlight: 0 };
    this.#lanes.push(lane);
    return lane;
  }

  /** Goes on without a lane, and without opening further ones. False: it is the last one. */
  #giveUp(lane: Lane, { message }: RmbenchError): boolean {
    const at = this.#lanes.indexOf(lane);
    if (at < 0) return true; // by another batch
    if (this.#lanes.length === 1) return false;
    this.#lanes.splice(at, 1);
    this.#most = this.#lanes.length;
    const rest = this.#most === 1 ? "1 process" : `${this.#most} processes`;
    this.#options.warn(`${this.#options.name} goes on in ${rest}, since another could not be opened: ${message}`);
    void close(lane);
    return true;
  }
}

async function close({ host }: Lane): Promise<void> {
  const opened = await host.catch(() => null);
  await opened?.[Symbol.asyncDispose]();
}
