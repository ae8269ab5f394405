import { basename } from "node:path";
import type { PreferencePair } from "../pair.ts";
import type { Located } from "../validate.ts";
import { defaultLayoutOptions, type Layout, type LayoutOptions, type RowContext } from "./layout.ts";
import { detectLayout, layoutById } from "./layouts/registry.ts";
import { plainPairs } from "./layouts/pairs.ts";
import { type ColumnMap, mapColumns } from "./map.ts";
import { openRecords, type OpenOptions } from "./open.ts";
import { type Format, type RecordSource, RowProblem, type SourceRecord } from "./record.ts";

export interface ImportOptions extends OpenOptions {
  /** Id of a layout, where recognition is not wanted. */
  layout?: string | undefined;
  map?: ColumnMap | undefined;
  layoutOptions?: Partial<LayoutOptions>;
  /** Sees every row that cannot be read or converted. What it throws ends the import; else the row is left out. */
  onProblem: (source: RecordSource, row: number, problem: RowProblem) => void;
}

/** What an import read, filled while its pairs are consumed. */
export interface ImportedFile {
  name: string;
  format: Format;
  /** Name of the layout, or null while no row was converted. */
  layout: string | null;
  /** Rows in, including those left out. */
  rows: number;
  pairs: number;
  skipped: number;
  /** What to know about the conversion, with the number of rows that it concerns. */
  notes: Map<string, number>;
}

const stemOf = (name: string): string =>
  basename(name)
    .replace(/\.gz$/, "")
    .replace(/\.[^.]+$/, "");

class Converter {
  #layout: Layout | null = null;
  readonly #stem: string;
  readonly #options: LayoutOptions;

  constructor(
    readonly source: RecordSource,
    readonly file: ImportedFile,
    readonly options: ImportOptions,
  ) {
    this.#stem = stemOf(source.name);
    this.#options = { ...defaultLayoutOptions, ...options.layoutOptions };
  }

  convert(row: number, original: SourceRecord): PreferencePair[] {
    const { map } = this.options;
    const record = map === undefined || map.size === 0 ? original : mapColumns(original, map);
    if (this.#layout === null) {
      this.#layout = this.#choose(row, record);
      this.file.layout = this.#layout.name;
    }
    const context: RowContext = {
      row,
      stem: this.#stem,
      options: this.#options,
      note: (text) => void this.file.notes.set(text, (this.file.notes.get(text) ?? 0) + 1),
    };
    return this.#layout.convert(record, context);
  }

  #choose(row: number, record: SourceRecord): Layout {
    if (this.options.layout !== undefined) return layoutById(this.options.layout);
    const mapped = (this.options.map?.size ?? 0) > 0;
    return mapped && plainPairs.matches(record, this.#stem)
      ? { ...plainPairs, name: "columns named by --map" }
      : detectLayout(this.source, row, record, this.#stem);
  }
}

/**
 * Pairs of one source in its order, with the row that each came from. `file` counts along. The layout is recognised by
 * the first row that can be read; a row that does not fit it goes to `onProblem`.
 */
async function* convertSource(
  source: RecordSource,
  file: ImportedFile,
  options: ImportOptions,
): AsyncGenerator<Located[]> {
  const converter = new Converter(source, file, options);
  for await (const window of source.items()) {
    const located: Located[] = [];
    for (const item of window) {
      file.rows++;
      try {
        if ("problem" in item) throw item.problem;
        for (const pair of converter.convert(item.row, item.record)) located.push({ pair, row: item.row });
      } catch (problem) {
        if (!(problem instanceof RowProblem)) throw problem;
        file.skipped++;
        options.onProblem(source, item.row, problem);
      }
    }
    file.pairs += located.length;
    if (located.length > 0) yield located;
  }
}

/** Opens one input for `convertSource`. */
export async function openImport(
  path: string,
  options: ImportOptions,
): Promise<{ source: RecordSource; file: ImportedFile; pairs: AsyncIterable<Located[]> }> {
  const source = await openRecords(path, options);
  const file: ImportedFile = {
    name: source.name,
    format: source.format,
    layout: null,
    rows: 0,
    pairs: 0,
    skipped: 0,
    notes: source.notes,
  };
  return { source, file, pairs: convertSource(source, file, options) };
}
