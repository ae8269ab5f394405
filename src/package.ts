import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the installed package: both `src/` and `dist/` lie directly in it. */
export const packageRoot = fileURLToPath(new URL("../", import.meta.url));

/** Version of this rmbench, as its package.json says. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;

/** Version of a dependency as it is installed, whatever range package.json allows; null where it is not there. */
export function installedVersion(name: string): string | null {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  const file = folders.map((folder) => join(folder, name, "package.json")).find(existsSync);
  return file === undefined ? null : (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
