import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeModel } from "../../../src/models/describe.ts";
import type { ModelOptions } from "../../../src/models/reward-model.ts";
import { readCheckpoint } from "../../../src/models/torch/files.ts";
import { context, copyOf, fixture, options, temporaryFolder } from "../support.ts";

/** A checkpoint whose weights nobody loads here: this tier has no PyTorch. */
function checkpoint(files: Record<string, string> = { "model.safetensors": "weights" }): string {
  const folder = copyOf("llama");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const noPython = { ...process.env, RMBENCH_PYTHON: "/nonexistent/python" };
const describeAt = (dir: string, given: Partial<ModelOptions> = {}, env: NodeJS.ProcessEnv = noPython) =>
  describeModel(`torch:${dir}`, options(given), context(env));

describe("the Python side", () => {
  it("is missed in one error that says how to install it, with uv and with pip", async () => {
    const error: unknown = await describeAt(checkpoint()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "machine" });
    const { message, hint } = error as { message: string; hint: string };
    expect(message).toMatch(/`\/nonexistent\/python` cannot be run: there is no such program/);
    for (const word of ["uv pip install", "bin/pip install", "RMBENCH_PYTHON", "--python"])
      expect(hint).toContain(word);
    const requirements = /-r (\S+requirements\.txt)/.exec(hint)![1]!;
    expect(readFileSync(requirements, "utf8")).toMatch(/^torch/m);
  });

  it("is the interpreter that --python names, before RMBENCH_PYTHON", async () => {
    await expect(describeAt(checkpoint(), { python: "/other/python" })).rejects.toThrow(/`\/other\/python`/);
  });

  it("is told what it lacks", async () => {
    const folder = temporaryFolder();
    const bare = join(folder, "python");
    writeFileSync(
      bare,
      `#!/bin/sh\necho '{"python": "3.12.1", "torch": null, "transformers": "5.1", "tokenizers": null, "safetensors": null}'\n`,
      { mode: 0o755 },
    );
    await expect(describeAt(checkpoint(), { python: bare })).rejects.toThrow(
      /\(Python 3\.12\.1\) has no torch and no safetensors/,
    );
  });
});

describe("options", () => {
  it.each([
    [{ device: "webgpu" }, /--device webgpu/],
    [{ dtype: "q8" }, /--dtype q8/],
    [{ revision: "main" }, /--revision main/],
  ] as const)("%o is refused", async (given, message) => {
    await expect(describeAt(checkpoint(), given)).rejects.toThrow(message);
  });

  it.each([{ attention: "eager" }, { trustRemoteCode: true }, { device: "mps" }] as const)(
    "%o is refused by other adapters",
    async (given) => {
      for (const spec of [`onnx:${fixture("llama")}`, "shortcut:longest"]) {
        const refused = describeModel(spec, options(given), context());
        await expect(refused, spec).rejects.toMatchObject({ code: "usage" });
      }
    },
  );

  it("a preset in the rmbench.json of an exported graph is refused", async () => {
    const folder = checkpoint({ "rmbench.json": JSON.stringify({ preset: "ArmoRM" }) });
    await expect(describeModel(`onnx:${folder}`, options(), context())).rejects.toThrow(
      /preset ArmoRM, which is for torch:/,
    );
  });
});

describe("a checkpoint's files", () => {
  it("are named where they are missing", async () => {
    await expect(describeAt("/nonexistent/rm")).rejects.toThrow(/there is no model folder/);
    await expect(describeAt(temporaryFolder())).rejects.toThrow(/has no config\.json/);
    await expect(describeAt(checkpoint({}))).rejects.toThrow(/neither model\.safetensors nor pytorch_model\.bin/);
    await expect(describeAt(checkpoint({ "adapter_config.json": "{}" }))).rejects.toMatchObject({
      hint: expect.stringContaining("merge"),
    });
    const index = JSON.stringify({ weight_map: { a: "one.safetensors", b: "two.safetensors" } });
    const cut = checkpoint({ "model.safetensors.index.json": index, "one.safetensors": "1" });
    await expect(describeAt(cut)).rejects.toThrow(
      /lacks two\.safetensors, which model\.safetensors\.index\.json names/,
    );
    await expect(describeAt(checkpoint({ "model.safetensors.index.json": "{" }))).rejects.toThrow(/is malformed/);
  });

  it("change the hash byte by byte, code only where it may run", async () => {
    const index = JSON.stringify({ weight_map: { a: "one.safetensors", b: "two.safetensors" } });
    const folder = checkpoint({
      "model.safetensors.index.json": index,
      "one.safetensors": "1",
      "two.safetensors": "2",
      "code.py": "1",
    });
    const [before, trusted] = [await readCheckpoint(folder, false), await readCheckpoint(folder, true)];
    expect(before.code).toBeNull();
    expect(trusted.code).toMatch(/^[0-9a-f]{64}$/);
    writeFileSync(join(folder, "two.safetensors"), "3");
    writeFileSync(join(folder, "code.py"), "2");
    const after = await readCheckpoint(folder, true);
    expect(after.weights).not.toBe(before.weights);
    expect(after.config).toBe(before.config);
    expect(after.code).not.toBe(trusted.code);
  });
});

describe("from the hub", () => {
  const commit = "1".repeat(40);
  const files: Record<string, string> = {
    "config.json": JSON.stringify({ model_type: "llama", auto_map: { AutoModel: "modeling_rm.RM" } }),
    "tokenizer.json": "{}",
    "model.safetensors.index.json": JSON.stringify({ weight_map: { a: "one.safetensors", b: "two.safetensors" } }),
    "one.safetensors": "1",
    "two.safetensors": "2",
    "modeling_rm.py": "from .layers_rm import Layer\n",
    "layers_rm.py": "",
  };
  let hub: Server;
  let asked: string[] = [];
  beforeAll(async () => {
    hub = createServer((request, response) => {
      const [, file = ""] = /^\/org\/rm\/resolve\/[^/]+\/(.+)$/.exec(decodeURIComponent(request.url ?? "")) ?? [];
      asked.push(file);
      const body = files[file];
      if (body === undefined)
        response.writeHead(404, { "x-error-code": "EntryNotFound", "x-repo-commit": commit }).end();
      else response.writeHead(200, { "x-repo-commit": commit }).end(request.method === "HEAD" ? undefined : body);
    });
    await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => void hub.close());

  const fetched = async (given: Partial<ModelOptions> = {}) => {
    asked = [];
    const home = temporaryFolder();
    mkdirSync(join(home, "cwd"));
    const env = { ...noPython, HF_HOME: home, HF_ENDPOINT: `http://127.0.0.1:${(hub.address() as AddressInfo).port}` };
    const described = describeModel("torch:org/rm@main", options(given), context(env, join(home, "cwd")));
    // Everything is local by the time that Python is asked for.
    await expect(described).rejects.toThrow(/torch: needs Python/);
    return asked;
  };

  it("gets the shards that the index names, and no code", async () => {
    const paths = await fetched();
    expect(paths).toEqual(expect.arrayContaining(["config.json", "one.safetensors", "two.safetensors"]));
    expect(paths.filter((path) => path.endsWith(".py"))).toEqual([]);
  });

  it("gets code where it may run, with what that imports from beside it", async () => {
    expect(await fetched({ trustRemoteCode: true })).toEqual(
      expect.arrayContaining(["modeling_rm.py", "layers_rm.py"]),
    );
  });
});
