import { isAbsolute, resolve } from "node:path";
import { glob } from "tinyglobby";
import { RmbenchError } from "../errors.ts";
import { parseCombination } from "../models/combination-spec.ts";
import { bundledSuiteIds, loadSuite, type Suite } from "../suites/load.ts";

/** `bundled` becomes the ids of all bundled suites. @throws RmbenchError `usage` when a suite is named twice. */
export async function expandSuites(names: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(names.map(async (name) => (name === "bundled" ? bundledSuiteIds() : [name])));
  return refuseTwins(lists.flat(), "suite");
}

/**
 * Loads suites, and refuses two with one id: everything that is said of a suite is filed under it.
 * @throws RmbenchError `usage` for two suites with one id, as `loadSuite` otherwise.
 */
export async function loadSuites(names: readonly string[], cwd: string): Promise<Suite[]> {
  const suites = await Promise.all(names.map((name) => loadSuite(name, cwd)));
  for (const [i, { id }] of suites.entries()) {
    const first = suites.findIndex((suite) => suite.id === id);
    if (first === i) continue;
    throw new RmbenchError("usage", `the suites ${names[first]} and ${names[i]} have the same id, ${id}`, {
      hint: "A bare file of pairs is called by its name: rename one, or give it a definition (.yaml) with an id of its own.",
    });
  }
  return suites;
}

/**
 * A glob behind an adapter's prefix (`onnx:checkpoints/*`) becomes one spec for each folder, in natural order
 * (step-200 before step-1000). Inside of a combination they become its members.
 * @throws RmbenchError `usage` when a glob matches nothing or a model is named twice.
 */
export async function expandModels(specs: readonly string[], cwd: string): Promise<string[]> {
  const lists = await Promise.all(specs.map((spec) => expandModel(spec, cwd)));
  return refuseTwins(lists.flat(), "model");
}

async function expandModel(spec: string, cwd: string): Promise<string[]> {
  const combination = parseCombination(spec);
  if (combination !== null) {
    const members = await Promise.all(combination.members.map((member) => expandModel(member, cwd)));
    const head = spec.slice(0, spec.indexOf("("));
    return [`${head}(${members.flat().join(", ")})`];
  }
  const match = /^([a-z][a-z0-9-]+):(.*[*?[\]{}].*)$/.exec(spec);
  if (match === null || /^(\w+:)?\w+:\/\//.test(match[2]!)) return [spec];
  const [, adapter, pattern] = match;
  if (adapter === "process") return [spec]; // a command
  const folders = await glob(pattern!, { cwd, onlyDirectories: true, expandDirectories: false });
  if (folders.length === 0) {
    throw new RmbenchError("usage", `no folder matches ${pattern} in ${cwd}`, {
      hint: "A glob in --model names folders, one model each; put it in quotes.",
    });
  }
  const natural = new Intl.Collator("en", { numeric: true });
  const named = (folder: string) => {
    // A pattern from the root that leads out of here keeps its root: a long way up says less.
    const whole = isAbsolute(pattern!) && folder.startsWith("..") ? resolve(cwd, folder) : folder;
    return `${adapter}:${whole.replace(/\/$/, "")}`;
  };
  return folders.map(named).sort(natural.compare);
}

function refuseTwins(names: string[], what: string): string[] {
  const twin = names.find((name, i) => names.indexOf(name) < i);
  if (twin === undefined) return names;
  throw new RmbenchError("usage", `the ${what} ${twin} is named twice`);
}
