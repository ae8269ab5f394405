import { entryStatus, type EntryStatus } from "./table.ts";

const severity: readonly EntryStatus[] = ["ok", "unmatched", "unparsable", "too-long", "failed"];
const severityOf = entryStatus.map((status) => severity.indexOf(status));

/**
 * The graver of two statuses, by their codes: a failure before a text too long before an answer that could not be read before
 * a text that nobody scored.
 */
export function worst(a: number, b: number): EntryStatus {
  return entryStatus[worstCode(a, b)]!;
}

/** The code of the graver of two statuses. */
export function worstCode(a: number, b: number): number {
  return severityOf[a]! >= severityOf[b]! ? a : b;
}
