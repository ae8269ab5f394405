import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { reportSchema, type Report } from "../../src/report/schema.ts";
import { runHere } from "./in-process.ts";
import { pair, somePairs, writeSomePairs } from "./pairs.ts";
import { rmbench } from "./rmbench.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-cli-"));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(60));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const saved = (run: string): Report =>
  reportSchema.parse(JSON.parse(readFileSync(join(folder, run, "report.json"), "utf8")));
const withoutExecution = ({ execution: _execution, ...report }: Report) => report;
const longest = ["run", "--model", "shortcut:longest", "--suite", "some.arrow"];
const ansi = /\u001b\[/;

describe("rmbench run", () => {
  it("writes a run folder, prints a table on stdout and progress on stderr", async () => {
    const { code, stdout, stderr } = await rmbench([...longest, "--out", "first"], folder);
    expect(code, stderr).toBe(0);
    expect((await readdir(join(folder, "first"))).sort()).toEqual([
      "margins-some.svg",
      "reliability-some.svg",
      "report.json",
      "report.md",
      "scores.arrow",
    ]);
    expect(stdout).toContain("some");
    expect(stdout).toMatch(/\d+\.\d% \[\d+\.\d, \d+\.\d\]/);
    expect(stdout + stderr).not.toMatch(ansi);
    expect(stderr).toContain("60 pairs");
    for (const line of stdout.split("\n").filter((text) => !text.includes(folder)))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  it("agrees with a count of the margins by hand", async () => {
    await runHere([...longest, "--out", "counted"], folder);
    const credit = somePairs(60).map(({ chosen, rejected }): number => {
      const margin = chosen[0]!.length - rejected[0]!.length;
      return margin > 0 ? 1 : margin === 0 ? 0.5 : 0;
    });
    const accuracy = credit.reduce((sum, one) => sum + one, 0) / credit.length;
    const [suite] = saved("counted").suites;
    expect(suite!.metrics["accuracy"]).toMatchObject({ value: expect.closeTo(accuracy, 11), n: 60, clusters: 30 });
    expect(suite!.counts).toMatchObject({ pairs: 60, tied: credit.filter((one) => one === 0.5).length });
    expect(suite!.groups.map(({ by, name, counts }) => [by, name, counts.pairs])).toEqual([
      ["subset", "rest", 40],
      ["subset", "third", 20],
    ]);
  });

  it("gives the same report fresh, repeated and without a store, but for execution", async () => {
    for (const [out, store] of [
      ["a", "s"],
      ["b", "s"],
      ["c", "none"],
    ] as const) {
      await runHere([...longest, "--out", out, "--store", store], folder);
    }
    expect(saved("b").execution.store).toEqual({ hits: 120, scored: 0 });
    expect(withoutExecution(saved("b"))).toEqual(withoutExecution(saved("a")));
    expect(withoutExecution(saved("c"))).toEqual(withoutExecution(saved("a")));
    expect(readFileSync(join(folder, "b/scores.arrow")).equals(readFileSync(join(folder, "a/scores.arrow")))).toBe(
      true,
    );
  });

  it("prints the report itself with --json, and nothing else", async () => {
    const { stdout } = await rmbench([...longest, "--json", "--out", "json"], folder);
    expect(reportSchema.parse(JSON.parse(stdout))).toEqual(saved("json"));
  });

  it("joins shards to the bytes of the whole run, and refuses shards of different runs", async () => {
    await runHere([...longest, "--out", "whole"], folder);
    for (const shard of ["1/3", "2/3", "3/3"])
      await runHere([...longest, "--shard", shard, "--out", `part-${shard[0]}`], folder);
    expect((await rmbench(["merge", "part-1", "part-2", "part-3", "--out", "joined"], folder)).code).toBe(0);
    expect(withoutExecution(saved("joined"))).toEqual(withoutExecution(saved("whole")));
    expect(
      readFileSync(join(folder, "joined/scores.arrow")).equals(readFileSync(join(folder, "whole/scores.arrow"))),
    ).toBe(true);
    await runHere(
      ["run", "--model", "shortcut:shortest", "--suite", "some.arrow", "--shard", "2/3", "--out", "other"],
      folder,
    );
    const refused = await rmbench(["merge", "part-1", "other", "--out", "no"], folder);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("differ in the model's name")]);
    const twice = await rmbench(["merge", "part-1", "part-1", "--out", "no"], folder);
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining("in two of the runs")]);
    expect(existsSync(join(folder, "no"))).toBe(false);
  });

  it("limits to whole clusters, filters, and names what was selected", async () => {
    const { code } = await rmbench([...longest, "--limit", "10", "--where", "subset=rest", "--out", "few"], folder);
    expect(code).toBe(0);
    const { settings, suites } = saved("few");
    expect(settings).toMatchObject({ limit: 10, where: ["subset=rest"] });
    expect(suites[0]!.counts.pairs).toBeGreaterThan(5);
    expect(suites[0]!.counts.pairs).toBeLessThanOrEqual(10);
    const nothing = await rmbench([...longest, "--where", "subset=none", "--out", "nothing"], folder);
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("no pair")]);
    expect(existsSync(join(folder, "nothing"))).toBe(false);
  });

  it("counts what a run would do without scoring anything", async () => {
    const { stdout } = await rmbench(
      ["run", "--dry-run", "--model", "shortcut:shortest", "--suite", "some.arrow", "--json", "--store", "dry"],
      folder,
    );
    expect(JSON.parse(stdout)).toMatchObject([
      { suites: [{ suite: "some", pairs: 60, questions: 120, distinct: 120, stored: 0 }] },
    ]);
    expect(existsSync(join(folder, "dry"))).toBe(false);
  });

  it("refuses two suites with one id, which would overwrite each other's scores", async () => {
    mkdirSync(join(folder, "other"), { recursive: true });
    await writeSomePairs(join(folder, "other/some.arrow"), somePairs(4));
    for (const more of [[], ["--dry-run"]]) {
      const { code, stderr } = await rmbench([...longest, "--suite", "other/some.arrow", ...more], folder);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/some\.arrow and other\/some\.arrow have the same id, some/),
      ]);
      expect(stderr).toContain("rename one");
    }
  });

  it("takes names with commas, and globs with braces", async () => {
    await writeSomePairs(join(folder, "a,b.arrow"), somePairs(4));
    const { code, stderr } = await rmbench(
      ["run", "--model", "shortcut:longest", "--suite", "a,b.arrow", "--out", "comma"],
      folder,
    );
    expect(code, stderr).toBe(0);
    for (const name of ["ck-1", "ck-2"]) mkdirSync(join(folder, name), { recursive: true });
    const globbed = await rmbench(["run", "--dry-run", "--model", "onnx:ck-{1,2}", "--suite", "some.arrow"], folder);
    expect([globbed.code, globbed.stderr]).toEqual([2, expect.stringContaining("ck-1")]);
    expect(globbed.stderr).not.toContain("no folder matches");
  });

  it("gives every one of several commands at once a folder of its own", async () => {
    const own = await mkdtemp(join(folder, "parallel-"));
    await writeSomePairs(join(own, "some.arrow"), somePairs(20));
    const shards = ["1/3", "2/3", "3/3", "3/3"];
    const runs = await Promise.all(shards.map((shard) => rmbench([...longest, "--shard", shard], own)));
    for (const { code, stderr } of runs) expect(code, stderr).toBe(0);
    const names = runs.map(({ stdout }) => stdout.trim().split("\n").at(-1)!.split("/").at(-1)!);
    expect(new Set(names).size).toBe(4);
    for (const [i, name] of names.entries()) expect(name).toContain(`shard-${shards[i]!.replace("/", "-of-")}`);
    expect((await readdir(join(own, "reports"))).sort()).toEqual([...names].sort());
  });

  it("scores several models into one table, one folder each", async () => {
    const { code, stdout } = await rmbench(
      [
        "run",
        "--model",
        "shortcut:longest",
        "--model",
        "shortcut:shortest",
        "--suite",
        "some.arrow",
        "--out",
        "models",
      ],
      folder,
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/shortcut:longest[\s\S]*shortcut:shortest/);
    const [a, b] = [saved("models/shortcut-longest"), saved("models/shortcut-shortest")];
    expect(a.suites[0]!.metrics["accuracy"]!.value! + b.suites[0]!.metrics["accuracy"]!.value!).toBeCloseTo(1, 10);
  });

  it("takes settings from a file and from the environment, and writes a commented file", async () => {
    const own = await mkdtemp(join(folder, "config-"));
    await writeSomePairs(join(own, "some.arrow"), somePairs(20));
    writeFileSync(join(own, "rmbench.config.yaml"), "model: shortcut:longest\nsuite: some.arrow\nout: from-file\n");
    expect((await rmbench(["run"], own, { RMBENCH_MODEL: "shortcut:shortest" })).code).toBe(0);
    const report = JSON.parse(readFileSync(join(own, "from-file/report.json"), "utf8")) as Report;
    expect(report.model.id).toBe("shortcut:shortest");
    expect((await rmbench(["init"], own)).code).toBe(2);
    expect((await rmbench(["init", "--force"], own)).code).toBe(0);
    expect(
      (await rmbench(["run", "--dry-run", "--model", "shortcut:longest", "--suite", "some.arrow"], own)).code,
    ).toBe(0);
  });
});

