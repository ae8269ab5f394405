import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configFileName, envName, flagName, resolveConfig, type ConfigSources } from "../../src/config/resolve.ts";
import { configKeys } from "../../src/config/schema.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "rmbench-config-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const resolve = (sources: Partial<ConfigSources>) => resolveConfig({ flags: {}, env: {}, file: null, cwd, ...sources });

describe("resolveConfig", () => {
  it("prefers the flag to the environment, the environment to the file, the file to the default", async () => {
    expect((await resolve({})).values.maxErrors).toBe(0);
    await writeFile(join(cwd, configFileName), "maxErrors: 1\n");
    expect((await resolve({})).values.maxErrors).toBe(1);
    const env = { RMBENCH_MAX_ERRORS: "2" };
    expect((await resolve({ env })).values.maxErrors).toBe(2);
    const { values, origins } = await resolve({ env, flags: { maxErrors: "3" } });
    expect(values.maxErrors).toBe(3);
    expect(origins.maxErrors).toBe("flag --max-errors");
  });

  it("remembers where each value comes from, a file that is silent included", async () => {
    await writeFile(join(cwd, configFileName), "limit: 5\n");
    const { origins } = await resolve({ env: { RMBENCH_SEED: "x" } });
    expect([origins.limit, origins.seed, origins.device]).toEqual([
      configFileName,
      "environment RMBENCH_SEED",
      "default",
    ]);
  });

  it("reads lists from repeated flags, from the lines of a variable and from the file", async () => {
    expect((await resolve({ flags: { suite: ["a", "b,c.arrow"] } })).values.suite).toEqual(["a", "b,c.arrow"]);
    expect((await resolve({ flags: { model: ["onnx:ck-{1,2}"] } })).values.model).toEqual(["onnx:ck-{1,2}"]);
    expect((await resolve({ env: { RMBENCH_SUITE: "a,b\n c d \n\n" } })).values.suite).toEqual(["a,b", "c d"]);
    expect((await resolve({ env: { RMBENCH_WHERE: "a=1\nb=2,3" } })).values.where).toEqual(["a=1", "b=2,3"]);
    await writeFile(join(cwd, configFileName), "suite: one\nwhere: [a=1, 'b=2,3']\n");
    const { values } = await resolve({});
    expect([values.suite, values.where]).toEqual([["one"], ["a=1", "b=2,3"]]);
  });

  it("splits ids at commas, and nothing else", async () => {
    expect((await resolve({ flags: { ids: ["a, b", "c"] } })).values.ids).toEqual(["a", "b", "c"]);
    expect((await resolve({ env: { RMBENCH_IDS: "a,b\nc" } })).values.ids).toEqual(["a", "b", "c"]);
  });

  it("refuses a list with nothing in it", async () => {
    await expect(resolve({ flags: { ids: [","] } })).rejects.toMatchObject({ code: "usage" });
    await expect(resolve({ env: { RMBENCH_MODEL: "\n" } })).rejects.toMatchObject({ code: "usage" });
  });

  it("tells every problem of a file at once, with line and column", async () => {
    await writeFile(join(cwd, configFileName), "limit: none\n\ndevcie: cpu\nlevel: 2\n");
    const error: Error = await resolve({}).then(
      () => expect.fail("no error"),
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: "config" });
    expect(error.message).toMatch(/rmbench\.config\.yaml:1:8: limit: /);
    expect(error.message).toMatch(/rmbench\.config\.yaml:3:\d+: devcie: there is no such key/);
    expect(error.message).toMatch(/rmbench\.config\.yaml:4:8: level: /);
  });

  it("names the line of broken YAML", async () => {
    await writeFile(join(cwd, configFileName), "limit: 1\nlimit: 2\n");
    await expect(resolve({})).rejects.toMatchObject({ code: "config", message: expect.stringContaining(":2:1") });
  });

  it.each([
    ["limit", "none"],
    ["limit", "0"],
    ["level", "95"],
    ["device", "gpu"],
    ["shard", "3"],
    ["where", "safety"],
  ] as const)("refuses --%s %s and says which flag it was", async (key, value) => {
    await expect(resolve({ flags: { [key]: value } })).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(`--${key} ${value}`),
    });
  });

  it("says so where a named file is missing", async () => {
    await expect(resolve({ file: "other.yaml" })).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("other.yaml"),
    });
  });

  it("spells every setting as a flag and as a variable", () => {
    expect([flagName("maxErrors"), envName("maxErrors")]).toEqual(["--max-errors", "RMBENCH_MAX_ERRORS"]);
    expect(new Set(configKeys.map(envName)).size).toBe(configKeys.length);
  });
});
