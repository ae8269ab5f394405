import { createReadStream } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { RecordBatchFileWriter, tableFromJSON } from "apache-arrow";
import { stringify } from "csv-stringify/sync";
import fc from "fast-check";
import { parquetWriteFile } from "hyparquet-writer";
import { beforeAll, describe, expect, it } from "vitest";
import { RmbenchError } from "../../../src/errors.ts";
import { jsonItems } from "../../../src/pairs/import/json.ts";
import { openRecords } from "../../../src/pairs/import/open.ts";
import type { SourceItem } from "../../../src/pairs/import/record.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-formats-"));
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function items(path: string, stdin?: AsyncIterable<Uint8Array>): Promise<SourceItem[]> {
  const all: SourceItem[] = [];
  for await (const window of (await openRecords(path, { stdin })).items()) all.push(...window);
  return all;
}

const records = async (path: string, stdin?: AsyncIterable<Uint8Array>): Promise<unknown[]> =>
  (await items(path, stdin)).map((item) => ("record" in item ? item.record : item.problem));

const failure = (work: Promise<unknown>): Promise<RmbenchError> =>
  work.then(
    (value) => {
      throw new Error(`nothing was thrown, but ${JSON.stringify(value)}`);
    },
    (error: unknown) => error as RmbenchError,
  );

const rows = [
  { id: "1", prompt: "\ufeffWhat?\u2028Why?", chosen: 'say "yes", or;no', rejected: "line\nbreak\r\nand ü 中 🙂" },
  { id: "2", prompt: " spaces ", chosen: "tab\there", rejected: "[{}]\\" },
];
const jsonl = rows.map((row) => `${JSON.stringify(row)}\n`).join("");

async function parquet(name: string, codec: "UNCOMPRESSED" | "SNAPPY" = "SNAPPY"): Promise<string> {
  const path = join(folder, name);
  const column = (key: keyof (typeof rows)[0]) => ({
    name: key,
    data: rows.map((row) => row[key]),
    type: "STRING" as const,
  });
  parquetWriteFile({
    filename: path,
    columnData: [column("id"), column("prompt"), column("chosen"), column("rejected")],
    codec,
    rowGroupSize: 1,
  });
  return path;
}

async function arrow(name: string): Promise<string> {
  return file(name, await RecordBatchFileWriter.writeAll(tableFromJSON(rows)).toUint8Array());
}

describe("every format", () => {
  it.each<[string, () => Promise<string>]>([
    ["JSONL", () => file("rows.jsonl", jsonl)],
    ["JSONL with a BOM, CRLF and blank lines", () => file("bom.jsonl", `\ufeff${jsonl.replaceAll("\n", "\r\n\r\n")}`)],
    ["JSONL without a last line end", () => file("open.jsonl", jsonl.trimEnd())],
    ["JSONL named .json", () => file("lines.json", jsonl)],
    ["gzipped JSONL", () => file("rows.jsonl.gz", gzipSync(jsonl))],
    ["a JSON array", () => file("rows.json", JSON.stringify(rows))],
    ["a pretty JSON array with a BOM", () => file("pretty.json", `\ufeff${JSON.stringify(rows, null, 2)}\n`)],
    ["CSV", () => file("comma.csv", stringify(rows, { header: true }))],
    [
      "CSV with semicolons, a BOM and CRLF",
      () =>
        file(
          "semicolon.csv",
          stringify(rows, { header: true, delimiter: ";", bom: true, record_delimiter: "windows" }),
        ),
    ],
    ["CSV with tabs", () => file("tabs.tsv", stringify(rows, { header: true, delimiter: "\t" }))],
    ["Parquet", () => parquet("rows.parquet")],
    ["uncompressed Parquet", () => parquet("plain.parquet", "UNCOMPRESSED")],
    ["Arrow of any schema", () => arrow("rows.arrow")],
  ])("%s gives texts exactly as they are", async (_, make) => {
    expect(await records(await make())).toEqual(rows);
  });

  it("is recognised on stdin too, gzipped or not", async () => {
    for (const [name, content] of [
      ["a", jsonl],
      ["b", gzipSync(jsonl)],
      ["c", JSON.stringify(rows)],
      ["d", stringify(rows, { header: true })],
    ] as const) {
      expect(await records("-", createReadStream(await file(`stdin-${name}`, content)))).toEqual(rows);
    }
  });

  it("cut off in the middle of a row ends in one data error, and never passes as shorter", async () => {
    const whole: Record<string, string | Uint8Array> = {
      "jsonl.gz": gzipSync(jsonl),
      json: JSON.stringify(rows),
      csv: stringify(rows, { header: true, quoted: true }),
    };
    const { readFile } = await import("node:fs/promises");
    whole["parquet"] = await readFile(await parquet("whole.parquet"));
    whole["arrow"] = await readFile(await arrow("whole.arrow"));
    for (const [extension, content] of Object.entries(whole)) {
      const bytes = Buffer.from(content);
      for (const share of [0.15, 0.5, 0.8, 0.97]) {
        const path = await file(`cut-${share}.${extension}`, bytes.subarray(0, Math.floor(bytes.length * share)));
        const error = await failure(items(path));
        expect(error, `${extension} at ${share}`).toBeInstanceOf(RmbenchError);
        expect(error.code).toBe("data");
        expect(error.message).toContain(path);
        expect(error.hint).toBeTypeOf("string");
      }
    }
  });
});

