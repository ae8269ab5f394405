import { type Data, DataType, Vector } from "apache-arrow";
import { decodeUtf8 } from "./utf8.ts";

/** Reads row `i` of a column as a plain value: text, number, boolean, bytes, array, or object; null where it is null. */
export type ValueReader = (i: number) => unknown;

type Offsets = Int32Array | BigInt64Array;

const span = (offsets: Offsets, i: number): [number, number] => [Number(offsets[i]), Number(offsets[i + 1])];

function bytesAt(data: Data): (i: number) => Uint8Array {
  if (DataType.isUtf8View(data.type) || DataType.isBinaryView(data.type)) {
    const views = data.values as Uint8Array;
    const header = new DataView(views.buffer, views.byteOffset, views.byteLength);
    const buffers = data.variadicBuffers as readonly Uint8Array[];
    return (i) => {
      const at = i * 16;
      const size = header.getInt32(at, true);
      if (size <= 12) return views.subarray(at + 4, at + 4 + size);
      const start = header.getInt32(at + 12, true);
      return buffers[header.getInt32(at + 8, true)]?.subarray(start, start + size) ?? new Uint8Array();
    };
  }
  const values = data.values as Uint8Array;
  const offsets = data.valueOffsets as Offsets;
  return (i) => values.subarray(...span(offsets, i));
}

const isText = (type: DataType): boolean =>
  DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type);

const isBytes = (type: DataType): boolean =>
  DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type);

function nonNull(data: Data): ValueReader {
  const type = data.type as DataType;
  if (DataType.isNull(type)) return () => null;
  if (isText(type)) {
    const bytes = bytesAt(data);
    return (i) => decodeUtf8(bytes(i));
  }
  if (isBytes(type)) {
    const bytes = bytesAt(data);
    return (i) => bytes(i).slice();
  }
  if (DataType.isDictionary(type)) {
    const codes = data.values as Int32Array;
    const chunks = (data.dictionary?.data ?? []).map((chunk) => ({ length: chunk.length, read: valueReader(chunk) }));
    return (i) => {
      let code = Number(codes[i]);
      for (const chunk of chunks) {
        if (code < chunk.length) return chunk.read(code);
        code -= chunk.length;
      }
      return null;
    };
  }
  if (DataType.isFixedSizeList(type)) {
    const item = valueReader(data.children[0] as Data);
    const size = type.listSize;
    return (i) => Array.from({ length: size }, (_, k) => item(i * size + k));
  }
  if (DataType.isMap(type)) {
    const [key, value] = (data.children[0] as Data).children.map(valueReader) as [ValueReader, ValueReader];
    const offsets = data.valueOffsets as Offsets;
    return (i) => {
      const [from, to] = span(offsets, i);
      const entries: [string, unknown][] = [];
      for (let k = from; k < to; k++) entries.push([String(key(k)), value(k)]);
      return Object.fromEntries(entries);
    };
  }
  if (DataType.isList(type) || DataType.isLargeList(type)) {
    const item = valueReader(data.children[0] as Data);
    const offsets = data.valueOffsets as Offsets;
    return (i) => {
      const [from, to] = span(offsets, i);
      const items: unknown[] = [];
      for (let k = from; k < to; k++) items.push(item(k));
      return items;
    };
  }
  if (DataType.isStruct(type)) {
    const fields = type.children.map((field, k) => [field.name, valueReader(data.children[k] as Data)] as const);
    return (i) => Object.fromEntries(fields.map(([name, read]) => [name, read(i)]));
  }
  if (DataType.isBool(type)) {
    const bits = data.values as Uint8Array;
    return (i) => (((bits[(data.offset + i) >> 3] ?? 0) >> ((data.offset + i) & 7)) & 1) === 1;
  }
  if (DataType.isInt(type) || (DataType.isFloat(type) && type.precision > 0)) {
    const values = data.values as ArrayLike<number | bigint>;
    return (i) => plainNumber(values[i] ?? 0);
  }
  // Timestamps, decimals and the like: as Arrow itself gives them.
  const vector = new Vector([data]);
  return (i) => {
    const value: unknown = vector.get(i);
    return typeof value === "bigint" || typeof value === "number" ? plainNumber(value) : JSON.stringify(value);
  };
}

function plainNumber(value: number | bigint): number | string {
  if (typeof value === "number") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

/**
 * A reader over one Arrow column chunk. Texts are decoded exactly (Arrow's own decoder drops a leading U+FEFF);
 * bytes that are not UTF-8 come out as `InvalidUtf8`. 64-bit integers beyond 2^53 come out as text.
 */
export function valueReader(data: Data): ValueReader {
  const read = nonNull(data);
  return data.nullCount > 0 ? (i) => (data.getValid(i) ? read(i) : null) : read;
}
