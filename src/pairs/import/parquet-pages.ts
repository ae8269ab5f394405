import type { AsyncBuffer, FileMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import type { PageLocation } from "hyparquet/src/types.js";

type RowGroup = FileMetaData["row_groups"][number];

/** Bytes in which a page header is expected: it may carry the smallest and the largest value of its page. */
const headerBytes = 64 * 1024;

/**
 * Where the pages of a row group start and with which row, by column, for the columns that have no offset index: what an
 * offset index would say, read from the page headers. Null where a header does not tell, as for lists in pages of
 * version 1; then the group can only be decoded whole.
 * @param repeated names of the columns that are lists without a group around them, as Protocol Buffers' writers store them
 */
export async function pageLocations(
  file: AsyncBuffer,
  group: RowGroup,
  repeated: ReadonlySet<string>,
): Promise<Record<string, PageLocation[]> | null> {
  const locations: Record<string, PageLocation[]> = {};
  for (const { meta_data: column, offset_index_offset: index } of group.columns) {
    if (index !== undefined) continue;
    if (column === undefined) return null;
    const pages: PageLocation[] = [];
    const isNested = column.path_in_schema.length > 1 || repeated.has(column.path_in_schema[0]!);
    let offset = Number(column.dictionary_page_offset || column.data_page_offset);
    const end = offset + Number(column.total_compressed_size);
    for (let row = 0; offset < end;) {
      const bytes = await file.slice(offset, Math.min(end, offset + headerBytes));
      const reader = { view: new DataView(bytes), offset: 0 };
      const header = parquetHeader(reader);
      const size = reader.offset + header.compressed_page_size;
      const rows = isNested ? header.data_page_header_v2?.num_rows : rowsOf(header);
      if (header.type !== "DICTIONARY_PAGE") {
        if (rows === undefined) return null;
        pages.push({ offset: BigInt(offset), compressed_page_size: size, first_row_index: BigInt(row) });
        row += rows;
      }
      offset += size;
    }
    locations[column.path_in_schema.join(".")] = pages;
  }
  return locations;
}

/** Rows of a page of a column that has one value a row. */
function rowsOf(header: ReturnType<typeof parquetHeader>): number | undefined {
  return header.data_page_header_v2?.num_rows ?? header.data_page_header?.num_values;
}
