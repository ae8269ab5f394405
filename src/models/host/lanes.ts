import type { DeviceReport, Score } from "../reward-model.ts";
import { Host, type HostOptions } from "./parent.ts";
import type { OpenRequest } from "./protocol.ts";

interface Lane {
  host: Promise<Host>;
  inFlight: number;
}

/**
 * Several child processes with the same model. A lane is opened when a batch finds all others busy, so a short run
 * pays for one; a batch runs in one lane. On a CPU, lanes of one thread each do more than one lane of many threads.
 */
export class Lanes implements AsyncDisposable {
  readonly #request: OpenRequest;
  readonly #options: HostOptions;
  readonly #most: number;
  readonly #closing = new AbortController();
  readonly #lanes: Lane[] = [];
  readonly #device: DeviceReport;

  private constructor(request: OpenRequest, options: HostOptions, most: number, first: Host) {
    this.#request = request;
    this.#options = options;
    this.#most = most;
    this.#device = first.opened.device;
    this.#lanes.push({ host: Promise.resolve(first), inFlight: 0 });
  }

  /** Opens the first lane. @throws as `Host.open` does. */
  static async open(request: OpenRequest, options: HostOptions, most: number, signal: AbortSignal): Promise<Lanes> {
    return new Lanes(request, options, most, await Host.open(request, options, signal));
  }

  get device(): DeviceReport {
    return this.#device;
  }

  /** @throws as `Host.run` does. */
  async run(items: readonly unknown[], signal: AbortSignal): Promise<Score[]> {
    const lane = this.#choose(signal);
    lane.inFlight += 1;
    try {
      return await (await lane.host).run(items, signal);
    } finally {
      lane.inFlight -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error("the session was closed"));
    await Promise.all(
      this.#lanes.map(({ host }) =>
        host.then(
          (opened) => opened[Symbol.asyncDispose](),
          () => undefined,
        ),
      ),
    );
  }

  #choose(signal: AbortSignal): Lane {
    const idle = this.#lanes.reduce((a, b) => (b.inFlight < a.inFlight ? b : a), this.#lanes[0]!);
    if (idle.inFlight === 0 || this.#lanes.length >= this.#most) return idle;
    const host = Host.open(this.#request, this.#options, AbortSignal.any([signal, this.#closing.signal]));
    const lane = { host, inFlight: 0 };
    this.#lanes.push(lane);
    host.catch(() => this.#lanes.splice(this.#lanes.indexOf(lane), 1));
    return lane;
  }
}
