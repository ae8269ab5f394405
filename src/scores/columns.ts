import type { Codes, Texts } from "./table.ts";

type NumericArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/** A typed array that grows; a good guess of its length spares copies, and pages that nothing touches cost no memory. */
export class Column<A extends NumericArray> {
  #data: A;
  #length = 0;
  #zeros = true;
  readonly #type: new (length: number) => A;

  constructor(type: new (length: number) => A, expected = 0) {
    this.#type = type;
    this.#data = new type(Math.max(1024, expected));
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#data.length) {
      const grown = new this.#type(Math.ceil(this.#data.length * 1.5));
      if (!this.#zeros) grown.set(this.#data);
      this.#data = grown;
    }
    // A zero is there already: most columns of a million pairs hold little else, and untouched pages cost no memory.
    if (!Object.is(value, 0)) {
      this.#data[this.#length] = value;
      this.#zeros = false;
    }
    this.#length++;
  }

  at(i: number): number {
    return this.#data[i]!;
  }

  take(): A {
    return this.#data.subarray(0, this.#length) as A;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder(undefined, { ignoreBOM: true });

/** A column of texts as UTF-8, which grows: a million strings would cost several times their bytes. */
export class TextColumn implements Texts {
  readonly #bytes = new Column(Uint8Array);
  readonly #end = new Column(Uint32Array);

  static of(values: Iterable<string>): TextColumn {
    const column = new TextColumn();
    for (const value of values) column.push(value);
    return column;
  }

  get length(): number {
    return this.#end.length;
  }

  push(value: string): void {
    for (const byte of encoder.encode(value)) this.#bytes.push(byte);
    this.#end.push(this.#bytes.length);
  }

  at(i: number): string {
    const start = i === 0 ? 0 : this.#end.at(i - 1);
    return decoder.decode(this.#bytes.take().subarray(start, this.#end.at(i)));
  }
}

/** A column of numbers that most tables do not have: rows before its first value hold NaN. */
export class SparseColumn {
  readonly #numbers = new Column(Float64Array);

  set(at: number, value: number): void {
    this.#padTo(at);
    this.#numbers.push(value);
  }

  take(length: number): Float64Array {
    this.#padTo(length);
    return this.#numbers.take();
  }

  #padTo(length: number): void {
    while (this.#numbers.length < length) this.#numbers.push(Number.NaN);
  }
}

/** Lists of numbers; rows without one hold an empty list. */
export class ListColumn {
  readonly #end = new Column(Uint32Array);
  readonly #values = new Column(Float64Array);

  set(at: number, list: readonly number[]): void {
    this.#padTo(at);
    for (const value of list) this.#values.push(value);
    this.#end.push(this.#values.length);
  }

  take(length: number): { end: Uint32Array; values: Float64Array } {
    this.#padTo(length);
    return { end: this.#end.take(), values: this.#values.take() };
  }

  #padTo(length: number): void {
    while (this.#end.length < length) this.#end.push(this.#values.length);
  }
}

/** A dictionary-encoded column that grows. */
export class CodesColumn {
  readonly #codes: Column<Int32Array>;
  readonly #index = new Map<string, number>();

  constructor(expected = 0) {
    this.#codes = new Column(Int32Array, expected);
  }

  padTo(length: number): void {
    while (this.#codes.length < length) this.#codes.push(-1);
  }

  push(value: string | null): void {
    if (value === null) {
      this.#codes.push(-1);
      return;
    }
    let code = this.#index.get(value);
    if (code === undefined) this.#index.set(value, (code = this.#index.size));
    this.#codes.push(code);
  }

  build(length: number): Codes {
    this.padTo(length);
    return { codes: this.#codes.take(), values: [...this.#index.keys()] };
  }
}
