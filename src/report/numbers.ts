/** How numbers of a report read. Always English digits and points: people paste them. */
import type { Estimate } from "../metrics/metric.ts";

/** `71.7%`. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** Three decimals; four significant digits from 10 on. */
export function decimal(value: number): string {
  const text = Math.abs(value) >= 10 ? value.toPrecision(4) : value.toFixed(3);
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

/** `.084`: a number in (−1, 1) without its zero, as tables of calibration errors print it. */
export function shortDecimal(value: number): string {
  return decimal(value).replace(/^(-?)0\./, "$1.");
}

/** `71.7% [63.0, 79.0]`, or the reason why there is none. */
export function percentWithInterval(estimate: Estimate | undefined): string {
  if (estimate === undefined || estimate.value === null) return "undefined";
  if (estimate.interval === undefined) return percent(estimate.value);
  const bound = (share: number): string => (share * 100).toFixed(1);
  return `${percent(estimate.value)} [${bound(estimate.interval.low)}, ${bound(estimate.interval.high)}]`;
}

/** `1,234`. */
export function count(n: number): string {
  return n.toLocaleString("en-US");
}

/** `1 pair`, `3 pairs`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}
