import { RmbenchError } from "../../errors.ts";
import { isObject } from "./fields.ts";
import { RowProblem, type SourceRecord } from "./record.ts";

const targets = [
  ...["id", "subset", "cluster", "prompt", "documents", "chosen", "rejected", "rejected_prompt", "direction", "tools"],
  ...["grades", "steps", "strength", "user", "language", "weight"],
];

/** From the column of a pair to the path of the source column, `a.b` for a field of an object. */
export type ColumnMap = ReadonlyMap<string, string>;

/** Parses `chosen=good`, `tags.model=meta.model`. Throws `RmbenchError("usage")`. */
export function parseColumnMap(entries: readonly string[]): ColumnMap {
  const map = new Map<string, string>();
  for (const entry of entries.flatMap((one) => one.split(","))) {
    const [target, path] = [entry.slice(0, entry.indexOf("=")), entry.slice(entry.indexOf("=") + 1)];
    if (!entry.includes("=") || path === "" || !(targets.includes(target) || /^tags\../.test(target))) {
      throw new RmbenchError("usage", `--map ${entry} is not <column of a pair>=<column of the file>`, {
        hint: `columns of a pair are ${targets.join(", ")} and tags.<name>`,
      });
    }
    map.set(target, path);
  }
  return map;
}

function at(record: SourceRecord, path: string): unknown {
  if (path in record) return record[path];
  let value: unknown = record;
  for (const key of path.split(".")) {
    if (Array.isArray(value) && /^\d+$/.test(key)) value = value[Number(key)];
    else if (isObject(value) && key in value) value = value[key];
    else {
      throw new RowProblem(
        "null",
        `there is no column "${path}" (columns: ${Object.keys(record).slice(0, 12).join(", ")})`,
        "check --map",
      );
    }
  }
  return value;
}

/** The record with its columns under the names of a pair; what was not mapped keeps its name. */
export function mapColumns(record: SourceRecord, map: ColumnMap): SourceRecord {
  const sources = new Set(map.values());
  const rest = Object.fromEntries(Object.entries(record).filter(([column]) => !sources.has(column)));
  const mapped: Record<string, unknown> = { ...rest };
  const tags: Record<string, unknown> = {};
  for (const [target, path] of map) {
    if (target.startsWith("tags.")) tags[target.slice(5)] = at(record, path);
    else mapped[target] = at(record, path);
  }
  // A mapped prompt wins over columns that would be taken for one.
  if (map.has("prompt")) for (const column of ["messages", "question", "instruction"]) delete mapped[column];
  return { ...mapped, tags: { ...(isObject(rest["tags"]) ? rest["tags"] : {}), ...tags } };
}
