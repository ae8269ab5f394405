import { isAbsolute, join } from "node:path";
import { RmbenchError } from "../../errors.ts";
import { arrowItems, openArrowFile, openArrowStream } from "./arrow.ts";
import { type ByteStream, fileBytes, gunzip, headOf, isGzip, peek } from "./bytes.ts";
import { csvItems } from "./csv.ts";
import { jsonItems } from "./json.ts";
import { jsonlItems } from "./jsonl.ts";
import { parquetItems } from "./parquet.ts";
import { type Format, type RecordSource, windowed } from "./record.ts";

export interface OpenOptions {
  /** What `-` reads from. */
  stdin?: AsyncIterable<Uint8Array> | undefined;
  /** Folder that relative paths start from; the process's own by default. */
  cwd?: string | undefined;
  /** The format, where the first bytes do not tell. */
  format?: Format | undefined;
}

const headBytes = 4096;

const utf16 = (name: string, flavour: string): RmbenchError =>
  new RmbenchError("data", `${name} is encoded as ${flavour}, not UTF-8`, {
    hint: `convert it first: iconv -f ${flavour} -t UTF-8 (Excel: save as "CSV UTF-8")`,
  });

function refuseForeign(name: string, head: Buffer): void {
  if (head.length === 0) throw new RmbenchError("data", `${name} is empty`, { hint: "check how it was written" });
  if (head.subarray(0, 4).toString("latin1") === "PK\u0003\u0004") {
    throw new RmbenchError("data", `${name} is a zip archive (or a spreadsheet)`, {
      hint: "unpack it, or save the sheet as CSV UTF-8",
    });
  }
  if (head.readUInt32BE(0) === 0x28b52ffd) {
    throw new RmbenchError("data", `${name} is compressed with zstd`, { hint: "unpack it: zstd -d" });
  }
}

function refuseUtf16(name: string, head: Buffer): void {
  if (head[0] === 0xff && head[1] === 0xfe) throw utf16(name, "UTF-16LE");
  if (head[0] === 0xfe && head[1] === 0xff) throw utf16(name, "UTF-16BE");
  // Without a mark: ASCII in UTF-16 has a zero in every second byte.
  let even = 0;
  let odd = 0;
  for (let i = 0; i + 1 < head.length; i += 2) {
    if (head[i] === 0) even++;
    if (head[i + 1] === 0) odd++;
  }
  if (odd > head.length / 8 && even === 0) throw utf16(name, "UTF-16LE");
  if (even > head.length / 8 && odd === 0) throw utf16(name, "UTF-16BE");
}

function sniff(name: string, head: Buffer): Format {
  const magic = head.subarray(0, 6).toString("latin1");
  if (magic === "ARROW1" || magic.startsWith("\u00ff\u00ff\u00ff\u00ff")) return "arrow";
  if (magic.startsWith("PAR1")) return "parquet";
  if (head.length >= 4) refuseForeign(name, head);
  refuseUtf16(name, head);
  const base = name.toLowerCase().replace(/\.gz$/, "");
  if (/\.(csv|tsv)$/.test(base)) return "csv";
  if (/\.(jsonl|ndjson)$/.test(base)) return "jsonl";
  const text = head
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  if (text.startsWith("[")) return "json";
  if (text.startsWith("{")) {
    if (/^\{\s*\n/.test(text)) {
      throw new RmbenchError("data", `${name} is one JSON object, not rows`, {
        hint: "give an array of objects, or JSONL with an object per line",
      });
    }
    return "jsonl";
  }
  if (/^[^\n]*[,;\t]/.test(text) && !text.includes("\u0000")) return "csv";
  throw new RmbenchError("data", `${name} is of no known format`, {
    hint: "rmbench reads JSONL, a JSON array, CSV, Parquet and Arrow IPC; name it with --format",
  });
}

const units = { jsonl: "line", json: "item", csv: "row", parquet: "row", arrow: "row" } as const;

async function openArrowSource(name: string, open: () => ReturnType<typeof openArrowFile>): Promise<RecordSource> {
  const first = await open();
  let opened: typeof first | null = first;
  return {
    name,
    format: "arrow",
    unit: "row",
    metadata: first.schema.metadata,
    notes: new Map(),
    items: async function* () {
      const arrow = opened ?? (await open());
      opened = null;
      yield* arrowItems(arrow);
    },
  };
}

/**
 * Opens a file, or stdin for `-`, as rows. The format comes from the first bytes, then from the name; gzip is seen
 * through. Files can be read again by calling `items()` again, stdin cannot.
 *
 * Throws `RmbenchError("data")` where the file is missing, of no known format, or encoded as UTF-16.
 */
export async function openRecords(path: string, options: OpenOptions = {}): Promise<RecordSource> {
  const piped = path === "-";
  const name = piped ? "stdin" : path;
  const file = piped || isAbsolute(path) ? path : join(options.cwd ?? ".", path);
  let bytes: () => ByteStream;
  let head: Buffer;
  let zipped = false;
  if (piped) {
    if (options.stdin === undefined) {
      throw new RmbenchError("usage", "there is no stdin to read from", { hint: "name a file" });
    }
    let start = await peek(options.stdin, headBytes);
    if (isGzip(start.head)) start = await peek(gunzip(name, start.bytes), headBytes);
    head = start.head;
    const once = start.bytes;
    let taken = false;
    bytes = () => {
      if (taken) throw new RmbenchError("usage", "stdin can be read only once", { hint: "store it in a file first" });
      taken = true;
      return once;
    };
  } else {
    head = await headOf(file, headBytes);
    zipped = isGzip(head);
    bytes = () => (zipped ? gunzip(name, fileBytes(file)) : fileBytes(file));
    if (zipped) {
      const start = await peek(bytes(), headBytes);
      head = start.head;
      await start.close();
    }
  }
  if (head.length === 0) refuseForeign(name, head);
  const format = options.format ?? sniff(name, head);
  const plainFile = !piped && !zipped;
  if (format === "arrow") {
    return openArrowSource(name, () => (plainFile ? openArrowFile(name, file) : openArrowStream(name, bytes())));
  }
  if (format === "parquet" && !plainFile) {
    throw new RmbenchError("data", `${name}: Parquet cannot be read from a pipe or behind gzip`, {
      hint: "store it in a file first: its directory is at the end",
    });
  }
  const notes = new Map<string, number>();
  const items = {
    jsonl: () => windowed(jsonlItems(name, bytes())),
    json: () => windowed(jsonItems(name, bytes())),
    csv: () => windowed(csvItems(name, bytes())),
    parquet: () => parquetItems(name, file, notes),
  }[format];
  return { name, format, unit: units[format], metadata: new Map(), notes, items };
}
