/** `*_outputs.jsonl` of RewardBench, joined to the pairs of a suite. */
import { RmbenchError } from "../errors.ts";
import type { PreferencePair } from "../pairs/pair.ts";
import { openRecords } from "../pairs/import/open.ts";
import type { SourceRecord } from "../pairs/import/record.ts";

/** A row of the file: what it was scored as, where the file says so. */
export interface IncumbentRow {
  line: number;
  subset: string | null;
  id: string | null;
  chosen: number;
  rejected: number;
  /** The texts after its chat template. */
  texts: { chosen: string; rejected: string } | null;
}

/** @throws RmbenchError `data` naming the line that has no scores. */
export async function readIncumbentRows(file: string, cwd: string): Promise<IncumbentRow[]> {
  const source = await openRecords(file, { cwd });
  const rows: IncumbentRow[] = [];
  for await (const window of source.items()) {
    for (const item of window) {
      const record: SourceRecord = "problem" in item ? {} : item.record;
      const [chosen, rejected] = [scoreOf(record["scores_chosen"]), scoreOf(record["scores_rejected"])];
      if (chosen === null || rejected === null) {
        throw new RmbenchError("data", `${file}, ${source.unit} ${item.row}: no scores_chosen and scores_rejected`, {
          hint: "name a *_outputs.jsonl of RewardBench over preference pairs",
        });
      }
      const [good, bad] = [record["text_chosen"], record["text_rejected"]];
      rows.push({
        line: item.row,
        subset: keyOf(record["subset"]),
        id: keyOf(record["id"]),
        chosen,
        rejected,
        texts: typeof good === "string" && typeof bad === "string" ? { chosen: good, rejected: bad } : null,
      });
    }
  }
  return rows;
}

/** Scores may be nested one deep. */
function scoreOf(cell: unknown): number | null {
  const value: unknown = Array.isArray(cell) && cell.length === 1 ? cell[0] : cell;
  return typeof value === "number" ? value : null;
}

function keyOf(cell: unknown): string | null {
  return typeof cell === "string" || typeof cell === "number" ? String(cell) : null;
}

/**
 * The row of each pair, by subset and id where the rows have ids, else by the texts that hold the pair's last prompt turn
 * and its responses; null where there is none.
 */
export function joinRows(pairs: readonly PreferencePair[], rows: readonly IncumbentRow[]): (IncumbentRow | null)[] {
  if (rows.every(({ id }) => id !== null)) {
    const bySubset = rows.every(({ subset }) => subset !== null);
    const name = (subset: string | null, id: string | null) => JSON.stringify(bySubset ? [subset, id] : [id]);
    const known = new Map(rows.map((row) => [name(row.subset, row.id), row]));
    const joined = pairs.map(({ subset, id }) => known.get(name(subset, id)) ?? null);
    if (joined.some((row) => row !== null)) return joined;
  }
  return joinTexts(pairs, rows);
}

/** Both texts of a row, or both responses of a pair, without what they begin and end with in common. */
function differenceOf(a: string, b: string): [string, string] {
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && a[start] === b[start]) start++;
  let end = 0;
  while (end < most - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return [a, b].map((text) => text.slice(start, text.length - end).trim()) as [string, string];
}

/**
 * Where two responses differ, their texts differ in the same place, whatever the template puts around them: that is found by
 * hash. Where one response goes on from the other the template may shift it, and all such rows are looked at.
 */
function joinTexts(pairs: readonly PreferencePair[], rows: readonly IncumbentRow[]): (IncumbentRow | null)[] {
  const keyOf = (a: string, b: string): string => {
    const difference = differenceOf(a, b);
    return difference.includes("") ? "" : JSON.stringify(difference);
  };
  const byKey = new Map<string, Set<IncumbentRow>>();
  for (const row of rows) {
    if (row.texts === null) continue;
    const key = keyOf(row.texts.chosen, row.texts.rejected);
    byKey.set(key, (byKey.get(key) ?? new Set()).add(row));
  }
  return pairs.map((pair) => {
    const [good, bad] = [pair.chosen[0], pair.rejected[0]];
    if (typeof good !== "string" || typeof bad !== "string") return null;
    // Templates trim what they render, or do not.
    for (const key of new Set([keyOf(good.trim(), bad.trim()), keyOf(good, bad)])) {
      const left = byKey.get(key) ?? new Set();
      for (const row of left) {
        if (!holds(pair.prompt.at(-1)?.content ?? "", good, bad, row)) continue;
        left.delete(row);
        return row;
      }
    }
    return null;
  });
}

function holds(last: string, good: string, bad: string, { texts }: IncumbentRow): boolean {
  const { chosen, rejected } = texts!;
  return chosen.includes(last.trim()) && chosen.includes(good.trim()) && rejected.includes(bad.trim());
}
