import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { RmbenchError, messageOf } from "../../errors.ts";
import type { ModelContext } from "../reward-model.ts";

/** The worker stands at the same depth from src/models/torch and from dist/models/torch. */
const workerFolder = new URL("../../../src/models/torch/worker/", import.meta.url);
export const workerFile = fileURLToPath(new URL("main.py", workerFolder));
const requirements = fileURLToPath(new URL("requirements.txt", workerFolder));

const hint = [
  `install its Python side with uv: \`uv venv .venv && uv pip install --python .venv -r ${requirements}\``,
  `or with pip: \`python3 -m venv .venv && .venv/bin/pip install -r ${requirements}\``,
  "then name it: RMBENCH_PYTHON=.venv/bin/python, --python, or `python:` in rmbench.config.yaml",
].join("; ");

const installedSchema = z.object({
  python: z.string(),
  torch: z.string().nullable(),
  transformers: z.string().nullable(),
  tokenizers: z.string().nullable(),
  safetensors: z.string().nullable(),
  device: z.enum(["cpu", "cuda", "mps"]).optional(),
});

/** What an interpreter has installed; `device` where it was asked for. */
export type Installed = z.output<typeof installedSchema>;

/** The environment of a worker: the protocol's stream is never held back, and no byte code is written into the package. */
export function workerEnv(env: ModelContext["env"]): Record<string, string | undefined> {
  return {
    ...env,
    PYTHONUNBUFFERED: "1",
    PYTHONIOENCODING: "utf-8",
    PYTHONDONTWRITEBYTECODE: "1",
    TOKENIZERS_PARALLELISM: "false",
    // Everything is local by then; nothing is to be asked of the hub behind rmbench's back.
    HF_HUB_OFFLINE: "1",
  };
}

/**
 * Versions of the Python side, and the best device that PyTorch sees where `devices` is set, which loads PyTorch.
 * @throws RmbenchError `machine` saying how to install what is missing.
 */
export async function probePython(python: string, devices: boolean, context: ModelContext): Promise<Installed> {
  const out = await runWorker(python, ["probe", ...(devices ? ["devices"] : [])], context).catch((error: unknown) => {
    context.signal.throwIfAborted();
    throw new RmbenchError("machine", `torch: needs Python, and \`${python}\` cannot be run: ${reasonOf(error)}`, {
      hint,
      cause: error,
    });
  });
  const found = installedSchema.parse(JSON.parse(out));
  const missing = (["torch", "transformers", "safetensors"] as const).filter((name) => found[name] === null);
  if (missing.length > 0) {
    throw new RmbenchError("machine", `${python} (Python ${found.python}) has no ${missing.join(" and no ")}`, {
      hint,
    });
  }
  return found;
}

/** Writes tokenizer.json and its companions for a checkpoint with a slow tokenizer. @throws RmbenchError `model` */
export async function convertTokenizer(
  python: string,
  dir: string,
  target: string,
  context: ModelContext,
): Promise<void> {
  await runWorker(python, ["convert", dir, target], context).catch((error: unknown) => {
    context.signal.throwIfAborted();
    throw new RmbenchError("model", `${dir} has no tokenizer.json, and it cannot be made: ${reasonOf(error)}`, {
      hint: "save the fast tokenizer there: AutoTokenizer.from_pretrained(…).save_pretrained(dir)",
      cause: error,
    });
  });
}

function runWorker(python: string, args: readonly string[], context: ModelContext): Promise<string> {
  const options = { env: workerEnv(context.env), signal: context.signal, timeout: 300_000, cwd: context.cwd };
  return new Promise((resolve, reject) => {
    execFile(python, [workerFile, ...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const last = stderr.trim().split("\n").at(-1) ?? "";
      reject(last === "" ? error : new Error(last, { cause: error }));
    });
  });
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return "there is no such program";
  return messageOf(error);
}
