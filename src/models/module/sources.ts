import { createHash, type Hash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { stampOf, type Stamps } from "../stamps.ts";
import { isFile } from "../paths.ts";

/** `from "./a"`, `import "./a"`, `import("./a")`, `require("./a")`. */
const relativeImport =
  /(?:\bfrom|\bimport|\bimport\s*\(|\brequire\s*\()\s*(["'`])(\.{1,2}\/[^"'`?#]+)(?:[?#][^"'`]*)?\1/g;
const source = /\.[cm]?[jt]sx?$/;
const extensions = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".json"];

/**
 * Hashes a module and what it imports by a relative path, and those by theirs. A path that could mean several files
 * counts them all. Not seen: paths that are computed, `paths` of a tsconfig, installed packages, files that are read.
 */
export async function readSources(path: string): Promise<{ sha256: string; stamps: Stamps }> {
  const stamps: Record<string, string> = {};
  const hash = createHash("sha256");
  await add(path, path, stamps, hash);
  return { sha256: hash.digest("hex"), stamps };
}

async function add(file: string, entry: string, stamps: Record<string, string>, hash: Hash): Promise<void> {
  stamps[file] = await stampOf(file);
  const bytes = await readFile(file);
  if (file !== entry) hash.update(`\0${relative(dirname(entry), file).replaceAll(sep, "/")}\0${bytes.length}\0`);
  hash.update(bytes);
  if (!source.test(file)) return;
  const folder = dirname(await realpath(file));
  for (const [, , name = ""] of bytes.toString("utf8").matchAll(relativeImport)) {
    for (const imported of candidates(join(folder, name))) {
      if (stamps[imported] === undefined && (await isFile(imported))) await add(imported, entry, stamps, hash);
    }
  }
}

/** The files that a path without its extension, with the extension of its compiled twin, or of a folder can mean. */
function candidates(path: string): string[] {
  const twin = path.replace(/\.([cm]?)js(x?)$/, ".$1ts$2");
  return [
    ...extensions.map((extension) => path + extension),
    ...(twin === path ? [] : [twin, `${path.slice(0, -3)}.tsx`]),
    ...extensions.slice(1).map((extension) => join(path, `index${extension}`)),
  ];
}
