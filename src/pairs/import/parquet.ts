import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { messageOf, RmbenchError } from "../../errors.ts";
import { decodeUtf8 } from "../../arrow/utf8.ts";
import { pageLocations } from "./parquet-pages.ts";
import { itemOf, type SourceItem } from "./record.ts";

const windowRows = 1024;
/** Uncompressed bytes decoded at once: pages are read again where a step ends inside of one. */
const stepBytes = 32 * 1024 * 1024;
/** Uncompressed bytes of a row group that can only be decoded whole, from which on its memory is worth a note. */
const largeGroup = 256 * 1024 * 1024;

// Parquet's texts, exactly: hyparquet's own decoder drops a leading U+FEFF and replaces what is not UTF-8.
const parsers = {
  stringFromBytes: (bytes: Uint8Array | undefined): string | undefined => bytes && (decodeUtf8(bytes) as string),
};

const damaged = (name: string, where: string, cause: unknown): RmbenchError =>
  new RmbenchError("data", `${name}${where}: not a readable Parquet file (${messageOf(cause)})`, {
    hint: "the file may be truncated or damaged: fetch or write it again",
    cause,
  });

function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return value.toISOString();
  if (value !== null && typeof value === "object" && value.constructor === Object) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
  }
  return value;
}

/**
 * Rows of a Parquet file, some pages of a row group at a time. A group whose pages cannot be told apart (lists in pages of
 * version 1 without an offset index) is decoded whole; `notes` says where such a group is large.
 */
export async function* parquetItems(
  name: string,
  path: string,
  notes: Map<string, number>,
): AsyncGenerator<SourceItem[]> {
  let metadata: FileMetaData;
  const file = await asyncBufferFromFile(path);
  try {
    metadata = await parquetMetadataAsync(file, { geoparquet: false });
  } catch (cause) {
    throw damaged(name, "", cause);
  }
  const repeated = new Set(
    metadata.schema.filter((column) => column.repetition_type === "REPEATED").map(({ name: column }) => column),
  );
  let start = 0;
  for (const [g, group] of metadata.row_groups.entries()) {
    const end = start + Number(group.num_rows);
    const bytes = Number(group.total_byte_size);
    const pages = bytes <= stepBytes ? null : await pageLocations(file, group, repeated).catch(() => null);
    if (pages === null && bytes > largeGroup) note(notes, end - start);
    const step = pages === null ? end - start : Math.max(windowRows, Math.floor(((end - start) * stepBytes) / bytes));
    const options = {
      file,
      metadata,
      compressors,
      parsers,
      useOffsetIndex: pages !== null,
      ...(pages === null ? {} : { pageLocationsByGroup: Array.from({ length: g + 1 }, () => pages) }),
    };
    for (let from = start; from < end; from += step) {
      const to = Math.min(end, from + step);
      let rows: readonly Record<string, unknown>[];
      try {
        rows = await parquetReadObjects({ ...options, rowStart: from, rowEnd: to });
      } catch (cause) {
        throw damaged(name, ` rows ${from + 1}-${to}`, cause);
      }
      for (let i = 0; i < rows.length; i += windowRows) {
        yield rows
          .slice(i, i + windowRows)
          .map((row, k) => itemOf(from + i + k + 1, plain({ ...row }) as Record<string, unknown>));
      }
    }
    start = end;
  }
}

function note(notes: Map<string, number>, rows: number): void {
  const text =
    "row groups of more than 256 MB were decoded whole, at several times their size in memory: write smaller ones " +
    "(row_group_size), or a page index (write_page_index)";
  notes.set(text, (notes.get(text) ?? 0) + rows);
}
