/** What a command may write over: a file of the kind that it writes, never a stranger's, and never what it reads. */
import { stat } from "node:fs/promises";
import { RmbenchError } from "../errors.ts";
import { headOf, tailOf } from "../pairs/import/bytes.ts";
import { cannotWrite } from "../replace-file.ts";

/** By the extension of the file. */
const kinds: Readonly<Record<string, { name: string; recognises: (path: string) => Promise<boolean> }>> = {
  arrow: { name: "a file of pairs that rmbench wrote", recognises: isPairsFile },
  json: { name: "a report of rmbench", recognises: starts(/^\{\s*"schema":\s*"rmbench\/report@/) },
  md: {
    name: "a page of rmbench",
    recognises: async (path: string) => /`report\.json` under `execution`\.\s*$/.test(String(await tailOf(path, 200))),
  },
  "scores.jsonl": {
    name: "scores that rmbench wrote",
    recognises: starts(/^\{"suite":.*"subset":.*"side":"(chosen|rejected)".*"reward":/),
  },
  "audit.csv": { name: "a review that rmbench wrote", recognises: starts(/^suite,subset,id,label,suggestion,mu,/) },
  "flags.arrow": { name: "flags that rmbench wrote", recognises: isFlagsFile },
  "scores.csv": { name: "scores that rmbench wrote", recognises: starts(/^suite,subset,id,side,index,order,status,/) },
};

/**
 * Checks before anything is read that `path` may be written: nothing is there, or an empty file, or one of the same kind.
 * @param kind `arrow` for pairs, else the extension of what a reporter writes.
 * @param inputs files that the command reads.
 * @throws RmbenchError `usage` naming the file.
 */
export async function checkOutput(path: string, kind: string, inputs: readonly string[] = []): Promise<void> {
  const there = await statOf(path);
  if (there === null) return;
  const hint = "name a new file, or move that one away";
  for (const input of inputs) {
    const read = await statOf(input);
    if (read?.dev === there.dev && read.ino === there.ino)
      throw new RmbenchError("usage", `${path} is not replaced: it is what would be read`, { hint });
  }
  if (!there.isFile()) throw new RmbenchError("usage", `${path} is not replaced: it is no file`, { hint });
  const { name = `a .${kind} file of rmbench`, recognises } = kinds[kind] ?? {};
  if (there.size > 0 && !(await recognises?.(path)))
    throw new RmbenchError("usage", `${path} is not replaced: it is not ${name}`, { hint });
}

async function statOf(path: string) {
  return stat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw cannotWrite(path, error);
  });
}

function starts(pattern: RegExp): (path: string) => Promise<boolean> {
  return async (path) => pattern.test(String(await headOf(path, 4096)));
}

async function isPairsFile(path: string): Promise<boolean> {
  const { isOwnPairsFile } = await import("../pairs/arrow-reader.ts");
  return isOwnPairsFile(path);
}

async function isFlagsFile(path: string): Promise<boolean> {
  const { openArrowFile } = await import("../pairs/import/arrow.ts");
  const file = await openArrowFile(path, path).catch(() => null);
  await file?.close();
  return file?.schema.metadata.has("rmbench.audit") ?? false;
}
