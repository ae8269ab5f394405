import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { beforeEach, describe, expect, it } from "vitest";
import type { CliContext } from "../../src/cli/context.ts";
import { runCli } from "../../src/cli/program.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "rmbench-data-"));
});

interface Outcome {
  code: number;
  out: Buffer;
  stdout: string;
  stderr: string;
}

async function data(
  argv: readonly string[],
  options: { stdin?: Uint8Array; signal?: AbortSignal } = {},
): Promise<Outcome> {
  const chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  const stream = (to: Buffer[]): PassThrough => new PassThrough().on("data", (chunk: Buffer) => to.push(chunk));
  const context: CliContext = {
    stdin: Readable.from(options.stdin === undefined ? [] : [options.stdin]),
    stdout: stream(chunks.stdout),
    stderr: stream(chunks.stderr),
    cwd,
    env: {},
    argv: ["data", ...argv],
    signal: options.signal ?? new AbortController().signal,
    exitCode: { value: 0 },
  };
  await runCli(context);
  const [out, err] = [Buffer.concat(chunks.stdout), Buffer.concat(chunks.stderr)];
  return { code: context.exitCode.value, out, stdout: out.toString(), stderr: err.toString() };
}

const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const put = (name: string, content: string | Uint8Array): Promise<void> => writeFile(join(cwd, name), content);
const row = (i: number, more: object = {}): object => ({
  id: `r${i}`,
  subset: i % 2 === 0 ? "even" : "odd",
  prompt: `Question ${i}`,
  chosen: `Right ${i}`,
  rejected: `Wrong ${i}`,
  ...more,
});

describe("rmbench data import", () => {
  it("writes Arrow, names format, layout and counts, and what it found", async () => {
    await put("own.jsonl", jsonl([row(1), row(2, { rejected: "" }), row(3, { chosen: "\ufeff" + "x" })]));
    const done = await data(["import", "own.jsonl", "-o", "own.arrow", "--license", "MIT"]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain("own.jsonl: jsonl, RewardBench v1");
    expect(done.stdout).toContain("3 rows, 3 pairs");
    expect(done.stdout).toMatch(/warning +empty-response +1 +first: row 2/);
    expect(done.stdout).toMatch(/info +bom +1/);
    expect(await readdir(cwd)).toEqual(["own.arrow", "own.jsonl"]);
    const shown = await data(["show", "own.arrow", "--id", "odd/r3", "--json"]);
    expect(JSON.parse(shown.stdout)).toMatchObject({ id: "r3", chosen: ["\ufeffx"] });
  });

  it("joins several files, and passes through stdin and stdout", async () => {
    await put("a.jsonl", jsonl([row(1)]));
    await put("b.csv", "id,subset,prompt,chosen,rejected\nr2,even,Question 2,Right 2,Wrong 2\n");
    const stream = await data(["import", "a.jsonl", "b.csv", "-", "-o", "-"], { stdin: Buffer.from(jsonl([row(3)])) });
    expect(stream.code).toBe(0);
    expect(stream.stderr).toContain("stdin: jsonl");
    const stats = await data(["stats", "-", "--json"], { stdin: stream.out });
    expect(JSON.parse(stats.stdout)).toMatchObject({ pairs: 3, subsets: { odd: 2, even: 1 } });
  });

  it("imports its own output to the same fingerprint", async () => {
    await put("a.jsonl", jsonl([row(1, { group: "g", extra: 3 }), row(2)]));
    const first = JSON.parse((await data(["import", "a.jsonl", "-o", "1.arrow", "--json"])).stdout) as object;
    const second = await data(["import", "1.arrow", "-o", "2.arrow", "--compress", "--json"]);
    expect(JSON.parse(second.stdout)).toMatchObject({
      fingerprint: (first as { fingerprint: string }).fingerprint,
      files: [{ format: "arrow", layout: "rmbench pairs" }],
    });
  });

  it.each<[string, string, string[], RegExp]>([
    ["a broken row", `${jsonl([row(1)])}{"id":`, [], /in\.jsonl:2: not valid JSON/],
    ["a null", jsonl([row(1), row(2, { chosen: null })]), [], /in\.jsonl:2: chosen is null/],
    ["repeated keys", jsonl([row(1), row(1, { chosen: "x" })]), [], /in\.jsonl:2: subset and id are those of row 1/],
    ["no responses", jsonl([{ id: 1, prompt: "p" }]), [], /prompts without responses/],
    ["only blank lines", "\n\n", [], /holds no pairs/],
    ["a wrong layout", jsonl([row(1)]), ["--layout", "rm-bench"], /does not hold 3 styles/],
    ["an unknown layout", jsonl([row(1)]), ["--layout", "nope"], /there is no layout "nope"/],
  ])("ends on %s with one message, code 2, and nothing left behind", async (_, content, flags, message) => {
    await put("in.jsonl", content);
    const done = await data(["import", "in.jsonl", "-o", "out.arrow", ...flags]);
    expect(done).toMatchObject({ code: 2, stdout: "" });
    expect(done.stderr).toMatch(message);
    expect(done.stderr.trimEnd().split("\n")).toHaveLength(2);
    expect(await readdir(cwd)).toEqual(["in.jsonl"]);
  });

  it("leaves nothing behind when interrupted", async () => {
    await put("in.jsonl", jsonl(Array.from({ length: 5000 }, (_, i) => row(i))));
    const controller = new AbortController();
    controller.abort(new Error("stop"));
    const done = await data(["import", "in.jsonl", "-o", "out.arrow"], { signal: controller.signal });
    expect(done.code).not.toBe(0);
    expect(await readdir(cwd)).toEqual(["in.jsonl"]);
  });

  it("can leave bad rows out, and number repeated keys into clusters", async () => {
    await put("in.jsonl", `${jsonl([row(1), row(2, { chosen: null }), row(1, { chosen: "x" })])}[]\n`);
    const done = await data(["import", "in.jsonl", "-o", "out.arrow", "--skip-errors", "--number-ids"]);
    expect(done.code).toBe(0);
    expect(done.stdout).toContain("4 rows, 2 pairs, 2 rows left out");
    const shown = await data(["show", "out.arrow", "--json"]);
    const pairs = shown.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; cluster: string });
    expect(pairs.map(({ id, cluster }) => [id, cluster])).toEqual([
      ["r1", "odd/r1"],
      ["r1#2", "odd/r1"],
    ]);
  });

  it("maps columns", async () => {
    await put("in.jsonl", jsonl([{ ask: "q", good: "g", bad: "b" }]));
    const done = await data([
      "import",
      "in.jsonl",
      "-o",
      "o.arrow",
      "--map",
      "prompt=ask",
      "--map",
      "chosen=good,rejected=bad",
    ]);
    expect(done.stdout).toContain("columns named by --map");
  });
});

