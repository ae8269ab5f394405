import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, resolve } from "node:path";
import { RmbenchError } from "../errors.ts";
import { packageRoot } from "../package.ts";
import type { SuiteDefinition } from "./schema.ts";

/** A definition with the absolute path of its pairs. `bare` where the user named an Arrow file and nothing else. */
export interface Suite extends SuiteDefinition {
  pairsPath: string;
  bare: boolean;
}

const bundledFolder = join(packageRoot, "suites");

/** Ids of the suites that the package ships, in alphabetical order. */
export async function bundledSuiteIds(): Promise<string[]> {
  const files = await readdir(bundledFolder);
  return files
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => basename(file, ".yaml"))
    .sort();
}

/**
 * What a list shows of each bundled suite. Not validated here, as tests validate what the package ships: the schema
 * library would double the time that `rmbench list` takes.
 */
export async function bundledSuites(): Promise<Pick<SuiteDefinition, "id" | "title" | "version" | "protocol">[]> {
  const [{ parse }, ids] = await Promise.all([import("yaml"), bundledSuiteIds()]);
  return Promise.all(
    ids.map(async (id) => parse(await readFile(join(bundledFolder, `${id}.yaml`), "utf8")) as SuiteDefinition),
  );
}

/**
 * A suite by bundled id, by its definition (`.yaml`), or by a bare Arrow file, which is judged pairwise.
 * @throws RmbenchError `usage` when there is no such suite, `config` when its definition is malformed.
 */
export async function loadSuite(name: string, cwd: string): Promise<Suite> {
  const extension = extname(name);
  if (extension === ".yaml" || extension === ".yml") return definition(resolve(cwd, name));
  if (extension !== "" || name.includes("/") || name === "-") return bareFile(name, cwd);
  const ids = await bundledSuiteIds();
  if (ids.includes(name)) return definition(join(bundledFolder, `${name}.yaml`));
  throw new RmbenchError("usage", `there is no suite ${JSON.stringify(name)}`, {
    hint: `Bundled: ${ids.join(", ")}. Or name a definition (.yaml) or a file of pairs (.arrow).`,
  });
}

async function definition(file: string): Promise<Suite> {
  const [{ readYaml }, { suiteSchema }] = await Promise.all([import("../config/yaml-file.ts"), import("./schema.ts")]);
  const suite = await readYaml(file, suiteSchema);
  const pairsPath = isAbsolute(suite.pairs) ? suite.pairs : resolve(dirname(file), suite.pairs);
  return { ...suite, pairsPath, bare: false };
}

async function bareFile(name: string, cwd: string): Promise<Suite> {
  const file = resolve(cwd, name);
  const found = await stat(file).catch(() => null);
  if (found === null) {
    throw new RmbenchError("usage", `the suite ${name} does not exist`, {
      hint: "Name a bundled suite (`rmbench list`), a definition (.yaml) or a file of pairs (.arrow).",
    });
  }
  if (![".arrow", ".arrows", ".feather", ".ipc"].includes(extname(name))) {
    throw new RmbenchError("usage", `the suite ${name} is not an Arrow file`, {
      hint: `Import it first: rmbench data import ${name} -o ${basename(name, extname(name))}.arrow`,
    });
  }
  const id = basename(name, extname(name))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return {
    id: id === "" ? "pairs" : id,
    title: basename(name),
    version: "0.0.0",
    protocol: "pairwise",
    pairs: name,
    documentTemplate: "numbered",
    chance: 0.5,
    pairsPath: file,
    bare: true,
  };
}
