import { setMaxListeners } from "node:events";

/**
 * Does work with a signal that aborts as soon as one of these does, and settles with its reason then, whatever the work does:
 * undici heeds a signal only once there is a connection, and through a proxy that may never be. `AbortSignal.any` would
 * keep something of every request for as long as one of its signals lives (Node 20).
 */
export async function abortable<T>(
  sources: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // As many requests wait for one signal as are in flight, which Node would take for a leak.
  setMaxListeners(0, ...sources);
  const own = new AbortController();
  const listeners = sources.map((source) => [source, () => own.abort(source.reason)] as const);
  try {
    return await new Promise<T>((resolve, reject) => {
      own.signal.addEventListener("abort", () => reject(own.signal.reason as Error), { once: true });
      for (const [source, abort] of listeners) {
        if (source.aborted) return abort();
        source.addEventListener("abort", abort, { once: true });
      }
      work(own.signal).then(resolve, reject);
    });
  } finally {
    for (const [source, abort] of listeners) source.removeEventListener("abort", abort);
  }
}
