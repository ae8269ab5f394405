import { stat } from "node:fs/promises";
import { RmbenchError } from "../errors.ts";

/** Files by path with size, inode and times, as they were when the files were hashed for the model's identity. */
export type Stamps = Readonly<Record<string, string>>;

/** Take it before the file is read: what is written after that shows. */
export async function stampOf(file: string): Promise<string> {
  const { size, ino, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
  return [size, ino, mtimeNs, ctimeNs].join(" ");
}

/** @throws RmbenchError `model` when a file is no longer the one that was hashed. */
export async function assertUnchanged(stamps: Stamps): Promise<void> {
  for (const [file, stamp] of Object.entries(stamps)) {
    if ((await stampOf(file).catch(() => "missing")) === stamp) continue;
    throw new RmbenchError("model", `${file} changed after it was hashed, so its scores belong to another model`, {
      hint: "start again once the file is complete",
    });
  }
}