describe("rmbench data validate", () => {
  it("is quiet and 0 on good files, and 0 on warnings", async () => {
    await put("good.jsonl", jsonl([row(1), row(2)]));
    await put("warn.jsonl", jsonl([row(1, { rejected: "Right 1" })]));
    expect(await data(["validate", "good.jsonl"])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("0 errors"),
    });
    const warned = await data(["validate", "warn.jsonl"]);
    expect(warned.code).toBe(0);
    expect(warned.stdout).toContain("warning identical-responses warn.jsonl:1: ");
  });

  it("lists findings with file, row and remedy, caps them with counts, and ends with 2 on errors", async () => {
    const rows = Array.from({ length: 12 }, (_, i) => row(i, { rejected: "" }));
    const bad = Buffer.concat([Buffer.from(`${jsonl(rows)}{"id":"`), Buffer.from([0xff]), Buffer.from('"}\n')]);
    await put("bad.jsonl", bad);
    const done = await data(["validate", "bad.jsonl", "--max-findings", "3"]);
    expect(done.code).toBe(2);
    const lines = done.stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^error non-utf8 bad\.jsonl:13: .*; convert the file to UTF-8/);
    expect(lines.filter((line) => line.startsWith("warning empty-response bad.jsonl:"))).toHaveLength(3);
    expect(done.stdout).toContain("warning empty-response: 9 more");
    expect(lines.at(-1)).toMatch(/13 rows, 12 pairs: 1 error, 12 warnings/);
  });

  it("gives JSON, and goes on to the next file", async () => {
    await put("cut.json", JSON.stringify([row(1), row(2)]).slice(0, -1));
    await put("good.jsonl", jsonl([row(1)]));
    const done = await data(["validate", "cut.json", "good.jsonl", "--json"]);
    expect(done.code).toBe(2);
    const [cut, good] = JSON.parse(done.stdout) as [object, object];
    expect(good).toMatchObject({ name: "good.jsonl", pairs: 1, errors: 0, findings: [] });
    expect(cut).toMatchObject({ rows: 2, pairs: 2, errors: 1, counts: { malformed: 1 } });
  });

  it("reads Arrow, and finds what is in it", async () => {
    await put("in.jsonl", jsonl([row(1, { chosen: "Wrong 1" })]));
    await data(["import", "in.jsonl", "-o", "in.arrow"]);
    expect((await data(["validate", "in.arrow"])).stdout).toContain("identical-responses in.arrow:1");
    const bytes = await readFile(join(cwd, "in.arrow"));
    await put("cut.arrow", bytes.subarray(0, bytes.length - 20));
    const cut = await data(["validate", "cut.arrow"]);
    expect(cut.code).toBe(2);
    expect(cut.stderr).toContain("cut.arrow: the Arrow file ends before its footer");
  });
});

describe("rmbench data show and stats", () => {
  it("never let a terminal see what could move it", async () => {
    const nasty = "\u001b[2J\u001b]0;title\u0007\u202eabc\u2028\r\nnext\u009b1m";
    await put(
      "in.jsonl",
      jsonl([{ ...row(1), id: nasty, subset: nasty, prompt: nasty, chosen: nasty, [nasty]: nasty }]),
    );
    for (const argv of [
      ["show", "in.jsonl"],
      ["stats", "in.jsonl"],
      ["validate", "in.jsonl"],
      ["import", "in.jsonl", "-o", "o.arrow"],
    ]) {
      const { stdout, stderr } = await data(argv);
      expect(stdout).not.toBe("");
      expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028]/);
    }
  });

  it("shows as many pairs as asked, and names an id that is not there", async () => {
    await put("in.jsonl", jsonl([1, 2, 3, 4, 5].map((i) => row(i))));
    const shown = await data(["show", "in.jsonl", "-n", "2"]);
    expect(shown.stdout.match(/chosen: /g)).toHaveLength(2);
    expect(shown.stdout).toContain("even/r2");
    const missing = await data(["show", "in.jsonl", "--id", "r9"]);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("has no pair with the id r9") });
  });

  it("counts what a file is made of", async () => {
    await put("in.jsonl", jsonl([1, 2, 3].map((i) => row(i, { group: "g" }))));
    const { stdout } = await data(["stats", "in.jsonl"]);
    expect(stdout).toMatch(/^pairs +3$/m);
    expect(stdout).toMatch(/^clusters +1 \(largest 3\)$/m);
    expect(stdout).toMatch(/^subsets +odd 2, even 1$/m);
    expect(stdout).toMatch(/^chosen is longer +50\.0 %$/m);
  });
});
