import { setTimeout as sleep } from "node:timers/promises";

const firstWait = 0.25;
const longestWait = 8;

/** Seconds to wait before attempt `attempt` + 1 (from 1): doubling from 0.25 to 8, jittered by half of it. */
export function backoff(attempt: number): number {
  const full = Math.min(longestWait, firstWait * 2 ** (attempt - 1));
  return full * (0.5 + Math.random() / 2);
}

/**
 * Seconds that a server asks to be left alone: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date; null
 * where it asks nothing that can be read.
 * @param now milliseconds since 1970.
 */
export function retryAfter(headers: Readonly<Record<string, string>>, now: number): number | null {
  const milliseconds = Number(headers["retry-after-ms"] ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds / 1000;
  const text = headers["retry-after"]?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}

/** @throws the signal's reason when it aborts. */
export async function wait(seconds: number, signal: AbortSignal): Promise<void> {
  await sleep(seconds * 1000, undefined, { signal }).catch((error: unknown) => {
    throw signal.aborted ? signal.reason : error;
  });
}
