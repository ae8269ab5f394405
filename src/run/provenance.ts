import { execFile } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { promisify } from "node:util";
import { installedVersion } from "../package.ts";
import type { Report } from "../report/schema.ts";

const execute = promisify(execFile);

/** Runtime, the installed versions of the packages that can move a number, and the commit of the folder that the run was started in. */
export async function provenance(cwd: string): Promise<Report["provenance"]> {
  const names = ["@huggingface/jinja", "@huggingface/tokenizers", "@huggingface/transformers", "onnxruntime-node"];
  const packages = Object.fromEntries(names.map((name) => [name, installedVersion(name) ?? "not installed"]));
  return { node: process.version, platform: `${process.platform}-${process.arch}`, packages, git: await gitState(cwd) };
}

async function gitState(cwd: string): Promise<{ commit: string; dirty: boolean } | null> {
  try {
    const commit = (await execute("git", ["rev-parse", "HEAD"], { cwd })).stdout.trim();
    const status = (await execute("git", ["status", "--porcelain", "--untracked-files=no"], { cwd })).stdout;
    return { commit, dirty: status !== "" };
  } catch {
    return null; // no git, or no repository
  }
}

export function hostDescription(): Report["execution"]["host"] {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
  };
}