describe("a reward model of one's own", () => {
  it("is one file, and compares in both orders where it compares", async () => {
    writeFileSync(
      join(folder, "compare-rm.ts"),
      `interface Side { response: unknown }
       export default {
         name: "compare-rm",
         asks: ["pairwise"],
         compare: (pairs: { a: Side; b: Side }[]) => pairs.map(({ a, b }) => String(a.response).length - String(b.response).length + 0.5),
       };`,
    );
    const { code, stderr } = await rmbench(
      ["run", "--model", "./compare-rm.ts", "--suite", "some.arrow", "--out", "compared"],
      folder,
    );
    expect(code, stderr).toBe(0);
    await runHere([...longest, "--out", "pointwise"], folder);
    const accuracy = (run: string) => saved(run).suites[0]!.metrics["accuracy"]!.value;
    expect(accuracy("compared")).toBe(accuracy("pointwise"));
  });

  it("is counted where it says NaN, and fails the run beyond --max-errors", async () => {
    writeFileSync(
      join(folder, "nan-rm.mjs"),
      `export default { name: "nan-rm", asks: ["pointwise"], score: (all) => all.map(({ response }) => (response.includes("pair") ? NaN : response.includes("Answer 3:") ? NaN : response.length)) };`,
    );
    const args = ["run", "--model", "./nan-rm.mjs", "--suite", "some.arrow", "--out", "nan"];
    const failed = await rmbench(args, folder);
    expect([failed.code, failed.stderr]).toEqual([3, expect.stringContaining("--max-errors")]);
    expect(saved("nan")).toMatchObject({ complete: false, suites: [{ counts: { invalid: 1, judged: 59 } }] });
    expect((await rmbench([...args, "--max-errors", "1"], folder)).code).toBe(0);
    for (const shard of ["1", "2"])
      await runHere([...args.slice(0, -1), `nan-${shard}`, "--shard", `${shard}/2`], folder);
    const merged = await rmbench(["merge", "nan-1", "nan-2", "--out", "nan-merged"], folder);
    expect([merged.code, merged.stderr]).toEqual([3, expect.stringContaining("--max-errors")]);
    expect(saved("nan-merged").complete).toBe(false);
  });
});

