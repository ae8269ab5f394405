import { createReadStream } from "node:fs";
import { mkdtemp, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type DataType,
  Field,
  Float64,
  List,
  RecordBatchFileWriter,
  Struct,
  Table,
  tableFromArrays,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { openPairs } from "../../src/pairs/arrow-reader.ts";
import { type WriteOptions, writePairs } from "../../src/pairs/arrow-writer.ts";
import type { PreferencePair, Response } from "../../src/pairs/pair.ts";
import { pair, somePairs } from "../cli/pairs.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-arrow-"));
});

const fixture = (name: string): string => join(import.meta.dirname, "../fixtures/pairs", name);

async function* windows(...all: (readonly PreferencePair[])[]): AsyncGenerator<readonly PreferencePair[]> {
  yield* all;
}

async function write(name: string, pairs: readonly PreferencePair[], options: WriteOptions = {}): Promise<string> {
  const path = join(folder, name);
  await writePairs(path, windows(pairs), { suite: "s", licence: "MIT", source: "here", revision: "r1" }, options);
  return path;
}

async function read(path: string, stdin?: AsyncIterable<Uint8Array>): Promise<PreferencePair[]> {
  const pairs: PreferencePair[] = [];
  for await (const window of await openPairs(path, { stdin })) pairs.push(...window);
  return pairs;
}

const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.constantFrom("", " ", "\ufeff", "\ufeffx", "a\u2028b\u2029", "\u0000", "\r\n", "中文", "__proto__"),
);
const turns = fc.array(fc.record({ role: fc.constantFrom("user", "assistant", "tool"), content: text }), {
  maxLength: 3,
});
const side = (minLength: number): fc.Arbitrary<Response[]> =>
  fc.oneof(fc.array(text, { minLength, maxLength: 3 }), fc.array(turns, { minLength: 1, maxLength: 2 }));
const single = fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const anyPair: fc.Arbitrary<PreferencePair> = fc.record({
  id: text,
  subset: text,
  cluster: optional(text),
  direction: optional(text),
  tags: fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), text, { maxKeys: 3 }),
  prompt: turns,
  documents: optional(fc.array(fc.record({ id: text, title: text, text }), { maxLength: 3 })),
  tools: optional(text),
  chosen: side(1),
  rejected: side(0),
  rejectedPrompt: optional(turns),
  grades: optional(fc.array(single, { maxLength: 3 })),
  steps: optional(fc.array(fc.record({ text, label: fc.constantFrom(1, 0, -1) }), { maxLength: 3 })),
  strength: optional(single),
  user: optional(text),
  language: optional(text),
  weight: optional(single.map(Math.abs)),
  images: optional(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 2 })),
});
const plain = (pairs: readonly PreferencePair[]): unknown =>
  JSON.parse(JSON.stringify(pairs.map((one) => ({ ...one, images: one.images?.map((image) => [...image]) ?? null }))));

