import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * A file of this folder as the entry of a process. Built, it is JavaScript; from sources it is TypeScript, which Node 20
 * needs a loader for.
 */
export function entryOf(name: "child" | "supervisor"): { file: string; execArgv: string[] } {
  const built = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  if (existsSync(built)) return { file: built, execArgv: [] };
  const jiti = dirname(createRequire(import.meta.url).resolve("jiti/package.json"));
  const loader = pathToFileURL(join(jiti, "lib", "jiti-register.mjs")).href;
  return {
    file: fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
    execArgv: ["--disable-warning=DEP0205", "--import", loader],
  };
}
