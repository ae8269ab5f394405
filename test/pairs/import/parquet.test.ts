import { execFile } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { parquetWriteFile } from "hyparquet-writer";
import { expect, test } from "vitest";
import { openRecords } from "../../../src/pairs/import/open.ts";
import type { SourceRecord } from "../../../src/pairs/import/record.ts";

const root = join(import.meta.dirname, "../../..");
const long = "abcdefgh".repeat(1000);
const row = (i: number): SourceRecord => ({
  id: `id ${i}`,
  prompt: `question ${i}`,
  chosen: i % 7 === 0 ? null : `${i} ${long}`,
  rejected: i % 3 === 0 ? "again" : `${long}${i}`,
});

/** One row group of n rows without an offset index, as pandas and pyarrow write it. */
async function oneGroup(n: number): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), "rmbench-parquet-")), "large.parquet");
  const rows = Array.from({ length: n }, (_, i) => row(i));
  parquetWriteFile({
    filename: path,
    columnData: ["id", "prompt", "chosen", "rejected"].map((name) => ({
      name,
      data: rows.map((one) => one[name]) as string[],
      type: "STRING",
      nullable: true,
      offsetIndex: false,
    })),
    rowGroupSize: n,
  });
  return path;
}

test("a large row group without an offset index is read in steps, every row once and in order", async () => {
  const path = await oneGroup(12_000);
  const source = await openRecords(path);
  let i = 0;
  for await (const window of source.items()) {
    for (const item of window) {
      expect(item).toEqual({ row: i + 1, record: row(i) });
      i++;
    }
  }
  expect(i).toBe(12_000);
  expect(source.notes.size).toBe(0);

  // Some 160 MB of texts in a heap that cannot hold them at once.
  const script = `
    import("./src/pairs/import/open.ts").then(async (loaded) => {
      const { openRecords } = loaded.default ?? loaded;
      let rows = 0;
      for await (const window of (await openRecords(${JSON.stringify(path)})).items()) rows += window.length;
      console.log(rows);
    });`;
  const flags = ["--max-old-space-size=128", "--import", "jiti/register", "--input-type=module", "-e", script];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: root });
  expect(stdout.trim()).toBe("12000");
});