describe("JSONL", () => {
  it("reports broken rows by line and goes on", async () => {
    const bad = Buffer.concat([
      Buffer.from('{"a":1}\n{"a":\n[1]\n"text"\n\n{"a":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}\n{"a":2}\n{"a"'),
    ]);
    const found = await items(await file("bad.jsonl", bad));
    expect(found.map((item) => [item.row, "record" in item ? item.record : item.problem.kind])).toEqual([
      [1, { a: 1 }],
      [2, "malformed"],
      [3, "malformed"],
      [4, "malformed"],
      [6, "non-utf8"],
      [7, { a: 2 }],
      [8, "malformed"],
    ]);
    const last = found.at(-1);
    expect(last !== undefined && "problem" in last && last.problem.message).toContain("may be truncated");
  });
});

describe("JSON arrays", () => {
  it("are split right wherever the chunks end", async () => {
    const anyRow = fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(anyRow, { maxLength: 5 }), fc.integer({ min: 1, max: 7 }), async (values, size) => {
        const bytes = Buffer.from(JSON.stringify(values, null, size % 3));
        async function* chunks(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
        }
        const found: unknown[] = [];
        for await (const { item } of jsonItems("x", chunks()))
          found.push("record" in item ? item.record : item.problem);
        expect(JSON.stringify(found)).toBe(JSON.stringify(JSON.parse(bytes.toString())));
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['[{"a":1} {"a":2}]', 'expected "," or "]"'],
    ['[{"a":1},]', "expected an object"],
    ["[1]", "expected an object"],
    ['[{"a":1}] x', "follows the end"],
    ['[{"a":1}', "ends before it is complete"],
  ])("%s is refused with its place", async (content, message) => {
    const error = await failure(items(await file("array.json", content)));
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/array\.json:1/);
  });
});

describe("CSV", () => {
  it("reports fields that are not UTF-8 by row", async () => {
    const content = Buffer.concat([Buffer.from("a,b\n1,x\n2,"), Buffer.from([0xe9]), Buffer.from("\n3,y\n")]);
    const found = await items(await file("latin1.csv", content));
    expect(found.map((item) => ("record" in item ? item.record : item.problem.message))).toEqual([
      { a: "1", b: "x" },
      'column "b" is not valid UTF-8',
      { a: "3", b: "y" },
    ]);
  });

  it.each([
    ["a,b\n1,2\n1,2,3\n", ":3: "],
    ['a,b\n1,"open\n', "not valid CSV"],
    ["a,a\n1,2\n", 'column "a" occurs twice'],
    ["a,\n1,2\n", "no name"],
  ])("%j is refused with its place", async (content, message) => {
    expect((await failure(items(await file("bad.csv", content)))).message).toContain(message);
  });
});

describe("files of other kinds", () => {
  const text = "prompt,chosen\nwhat,this\n";
  const be = (buffer: Buffer): Buffer => Buffer.from(buffer).swap16();
  it.each<[string, Buffer | string, string]>([
    ["UTF-16LE with a mark", Buffer.from(`\ufeff${text}`, "utf16le"), "UTF-16LE"],
    ["UTF-16BE with a mark", be(Buffer.from(`\ufeff${text}`, "utf16le")), "UTF-16BE"],
    ["UTF-16LE without a mark", Buffer.from(text, "utf16le"), "UTF-16LE"],
    ["UTF-16BE without a mark", be(Buffer.from(text, "utf16le")), "UTF-16BE"],
    ["zip", "PK\u0003\u0004 and so on", "zip archive"],
    ["zstd", Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), "compressed with zstd"],
    ["an empty file", "", "is empty"],
    ["one JSON object", '{\n  "a": 1\n}\n', "one JSON object"],
    ["anything else", "hello", "no known format"],
  ])("%s are named", async (_, content, message) => {
    const error = await failure(openRecords(await file("foreign", content)));
    expect(error.message).toContain(message);
    expect(error.hint).toBeTypeOf("string");
  });

  it("that are missing are named, and so is Parquet from a pipe", async () => {
    expect((await failure(openRecords(join(folder, "missing.jsonl")))).message).toContain("does not exist");
    const piped = createReadStream(await parquet("pipe.parquet"));
    expect((await failure(openRecords("-", { stdin: piped }))).message).toContain("cannot be read from a pipe");
  });
});
