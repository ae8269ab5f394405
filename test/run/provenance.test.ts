import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packageRoot } from "../../src/package.ts";
import { provenance } from "../../src/run/provenance.ts";

it("names the installed versions of the packages that can move a number, not the ranges that are allowed", async () => {
  const { packages } = await provenance(packageRoot);
  const lock = JSON.parse(readFileSync(join(packageRoot, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string }>;
  };
  expect(Object.keys(packages).length).toBeGreaterThan(3);
  for (const [name, version] of Object.entries(packages))
    expect(version, name).toBe(lock.packages[`node_modules/${name}`]?.version);
});
