import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { stampOf, type Stamps } from "../stamps.ts";
import { isFile } from "../paths.ts";

/**
 * The words of a command, those that name a file replaced by its sha256: a script that was edited is another model, one
 * that was moved is not. A first word without a slash is a program of PATH, and none of these.
 */
export async function hashFiles(words: readonly string[], cwd: string): Promise<{ words: string[]; stamps: Stamps }> {
  const stamps: Record<string, string> = {};
  const hashed: string[] = [];
  for (const [i, word] of words.entries()) {
    const path = resolve(cwd, word);
    const isProgram = i === 0 && !/[\\/]/.test(word);
    if (isProgram || !(await isFile(path))) {
      hashed.push(word);
      continue;
    }
    stamps[path] = await stampOf(path);
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    hashed.push(`sha256:${hash.digest("hex")}`);
  }
  return { words: hashed, stamps };
}
