import {
  type Binary,
  type Data,
  type DataType,
  Dictionary,
  type Field,
  Float32,
  List,
  makeData,
  type Map_,
  Struct,
  Utf8,
  Vector,
} from "apache-arrow";

/** Builders of Arrow column chunks from plain values. Built directly, because Arrow's own builders cost several times the bytes. */

interface Validity {
  nullCount: number;
  nullBitmap: Uint8Array | undefined;
}

function validity(values: readonly unknown[]): Validity {
  let nullCount = 0;
  for (const value of values) if (value === null) nullCount++;
  if (nullCount === 0) return { nullCount, nullBitmap: undefined };
  const nullBitmap = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value !== null) nullBitmap[i >> 3] = (nullBitmap[i >> 3] ?? 0) | (1 << (i & 7));
  });
  return { nullCount, nullBitmap };
}

export function textColumn(values: readonly (string | null)[]): Data<Utf8> {
  const valueOffsets = new Int32Array(values.length + 1);
  let size = 0;
  values.forEach((value, i) => {
    if (value !== null) size += Buffer.byteLength(value, "utf8");
    valueOffsets[i + 1] = size;
  });
  const data = new Uint8Array(size);
  const bytes = Buffer.from(data.buffer);
  values.forEach((value, i) => {
    if (value !== null) bytes.write(value, valueOffsets[i] ?? 0, "utf8");
  });
  return makeData({ type: new Utf8(), length: values.length, ...validity(values), valueOffsets, data });
}

export function bytesColumn(type: Binary, values: readonly Uint8Array[]): Data<Binary> {
  const valueOffsets = new Int32Array(values.length + 1);
  values.forEach((value, i) => (valueOffsets[i + 1] = (valueOffsets[i] ?? 0) + value.byteLength));
  const data = new Uint8Array(valueOffsets[values.length] ?? 0);
  values.forEach((value, i) => data.set(value, valueOffsets[i]));
  return makeData({ type, length: values.length, nullCount: 0, valueOffsets, data });
}

export function floatColumn(values: readonly (number | null)[]): Data<Float32> {
  const data = Float32Array.from(values, (value) => value ?? 0);
  return makeData({ type: new Float32(), length: values.length, ...validity(values), data });
}

export function structColumn(field: Field, length: number, children: Data[]): Data {
  const type = field.type as Struct;
  return makeData({ type: new Struct(type.children), length, nullCount: 0, children });
}

function offsetsOf(values: readonly (readonly unknown[] | null)[]): Int32Array {
  const offsets = new Int32Array(values.length + 1);
  values.forEach((value, i) => (offsets[i + 1] = (offsets[i] ?? 0) + (value?.length ?? 0)));
  return offsets;
}

/** A list column; `child` builds the column of all items. */
export function listColumn<T>(
  item: Field,
  values: readonly (readonly T[] | null)[],
  child: (items: T[]) => Data,
): Data<List<DataType>> {
  const items: T[] = [];
  for (const value of values) if (value !== null) for (const one of value) items.push(one);
  return makeData({
    type: new List(item),
    length: values.length,
    ...validity(values),
    valueOffsets: offsetsOf(values),
    child: child(items),
  });
}

export function mapColumn(type: Map_, values: readonly (readonly [string, string][] | null)[]): Data<Map_> {
  const entries = values.flatMap((value) => value ?? []);
  const entryField = type.children[0] as Field;
  const child = structColumn(entryField, entries.length, [
    textColumn(entries.map(([key]) => key)),
    textColumn(entries.map(([, value]) => value)),
  ]);
  return makeData({
    type,
    length: values.length,
    ...validity(values),
    valueOffsets: offsetsOf(values),
    child: child as Data<never>,
  });
}

/** A dictionary-encoded text column whose dictionary grows by appending, so that the IPC file format can hold it. */
export class DictionaryColumn {
  readonly #codes = new Map<string, number>();
  #chunks: Data<Utf8>[] = [];

  constructor(readonly type: Dictionary<Utf8>) {}

  append(values: readonly (string | null)[]): Data<Dictionary<Utf8>> {
    const fresh: string[] = [];
    const data = Int32Array.from(values, (value) => {
      if (value === null) return 0;
      const known = this.#codes.get(value);
      if (known !== undefined) return known;
      const code = this.#codes.size;
      this.#codes.set(value, code);
      fresh.push(value);
      return code;
    });
    // The first chunk is written even when it is empty: later ones are deltas of it.
    if (fresh.length > 0 || this.#chunks.length === 0) this.#chunks = [...this.#chunks, textColumn(fresh)];
    return makeData({
      type: this.type as Dictionary<Utf8>,
      length: values.length,
      ...validity(values),
      data,
      dictionary: new Vector(this.#chunks),
    });
  }
}
