import { RmbenchError } from "../../errors.ts";
import type { ScoreTable } from "../table.ts";
import type { CombinationMember } from "./combination.ts";

/** @throws RmbenchError `data` where the members' tables are not of the same pairs and questions, naming the first difference. */
export function refuseMisaligned([first, ...others]: readonly CombinationMember[]): void {
  for (const other of others) {
    for (const suite of new Set([...first!.tables.keys(), ...other.tables.keys()])) {
      const difference = differenceOf(first!.tables.get(suite), other.tables.get(suite));
      if (difference === null) continue;
      throw new RmbenchError("data", `${first!.id} and ${other.id} cannot be combined on ${suite}: ${difference}`);
    }
  }
}

function differenceOf(a: ScoreTable | undefined, b: ScoreTable | undefined): string | null {
  if (a === undefined || b === undefined) return "only one of them has scores of it";
  if (a.kind !== b.kind) return `one answered ${a.kind} and the other ${b.kind} questions`;
  if (a.rows.n !== b.rows.n) return `one has ${a.rows.n} pairs and the other ${b.rows.n}`;
  if (!same(a.rows.fingerprint, b.rows.fingerprint)) return "their pairs differ";
  if (a.entries.n !== b.entries.n) return `one has ${a.entries.n} scores and the other ${b.entries.n}`;
  const places = ["row", "side", "index", "order"] as const;
  return places.every((place) => same(a.entries[place], b.entries[place]))
    ? null
    : "their scores are of different texts";
}

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
