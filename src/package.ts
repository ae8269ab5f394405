import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The folder of the installed package: both `src/` and `dist/` lie directly in it. */
export const packageRoot = fileURLToPath(new URL("../", import.meta.url));

/** Version of this rmbench, as its package.json says. */
export const version: string = (
  JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }
).version;
