import { isAbsolute, join } from "node:path";
import { DataType, type Field, type Schema } from "apache-arrow";
import { RmbenchError } from "../errors.ts";
import { arrowItems, type OpenArrow, openArrowFile, openArrowStream } from "./import/arrow.ts";
import { pairFromRecord } from "./import/layouts/native.ts";
import { errorAt, RowProblem, type SourceItem } from "./import/record.ts";
import type { PreferencePair } from "./pair.ts";
import { decodeMetadata, type PairsMetadata } from "./schema.ts";

/** A file of pairs, read a window at a time. A file can be iterated again, stdin only once. */
export interface PairReader extends AsyncIterable<readonly PreferencePair[]> {
  /** As it is named in messages. */
  readonly name: string;
  readonly metadata: PairsMetadata;
  /** Releases the file where it was opened but not iterated. */
  close(): Promise<void>;
}

export interface OpenPairsOptions {
  /** What `-` reads from. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Folder that relative paths start from; the process's own by default. */
  cwd?: string | undefined;
}

type Check = (type: DataType) => boolean;

const isText: Check = (type) =>
  DataType.isUtf8(type) ||
  DataType.isLargeUtf8(type) ||
  DataType.isUtf8View(type) ||
  (DataType.isDictionary(type) && isText(type.dictionary as DataType));
const isNumber: Check = (type) => DataType.isFloat(type) || DataType.isInt(type);
const isBytes: Check = (type) => DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type);
const listOf =
  (item: Check): Check =>
  (type) =>
    (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) &&
    item((type.children[0] as Field).type as DataType);
const structOf =
  (fields: Record<string, Check>): Check =>
  (type) =>
    DataType.isStruct(type) &&
    Object.entries(fields).every(([name, check]) => {
      const field = type.children.find((one) => one.name === name);
      return field !== undefined && check(field.type as DataType);
    });
const isTextMap: Check = (type) => DataType.isMap(type) || DataType.isStruct(type);

const conversation = listOf(structOf({ role: isText, content: isText }));

interface Column {
  check: Check;
  expected: string;
  required?: boolean;
}

const expectedColumns: Record<string, Column> = {
  id: { check: isText, expected: "utf8", required: true },
  subset: { check: isText, expected: "dictionary<utf8> or utf8", required: true },
  cluster: { check: isText, expected: "utf8" },
  prompt: { check: conversation, expected: "list<struct<role, content>>", required: true },
  documents: {
    check: listOf(structOf({ id: isText, title: isText, text: isText })),
    expected: "list<struct<id, title, text>>",
  },
  chosen: { check: listOf(isText), expected: "list<utf8>", required: true },
  rejected: { check: listOf(isText), expected: "list<utf8>" },
  chosen_messages: { check: listOf(conversation), expected: "list<list<struct<role, content>>>" },
  rejected_messages: { check: listOf(conversation), expected: "list<list<struct<role, content>>>" },
  rejected_prompt: { check: conversation, expected: "list<struct<role, content>>" },
  direction: { check: isText, expected: "dictionary<utf8> or utf8" },
  tools: { check: isText, expected: "utf8" },
  grades: { check: listOf(isNumber), expected: "list<float32>" },
  steps: { check: listOf(structOf({ text: isText, label: isNumber })), expected: "list<struct<text, label>>" },
  strength: { check: isNumber, expected: "float32" },
  user: { check: isText, expected: "utf8" },
  language: { check: isText, expected: "utf8" },
  weight: { check: isNumber, expected: "float32" },
  images: { check: listOf(isBytes), expected: "list<binary>" },
  tags: { check: isTextMap, expected: "map<utf8, utf8>" },
};

const typeName = (field: Field): string => field.toString().slice(`${field.name}: `.length);

function checkSchema(name: string, schema: Schema): void {
  const importIt = `rmbench data import ${name} -o pairs.arrow`;
  for (const [column, { check, expected, required }] of Object.entries(expectedColumns)) {
    const field = schema.fields.find((one) => one.name === column);
    if (field === undefined) {
      if (required !== true) continue;
      const found = schema.fields.map((one) => one.name).join(", ");
      throw new RmbenchError("data", `${name}: there is no column "${column}" (columns: ${found})`, {
        hint: `bring the file into the schema of pairs first: ${importIt}`,
      });
    }
    const type = field.type as DataType;
    if (DataType.isNull(type) && required !== true) continue;
    if (!check(type)) {
      throw new RmbenchError("data", `${name}: column "${column}" is ${typeName(field)}, expected ${expected}`, {
        hint: `bring the file into the schema of pairs first: ${importIt}`,
      });
    }
  }
}

function pairOf(name: string, item: SourceItem): PreferencePair {
  const source = { name, unit: "row" } as const;
  if ("problem" in item) throw errorAt(source, item.row, item.problem);
  try {
    return pairFromRecord(item.record);
  } catch (problem) {
    throw problem instanceof RowProblem ? errorAt(source, item.row, problem) : problem;
  }
}

/**
 * Opens Arrow IPC pairs (file or stream, zstd or lz4 too; `-` is stdin). Yields windows of at most 512 pairs, so that
 * a suite may be larger than memory. Missing optional columns read as null, unknown columns as tags.
 *
 * Throws `RmbenchError("data")` where the file is missing, not Arrow, cut off, or not in the schema of pairs, with
 * file, row and remedy.
 */
export async function openPairs(path: string, options: OpenPairsOptions = {}): Promise<PairReader> {
  const piped = path === "-";
  const name = piped ? "stdin" : path;
  const file = isAbsolute(path) ? path : join(options.cwd ?? ".", path);
  const open = (): Promise<OpenArrow> => {
    if (!piped) return openArrowFile(name, file);
    if (options.stdin === undefined) throw new RmbenchError("usage", "there is no stdin to read from");
    return openArrowStream(name, options.stdin);
  };
  const first = await open();
  try {
    checkSchema(name, first.schema);
  } catch (error) {
    await first.close();
    throw error;
  }
  let opened: OpenArrow | null = first;
  let iterated = false;
  return {
    name,
    metadata: decodeMetadata(first.schema.metadata),
    async *[Symbol.asyncIterator]() {
      if (piped && iterated) {
        throw new RmbenchError("usage", "stdin can be read only once", { hint: "store it in a file first" });
      }
      iterated = true;
      const arrow = opened ?? (await open());
      opened = null;
      for await (const window of arrowItems(arrow)) yield window.map((item) => pairOf(name, item));
    },
    close: async () => {
      await opened?.close();
      opened = null;
    },
  };
}

/** Whether a file is one of pairs that rmbench wrote, by what its schema says of itself. */
export async function isOwnPairsFile(path: string): Promise<boolean> {
  const arrow = await openArrowFile(path, path).catch(() => null);
  await arrow?.close();
  return arrow !== null && decodeMetadata(arrow.schema.metadata).schemaVersion !== "";
}

/** Rows of a file of pairs, counted without decoding them. Throws as `openPairs`. */
export async function countPairs(path: string): Promise<number> {
  const arrow = await openArrowFile(path, path);
  try {
    checkSchema(path, arrow.schema);
    let rows = 0;
    for await (const batch of arrow.batches()) rows += batch.numRows;
    return rows;
  } finally {
    await arrow.close();
  }
}
