import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { validate } from "../../src/pairs/validate.ts";
import { openImport } from "../../src/pairs/import/import.ts";
import { bundledSuiteIds, loadSuite } from "../../src/suites/load.ts";
import { python } from "./python.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-suites-"));
  python(["recipes/suites/generate.py", "--split", "bundled", "--seed", "1", "--out", folder], root);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each(await bundledSuiteIds())("the generator makes the pairs of %s again", async (id) => {
  const { file, pairs } = await openImport(join(folder, `${id}.jsonl`), {
    onProblem: (_source, _row, problem) => {
      throw problem;
    },
  });
  const { fingerprint, errors } = await validate(file.name, pairs, {});
  expect(errors).toBe(0);
  expect(fingerprint).toBe((await loadSuite(id, ".")).fingerprint);
});
