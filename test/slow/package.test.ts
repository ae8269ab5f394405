import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";

let folder: string;
let tarball: string;
const env = { ...process.env, ONNXRUNTIME_NODE_INSTALL: "skip" };
const sh = (file: string, args: string[], cwd: string) =>
  execFileSync(file, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-package-"));
  const packed = JSON.parse(sh("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root)) as {
    filename: string;
  }[];
  tarball = join(folder, packed[0]!.filename);
  mkdirSync(join(folder, "user"));
  writeFileSync(join(folder, "user/package.json"), '{ "name": "user", "private": true, "type": "module" }');
  sh("npm", ["install", "--no-audit", "--no-fund", tarball, "typescript@7"], join(folder, "user"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the package, installed into an empty folder from its tarball", () => {
  it("runs the main job outside a clone", () => {
    const cwd = join(folder, "user");
    const report = JSON.parse(sh("npx", ["rmbench", "run", "--limit", "20", "--json", "--progress", "none"], cwd)) as {
      suites: { id: string }[];
    };
    expect(report.suites.map(({ id }) => id)).toEqual(["consistency", "rag-abstain", "rag-citation", "safety"]);
    expect(readdirSync(join(cwd, "reports"))).toHaveLength(1);
  });

  it("runs the module that the README shows, and type-checks it", () => {
    const cwd = join(folder, "user");
    const module = `import { defineModel } from "rmbench";

export default defineModel({
  name: "keyword-rm",
  asks: ["pointwise"],
  score: (conversations) => conversations.map(({ response }) => (String(response).includes("because") ? 1 : 0)),
});
`;
    writeFileSync(join(cwd, "my-rm.ts"), module);
    const library = `import { checkContract, type Check } from "rmbench/contract";
import { describeModel, run, type Report, type RewardModel } from "rmbench";
export const known: [typeof checkContract, typeof describeModel, typeof run] = [checkContract, describeModel, run];
export type Known = [Check, Report, RewardModel];
`;
    writeFileSync(join(cwd, "library.ts"), library);
    sh(
      "npx",
      [
        "tsc",
        "--noEmit",
        "--strict",
        "--module",
        "nodenext",
        "--target",
        "es2022",
        "--skipLibCheck",
        "my-rm.ts",
        "library.ts",
      ],
      cwd,
    );
    const report = JSON.parse(
      sh("npx", ["rmbench", "run", "--model", "./my-rm.ts", "--suite", "safety", "--json", "--progress", "none"], cwd),
    ) as {
      model: { id: string };
    };
    expect(report.model.id).toBe("./my-rm.ts");
  });

  it("holds what it needs and nothing else", () => {
    const files = sh("tar", ["-tzf", tarball], folder).split("\n");
    expect(files).toContain("package/dist/cli/main.js");
    expect(files).toContain("package/fixtures/models/tiny/model.onnx");
    expect(
      files.filter((file) =>
        /^package\/(src(?!\/models\/torch\/worker\/)|test|recipes|perf|node_modules|reports)\//.test(file),
      ),
    ).toEqual([]);
  });

  it("satisfies publint and arethetypeswrong", () => {
    sh("npx", ["publint", "--strict", tarball], root);
    sh("npx", ["attw", tarball, "--profile", "esm-only"], root);
  });
});
