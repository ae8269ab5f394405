import { execFile } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../package.ts";
import type { Report } from "../report/schema.ts";

const execute = promisify(execFile);

/** Runtime, the packages that can move a number, and the commit of the folder that the run was started in. */
export async function provenance(cwd: string): Promise<Report["provenance"]> {
  const packages: Record<string, string> = {};
  const manifest = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of ["@huggingface/tokenizers", "@huggingface/transformers", "onnxruntime-node"]) {
    packages[name] = manifest.dependencies[name] ?? "";
  }
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

const secretFlag = /(token|key|secret|password|authorization|header)/i;

/** The command line without secrets: values of secret-looking flags and the user part of URLs are replaced. */
export function withoutSecrets(argv: readonly string[]): string[] {
  let hideNext = false;
  return argv.map((word) => {
    if (hideNext) {
      hideNext = false;
      return "***";
    }
    const [flag, value] = splitFlag(word);
    if (flag.startsWith("--") && secretFlag.test(flag) && !flag.startsWith("--batch-tokens")) {
      if (value !== null) return `${flag}=***`;
      hideNext = true;
      return word;
    }
    return word.replace(/(\w+:\/\/)[^/@\s]*@/g, "$1***@");
  });
}

function splitFlag(word: string): [string, string | null] {
  const at = word.indexOf("=");
  return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)];
}
