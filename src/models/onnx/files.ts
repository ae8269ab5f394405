import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { RmbenchError } from "../../errors.ts";
import { stampOf, type Stamps } from "../stamps.ts";

/** File name of each dtype after the stem, as transformers.js names them. */
const suffixes: Readonly<Record<string, string>> = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  uint8: "_uint8",
  q4: "_q4",
  q4f16: "_q4f16",
  bnb4: "_bnb4",
  q2: "_q2",
  q2f16: "_q2f16",
  q1: "_q1",
  q1f16: "_q1f16",
};
const dtypes: readonly string[] = Object.keys(suffixes);

export interface GraphFile {
  path: string;
  dtype: string;
}

/** Paths of a dtype's graph in a repository, in the order of preference. @throws RmbenchError `usage` */
export function graphNames(dtype: string): readonly string[] {
  const suffix = suffixes[dtype];
  if (suffix === undefined) {
    throw new RmbenchError("usage", `there is no dtype \`${dtype}\``, { hint: `known: ${dtypes.join(", ")}` });
  }
  return [`onnx/model${suffix}.onnx`, `model${suffix}.onnx`];
}

/** The graphs of a model folder: model*.onnx in it or in its onnx/ folder. */
async function findGraphs(dir: string): Promise<GraphFile[]> {
  const found: GraphFile[] = [];
  for (const folder of [dir, join(dir, "onnx")]) {
    const names = await readdir(folder).catch((): string[] => []);
    for (const [dtype, suffix] of Object.entries(suffixes)) {
      if (names.includes(`model${suffix}.onnx`)) found.push({ path: join(folder, `model${suffix}.onnx`), dtype });
    }
  }
  return found;
}

/**
 * The graph to run: the asked dtype, else `model.onnx`, else the only one that there is.
 * @throws RmbenchError `model` where there is none or the choice is open, `usage` for an unknown dtype.
 */
export async function chooseGraph(dir: string, dtype: string | null): Promise<GraphFile> {
  if (dtype !== null) graphNames(dtype);
  const there = await stat(dir).catch(() => null);
  if (there === null) {
    throw new RmbenchError("model", `there is no model folder ${dir}`, {
      hint: "check the path; it is seen from the folder in which you stand",
    });
  }
  if (!there.isDirectory()) {
    const folder = basename(dirname(dir)) === "onnx" ? dirname(dirname(dir)) : dirname(dir);
    throw new RmbenchError("model", `${dir} is a file, and a model is a folder`, {
      hint: `name its folder: ${folder}`,
    });
  }
  const graphs = await findGraphs(dir);
  const listed = graphs.map((graph) => `${relative(dir, graph.path)} (${graph.dtype})`).join(", ");
  const chosen =
    graphs.find((graph) => graph.dtype === (dtype ?? "fp32")) ??
    (dtype === null && graphs.length === 1 ? graphs[0] : undefined);
  if (chosen !== undefined) return chosen;
  if (graphs.length === 0) {
    throw new RmbenchError("model", `${dir} has neither model.onnx nor onnx/model.onnx`, {
      hint: "export the model first: recipes/export-onnx.py or `optimum-cli export onnx --task text-classification`",
    });
  }
  if (dtype === null)
    throw new RmbenchError("model", `${dir} has no model.onnx but ${listed}`, { hint: "choose one with --dtype" });
  throw new RmbenchError("model", `${dir} has no model${suffixes[dtype]}.onnx for dtype ${dtype}; it has ${listed}`);
}

/** File names of a graph's external data, as the graph names them. */
export async function externalData(path: string): Promise<string[]> {
  const marks = new Marks();
  await hashFile(path, createHash("sha256"), marks);
  return [...marks.locations].sort();
}

export interface GraphContents {
  /** Of the graph and its external data, in order. */
  sha256: string;
  /** Of every file when it was read; a change means that the hash no longer holds. */
  stamps: Stamps;
  bytes: number;
  /** Whether activations are quantised at run time, with one scale per tensor and so per batch. */
  dynamicallyQuantised: boolean;
}

/**
 * Reads every byte of the weights, since a file replaced under the same size and time must not pass for the old one.
 * @throws RmbenchError `model` where external data is missing or lies outside the folder.
 */
export async function readGraph(path: string): Promise<GraphContents> {
  const hash = createHash("sha256");
  const marks = new Marks();
  const stamps = { [path]: await stampOf(path) };
  let bytes = await hashFile(path, hash, marks);
  const folder = dirname(path);
  for (const location of [...marks.locations].sort()) {
    const file = resolve(folder, location);
    if (!file.startsWith(folder + sep)) {
      throw new RmbenchError("model", `${path} keeps weights outside its folder: ${location}`);
    }
    stamps[file] = await stampOf(file).catch(() => {
      throw new RmbenchError("model", `${path} keeps its weights in ${location}, which is missing`, {
        hint: `copy ${basename(file)} beside ${basename(path)}`,
      });
    });
    hash.update(`\0${location}\0`);
    bytes += await hashFile(file, hash, null);
  }
  return { sha256: hash.digest("hex"), stamps, bytes, dynamicallyQuantised: marks.quantised };
}

/** Returns the size in bytes. */
async function hashFile(file: string, hash: Hash, marks: Marks | null): Promise<number> {
  let size = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    if (!Buffer.isBuffer(chunk)) continue;
    hash.update(chunk);
    marks?.scan(chunk);
    size += chunk.length;
  }
  return size;
}

/** Field `key` = "location" of StringStringEntryProto, then field `value`: onnx.proto, TensorProto.external_data. */
const locationKey = Buffer.from("\n\x08location\x12", "latin1");

/** Finds what rmbench must know of a graph in its bytes, without decoding gigabytes of protobuf. */
class Marks {
  readonly locations = new Set<string>();
  quantised = false;
  #tail = Buffer.alloc(0);

  scan(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#tail, chunk]);
    this.quantised ||= bytes.includes("DynamicQuantizeLinear");
    for (let at = bytes.indexOf(locationKey); at >= 0; at = bytes.indexOf(locationKey, at + 1)) {
      const start = at + locationKey.length;
      const size = bytes[start];
      // Names of 128 bytes and more take a second length byte; exporters write the file's short name.
      if (size !== undefined && size > 0 && size < 128 && start + 1 + size <= bytes.length) {
        this.locations.add(bytes.toString("utf8", start + 1, start + 1 + size));
      }
    }
    this.#tail = Buffer.from(bytes.subarray(-256));
  }
}
