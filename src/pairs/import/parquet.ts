import { asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { messageOf, RmbenchError } from "../../errors.ts";
import { decodeUtf8 } from "../../arrow/utf8.ts";
import { itemOf, type SourceItem } from "./record.ts";

/** Rows decoded at once where the file has page offsets; elsewhere a row group is the least that can be read. */
const windowRows = 1024;

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

/** Rows of a Parquet file, a row group at a time. */
export async function* parquetItems(name: string, path: string): AsyncGenerator<SourceItem[]> {
  let metadata: FileMetaData;
  const file = await asyncBufferFromFile(path);
  try {
    metadata = await parquetMetadataAsync(file, { geoparquet: false });
  } catch (cause) {
    throw damaged(name, "", cause);
  }
  let start = 0;
  for (const group of metadata.row_groups) {
    const end = start + Number(group.num_rows);
    const indexed = group.columns.every((column) => column.offset_index_offset !== undefined);
    const step = indexed ? windowRows : end - start;
    for (let from = start; from < end; from += step) {
      const to = Math.min(end, from + step);
      let rows: readonly Record<string, unknown>[];
      try {
        rows = await parquetReadObjects({
          file,
          metadata,
          rowStart: from,
          rowEnd: to,
          compressors,
          parsers,
          useOffsetIndex: indexed,
        });
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