describe("Arrow files of pairs", () => {
  it("give every pair back exactly, from file and stream, plain and lz4", async () => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyPair, { minLength: 1, maxLength: 12 }),
        fc.constantFrom<WriteOptions>({}, { format: "stream" }, { compression: "lz4" }),
        async (pairs, options) => {
          const path = await write(`round-${runs++}.arrow`, pairs, options);
          expect(plain(await read(path))).toEqual(plain(pairs));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("span many batches in which dictionaries grow, and can be read twice", async () => {
    const pairs = Array.from({ length: 3000 }, (_, i) =>
      pair({
        id: String(i),
        subset: `subset ${i >> 4}`,
        direction: i < 1500 ? null : i % 2 === 0 ? "refuse" : "comply",
      }),
    );
    const path = await write("batches.arrow", pairs);
    const reader = await openPairs(path);
    for (let time = 0; time < 2; time++) {
      const sizes: number[] = [];
      const back: PreferencePair[] = [];
      for await (const window of reader) {
        sizes.push(window.length);
        back.push(...window);
      }
      expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
      expect(back).toEqual(pairs);
    }
  });

  it("carry their metadata", async () => {
    const reader = await openPairs(await write("metadata.arrow", somePairs(2)));
    await reader.close();
    expect(reader.metadata).toEqual({
      schemaVersion: "1",
      suite: "s",
      licence: "MIT",
      source: "here",
      revision: "r1",
      other: {},
    });
  });

  it("are the same bytes when written twice", async () => {
    const pairs = somePairs(1500);
    const [a, b] = [await write("same-a.arrow", pairs), await write("same-b.arrow", pairs)];
    expect((await readFile(a)).equals(await readFile(b))).toBe(true);
  });

  it("are read from stdin as a stream, once", async () => {
    const path = await write("pipe.arrows", somePairs(5), { format: "stream" });
    expect(await read("-", createReadStream(path))).toEqual(somePairs(5));
    const reader = await openPairs("-", { stdin: createReadStream(path) });
    for await (const window of reader) expect(window).toHaveLength(5);
    await expect(async () => {
      for await (const window of reader) expect(window).toEqual([]);
    }).rejects.toThrow("only once");
  });

  it.each(["zstd", "lz4"])(
    "read %s files of pyarrow: large strings, maps, missing and extra columns",
    async (codec) => {
      const pairs = await read(fixture(`${codec}.arrow`));
      expect(pairs).toHaveLength(40);
      expect(pairs[7]).toEqual({
        ...pair({ id: "p7" }),
        subset: "left",
        prompt: [{ role: "user", content: "\ufeffWhat is 7 plus 7?" }],
        chosen: [`It is 14. ${"Adding a number to itself doubles it. ".repeat(3)}`],
        rejected: [`It is 15. ${"Adding a number to itself doubles it. ".repeat(3)}`],
        tags: { difficulty: "7", parity: "odd" },
      });
      expect(pairs[39]?.grades).toEqual([1, 0.5]);
    },
  );
});

describe("files that are not Arrow pairs", () => {
  it("end in one error when cut off anywhere", async () => {
    for (const format of ["file", "stream"] as const) {
      const path = await write(`whole-${format}.arrow`, somePairs(40), { format });
      const whole = await readFile(path);
      for (let share = 1; share < 20; share++) {
        const cut = join(folder, `cut-${format}-${share}.arrow`);
        await writeFile(cut, whole.subarray(0, Math.floor((whole.length * share) / 20)));
        expect(await failure(read(cut))).toMatchObject({
          name: "RmbenchError",
          code: "data",
          hint: expect.any(String),
        });
      }
      const lastByte = join(folder, `cut-${format}-last.arrow`);
      await writeFile(lastByte, whole);
      await truncate(lastByte, whole.length - 1);
      expect(await failure(read(lastByte))).toMatchObject({ code: "data" });
    }
  });

  it("are refused with what to do", async () => {
    const jsonl = join(folder, "rows.jsonl");
    await writeFile(jsonl, '{"prompt":"a"}\n');
    await expect(openPairs(jsonl)).rejects.toMatchObject({ hint: expect.stringContaining("data import") });
    await expect(openPairs(join(folder, "nowhere.arrow"))).rejects.toThrow("does not exist");
    await expect(openPairs(folder)).rejects.toThrow("is a folder");
  });

  it("with a column of the wrong type name it, and what was expected", async () => {
    const flat = join(folder, "flat.arrow");
    const table = tableFromArrays({ id: ["a"], subset: ["s"], prompt: ["p"], chosen: ["c"], rejected: ["r"] });
    const writer = RecordBatchFileWriter.writeAll(table);
    await writeFile(flat, await writer.toUint8Array());
    await expect(openPairs(flat)).rejects.toThrow(/column "prompt" is .*Utf8.*, expected list<struct<role, content>>/);

    const numbers = join(folder, "numbers.arrow");
    const other = tableFromArrays({ id: Int32Array.of(1), subset: ["s"] });
    await writeFile(numbers, await RecordBatchFileWriter.writeAll(other).toUint8Array());
    await expect(openPairs(numbers)).rejects.toThrow('column "id" is Int32, expected utf8');
  });
});

describe("Arrow files that others wrote", () => {
  it("with a negative weight are refused with file, row and remedy", async () => {
    const path = await write("negative.arrow", [pair({ id: "a", weight: 1 }), pair({ id: "b", weight: -2 })]);
    expect(await failure(read(path))).toMatchObject({
      code: "data",
      message: `${path} row 2: weight is -2`,
      hint: expect.stringContaining("from 0 up"),
    });
  });

  it("keep every column beside the schema as a tag, nested ones as JSON, and no tag for null", async () => {
    const text = (name: string) => new Field(name, new Utf8(), true);
    const list = (item: DataType) => new List(new Field("item", item, true));
    const columns: [string, DataType, unknown][] = [
      ["id", new Utf8(), "a"],
      ["subset", new Utf8(), "s"],
      ["prompt", list(new Struct([text("role"), text("content")])), [{ role: "user", content: "p" }]],
      ["chosen", list(new Utf8()), ["c"]],
      ["rejected", list(new Utf8()), ["r"]],
      ["tags", new Struct([text("kept"), text("empty"), text("gone")]), { kept: "x", empty: "", gone: null }],
      ["group", new Utf8(), "g"],
      ["scores", list(new Float64()), [1, 2]],
      ["meta", new Struct([text("source"), text("note")]), { source: "web", note: null }],
      ["nothing", new Utf8(), null],
    ];
    const table = new Table(
      Object.fromEntries(columns.map(([name, type, value]) => [name, vectorFromArray([value], type)])),
    );
    const path = join(folder, "columns.arrow");
    await writeFile(path, await RecordBatchFileWriter.writeAll(table).toUint8Array());
    const [stored] = await read(path);
    expect(stored?.tags).toEqual({
      kept: "x",
      empty: "",
      group: "g",
      scores: "[1,2]",
      meta: '{"source":"web","note":null}',
    });
  });
});

describe("writing pairs", () => {
  it("leaves nothing behind when the source fails, and keeps what was there", async () => {
    const target = await mkdtemp(join(folder, "fail-"));
    const path = join(target, "pairs.arrow");
    await writeFile(path, "before");
    async function* failing(): AsyncGenerator<readonly PreferencePair[]> {
      yield somePairs(3000);
      throw new Error("source broke");
    }
    await expect(writePairs(path, failing(), {})).rejects.toThrow("source broke");
    expect(await readdir(target)).toEqual(["pairs.arrow"]);
    expect(await readFile(path, "utf8")).toBe("before");
  });

  it("leaves nothing behind when aborted", async () => {
    const target = await mkdtemp(join(folder, "abort-"));
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<readonly PreferencePair[]> {
      for (let i = 0; ; i++) {
        if (i === 5) controller.abort(new Error("interrupted"));
        yield somePairs(1000);
      }
    }
    await expect(writePairs(join(target, "p.arrow"), endless(), {}, { signal: controller.signal })).rejects.toThrow(
      "interrupted",
    );
    expect(await readdir(target)).toEqual([]);
  });

  it("asks the source for more only when the bytes before are written", async () => {
    let ahead = 0;
    async function* source(): AsyncGenerator<readonly PreferencePair[]> {
      for (let i = 0; i < 8; i++) {
        ahead++;
        yield somePairs(1024);
      }
    }
    const { encodePairs } = await import("../../src/pairs/arrow-writer.ts");
    const bytes = encodePairs(source(), {});
    await bytes.next();
    expect(ahead).toBeLessThanOrEqual(2);
    await bytes.return(0);
  });

  it("refuses a side that mixes texts and message lists, and a folder that is not there", async () => {
    const mixed = pair({ id: "m", chosen: ["text", [{ role: "assistant", content: "turn" }]] });
    await expect(write("mixed.arrow", [mixed])).rejects.toThrow("pair all/m mixes texts and message lists");
    await expect(writePairs(join(folder, "no/such/p.arrow"), windows(somePairs(1)), {})).rejects.toMatchObject({
      code: "machine",
    });
  });
});