describe("what goes wrong", () => {
  const cases: [string, string[], RegExp][] = [
    ["an unknown flag", ["run", "--limt", "3"], /did you mean --limit/i],
    ["an unknown command", ["rnu"], /did you mean run/i],
    ["an unknown suite", ["run", "--model", "shortcut:longest", "--suite", "safty"], /no suite "safty"[\s\S]*safety/],
    ["a missing file", ["run", "--model", "shortcut:longest", "--suite", "none.arrow"], /none\.arrow does not exist/],
    ["a file that is not Arrow", ["run", "--model", "shortcut:longest", "--suite", "own.jsonl"], /rmbench data import/],
    ["an unknown adapter", ["run", "--model", "onxx:./dir"], /no model adapter/],
    ["an unknown shortcut", ["run", "--model", "shortcut:best"], /no shortcut "best"/],
    ["a bad value", ["run", "--limit", "few"], /--limit few/],
    ["a folder that is no run", ["report", "nowhere"], /no run at nowhere/],
    ["a suite named twice", ["run", "--suite", "safety", "--suite", "safety"], /named twice/],
    ["a glob without folders", ["run", "--model", "onnx:nothing/*"], /no folder matches/],
  ];
  it.each(cases)("%s ends in one clear error and exit code 2", async (_name, args, message) => {
    writeFileSync(join(folder, "own.jsonl"), '{"id":"1"}\n');
    const { code, stderr, stdout } = await rmbench(args, folder);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("    at ");
    expect([code, stdout]).toEqual([2, ""]);
  });

  it("never replaces a folder that is no run of ours", async () => {
    const own = await mkdtemp(join(folder, "precious-"));
    writeFileSync(join(own, "thesis.txt"), "precious");
    const { code, stderr } = await rmbench([...longest, "--out", own], folder);
    expect([code, readFileSync(join(own, "thesis.txt"), "utf8")]).toEqual([2, "precious"]);
    expect(stderr).toContain("is not replaced");
  });

  it.runIf(process.getuid?.() !== 0 || existsSync("/usr/bin/setpriv"))(
    "says so where the store's folder is read-only",
    async () => {
      const own = await mkdtemp(join(tmpdir(), "rmbench-readonly-"));
      chmodSync(own, 0o555);
      const command = [
        process.execPath,
        join(root, "bin/rmbench.js"),
        "run",
        "--model",
        "shortcut:longest",
        "--suite",
        "safety",
        "--store",
        join(own, "store"),
        "--out",
        `${own}-run`,
      ];
      const asUser =
        process.getuid?.() === 0
          ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...command]
          : command;
      const { status, stderr } = spawnSync(asUser[0]!, asUser.slice(1), { cwd: "/", encoding: "utf8" });
      await rm(own, { recursive: true, force: true });
      expect([status, stderr]).toEqual([2, expect.stringMatching(/store .* cannot be (written|opened)/)]);
    },
  );

  it("shows adversarial names without their control characters", async () => {
    const name = "evil\u001b[31m\u202e::error::</script>|`x`";
    await writeSomePairs(join(folder, "evil.arrow"), [
      pair({ id: name, subset: name }),
      pair({ id: "b", subset: "plain" }),
    ]);
    const { stdout } = await rmbench(
      ["run", "--model", "shortcut:longest", "--suite", "evil.arrow", "--out", "evil"],
      folder,
    );
    const markdown = readFileSync(join(folder, "evil/report.md"), "utf8");
    expect(stdout + markdown).not.toMatch(/[\u001b\u202e]/);
    expect(markdown).not.toContain("</script>");
  });
});

describe("start-up", () => {
  it("loads no heavy package for --help, list and show", () => {
    const heavy = /node_modules\/(apache-arrow|onnxruntime|@huggingface|vega|lmdb|hyparquet)/;
    const loaded = (args: string[]) =>
      execFileSync(
        process.execPath,
        ["--import", `data:text/javascript,${encodeURIComponent(loadReporter)}`, join(root, "bin/rmbench.js"), ...args],
        { encoding: "utf8", cwd: folder },
      );
    for (const args of [["--help"], ["run", "--help"], ["list"], ["--version"]])
      expect(loaded(args), args.join(" ")).not.toMatch(heavy);
    expect(loaded(["show", "safety"])).toMatch(/apache-arrow/);
  });
});

const loadReporter = `
import { register } from "node:module";
register("data:text/javascript," + encodeURIComponent(\`
  import { writeSync } from "node:fs";
  export async function load(url, context, next) { writeSync(1, url + "\\\\n"); return next(url, context); }
\`));`;
