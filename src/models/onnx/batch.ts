import { RmbenchError } from "../../errors.ts";
import type { TokenIds } from "../tokenizer.ts";

/** One input of a graph, as the runtime describes it. A named dimension is free. */
export interface GraphInput {
  name: string;
  type: string;
  shape: readonly (number | string)[];
}

/** A tensor without a runtime: what `new Tensor(type, data, dims)` takes. */
export interface PlainTensor {
  type: "int64" | "int32" | "float32" | "bool";
  data: BigInt64Array | Int32Array | Float32Array | Uint8Array;
  dims: readonly number[];
}

/**
 * The inputs of a graph for some rows, by name: `input_ids`, `attention_mask`, `token_type_ids`, `position_ids`, padded
 * on the right with `padId`; `past_key_values.*` empty; `use_cache_branch` false; `num_logits_to_keep` 0 (all).
 * Names may end in `:0`.
 * @throws RmbenchError `model` naming an input that is none of these.
 */
export function buildInputs(
  inputs: readonly GraphInput[],
  rows: readonly TokenIds[],
  padId: number,
): Map<string, PlainTensor> {
  const width = Math.max(...rows.map((row) => row.length));
  return new Map(inputs.map((input) => [input.name, buildInput(input, rows, width, padId)]));
}

function buildInput(input: GraphInput, rows: readonly TokenIds[], width: number, padId: number): PlainTensor {
  const name = input.name.replace(/:\d+$/, "");
  const cell = cells[name];
  if (cell !== undefined)
    return integers(input, [rows.length, width], (at) => {
      const row = rows[Math.floor(at / width)];
      return row === undefined ? 0 : cell(row, at % width, padId);
    });
  if (name === "num_logits_to_keep") return integers(input, input.shape.map(Number), () => 0);
  if (name === "use_cache_branch") return { type: "bool", data: new Uint8Array(1), dims: [1] };
  if (name.startsWith("past_key_values.") && input.type === "float32") {
    const dims = input.shape.map((size, at) => (at === 0 ? rows.length : typeof size === "number" ? size : 0));
    return { type: "float32", data: new Float32Array(0), dims };
  }
  throw new RmbenchError(
    "model",
    `the graph wants an input \`${input.name}\` (${input.type} [${input.shape.join(", ")}])`,
    {
      hint: `rmbench can give ${Object.keys(cells).join(", ")} and an empty cache; is this a text classifier?`,
    },
  );
}

/** What stands at one position of a row. */
const cells: Readonly<Record<string, (row: TokenIds, at: number, padId: number) => number>> = {
  input_ids: (row, at, padId) => row.ids[at] ?? padId,
  attention_mask: (row, at) => (at < row.length ? 1 : 0),
  token_type_ids: (row, at) => (at >= row.segment && at < row.length ? 1 : 0),
  position_ids: (row, at) => (at < row.length ? at : 0),
};

function integers(input: GraphInput, dims: readonly number[], valueAt: (at: number) => number): PlainTensor {
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (input.type === "int64") {
    const data = new BigInt64Array(size);
    for (let at = 0; at < size; at += 1) data[at] = BigInt(valueAt(at));
    return { type: "int64", data, dims };
  }
  if (input.type === "int32")
    return { type: "int32", data: Int32Array.from({ length: size }, (_, at) => valueAt(at)), dims };
  throw new RmbenchError(
    "model",
    `the graph wants its input \`${input.name}\` as ${input.type}; rmbench gives int64 or int32`,
  );
}
