import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importsOf, refreshed, roomOf, root, rooms } from "../recipes/architecture.ts";

const imports = importsOf();
const crossing = (from: readonly string[], to: readonly string[]) =>
  imports
    .filter((one) => from.includes(roomOf(one.from) ?? "") && to.includes(roomOf(one.to) ?? ""))
    .map((one) => `${one.from} imports ${one.to}`);

describe("the walls between the rooms", () => {
  it("names every room", () => {
    const found = readdirSync(join(root, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(found.map((entry) => entry.name).sort()).toEqual(Object.keys(rooms).sort());
  });

  it.each([
    [["inference"], ["pairs", "protocols", "metrics", "suites", "report", "scores", "run", "cli", "config"]],
    [
      ["protocols", "metrics", "stats"],
      ["models", "inference", "prompt", "suites", "report", "run", "cli", "config"],
    ],
    [
      ["models", "prompt"],
      ["suites", "protocols", "metrics", "stats", "report", "scores", "inference", "run", "cli"],
    ],
    [["audit"], ["models", "inference", "prompt", "suites", "report", "run", "cli", "config"]],
    [["report"], ["models", "inference", "prompt", "pairs", "suites", "protocols", "run", "cli", "config"]],
    [
      ["pairs", "questions", "arrow"],
      ["models", "inference", "protocols", "metrics", "report", "scores", "suites", "run", "cli"],
    ],
    [["stats"], ["metrics", "protocols", "scores", "pairs"]],
    [["run", "config", "suites", "scores"], ["cli"]],
  ])("%j knows nothing of %j", (from, to) => {
    expect(crossing(from, to)).toEqual([]);
  });

  it("keeps the pure rooms free of files, clock and environment", () => {
    const pure = (file: string) =>
      ["protocols", "metrics", "stats", "audit", "report"].includes(roomOf(file) ?? "") || file === "inference/plan.ts";
    const allowed = new Set(["report/write.ts"]);
    const impure = imports.filter(
      (one) => pure(one.from) && !allowed.has(one.from) && one.to.startsWith("node:") && one.to !== "node:crypto",
    );
    expect(impure.map((one) => `${one.from} imports ${one.to}`)).toEqual([]);
    const files = new Set(imports.map((one) => one.from).filter((file) => pure(file) && !allowed.has(file)));
    for (const file of files) {
      expect(readFileSync(join(root, "src", file), "utf8"), file).not.toMatch(
        /\bprocess\.|Date\.now|new Date\(\)|Math\.random/,
      );
    }
  });

  it("reads process only in cli and in the child process of a model", () => {
    const readers = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .filter((file) =>
        /\bprocess\.(?!version\b|platform\b|arch\b|pid\b)[a-z]/.test(readFileSync(join(root, "src", file), "utf8")),
      );
    expect(
      readers.filter(
        (file) =>
          !file.startsWith("cli/") && !file.startsWith("models/host/") && file !== "models/module/module-backend.ts",
      ),
    ).toEqual([]);
  });
});

describe("docs/architecture.md", () => {
  it("shows the imports as they are", () => {
    const { now, fresh } = refreshed();
    expect(now).toBe(fresh);
  });
});

describe("dependencies", () => {
  it("installs exactly one onnxruntime-node, the one that transformers pins", () => {
    const { packages } = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8")) as {
      packages: Record<string, { version: string }>;
    };
    const copies = Object.entries(packages).filter(([place]) => /(^|\/)node_modules\/onnxruntime-node$/.test(place));
    const manifest = (name: string) =>
      JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")) as {
        dependencies: Record<string, string>;
      };
    const ours = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(copies.map(([place, { version }]) => [place, version])).toEqual([
      ["node_modules/onnxruntime-node", ours.dependencies["onnxruntime-node"]],
    ]);
    expect(manifest("@huggingface/transformers").dependencies["onnxruntime-node"]).toBe(
      ours.dependencies["onnxruntime-node"],
    );
  });
});
