import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimRunFolders } from "../../src/cli/run-folders.ts";
import { configSchema } from "../../src/config/schema.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "rmbench-folders-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

it.each([
  ["onnx:../../ck/step-200", "onnx-ck-step-200"],
  ["onnx:/data/ck/a.b", "onnx-data-ck-a.b"],
  ["./my-rm.ts", "my-rm.ts"],
  ["onnx:.", "onnx"],
  ["transformers:org/Name@main", "transformers-org-name-main"],
  [
    "mean-variance(../models/of/somebody/else/entirely/user-conditioned.mjs)",
    "mean-variance-models-of-so--se-entirely-user-conditioned.mjs",
  ],
])("the folder of %s says its name without the way to it", async (model, name) => {
  const now = new Date("2030-01-02T03:04:05.678Z");
  await using folders = await claimRunFolders(configSchema.parse({}), [model], now, cwd);
  expect(relative(cwd, folders.paths[0]!)).toBe(join("reports", `${name}-2030-01-02T03-04-05Z`));
});
