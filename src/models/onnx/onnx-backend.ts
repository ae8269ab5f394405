/** Runs in the child process: the graph, its device, and the reading of its output. */
import type { InferenceSession } from "onnxruntime-node";
import { RmbenchError, messageOf } from "../../errors.ts";
import { asOutOfMemory } from "../allocation.ts";
import type { Backend } from "../host/protocol.ts";
import { OutOfMemory, type Score } from "../reward-model.ts";
import type { TokenIds } from "../tokenizer.ts";
import { buildInputs } from "./batch.ts";
import { driverOf, providerError, providerNames, type Device } from "./device.ts";
import { chooseOutput, readScores, tokenLevel, type RawOutput, type ScoreRule } from "./output.ts";
import { Profile } from "./profile.ts";
import { openGraph, type Graph } from "./graph.ts";

export interface OnnxRequest {
  /** The graph's file; external data is found beside it. */
  path: string;
  device: Device;
  dtype: string;
  threads: number | null;
  padId: number;
  rule: ScoreRule;
  /** Whether each text runs alone, so that no score can depend on its batch mates. */
  alone: boolean;
  /** An ordinary input of the model: one run at opening shows the device and the output's shape. */
  probe: TokenIds;
  /** Model folder that transformers.js reads the architecture from, or null to use the runtime alone. */
  architecture: string | null;
}

/** @throws RmbenchError `machine` for the device, `model` for the graph. */
export async function openOnnx(request: OnnxRequest): Promise<Backend> {
  const { device, dtype } = request;
  let opened = await openProbed(request, device);
  const { trigonometric } = opened.nodes;
  // WGSL lets cos and sin be off by 2^-11: rotary positions on the GPU moved a Llama-like model's scores by 4e-3.
  if (device === "webgpu" && trigonometric.length > 0) {
    await opened.graph.release();
    opened = await openProbed(request, { name: device, forceCpuNodeNames: trigonometric });
  }
  const { graph, runner, nodes } = opened;
  const used = providerNames[device];
  if ((nodes.counts[used] ?? 0) === 0) {
    const ran = Object.entries(nodes.counts)
      .map(([name, count]) => `${count} on ${name}`)
      .join(", ");
    throw providerError(device, `no node of the graph ran on ${used} (${ran || "none was profiled"})`);
  }
  const driver = await driverOf(device);
  return {
    opened: { device: { requested: device, used, nodes: nodes.counts, driver, dtype, runtime: graph.runtime } },
    run: (rows) => runner.run(rows as readonly TokenIds[]),
  };
}

/** The graph and what ran of it on the probe. */
async function openProbed(request: OnnxRequest, provider: InferenceSession.ExecutionProviderConfig) {
  const profile = await Profile.create();
  try {
    const graph = await openGraph(request, {
      executionProviders: [provider],
      ...(request.threads === null ? {} : { intraOpNumThreads: request.threads }),
      enableProfiling: true,
      profileFilePrefix: profile.prefix,
      logSeverityLevel: 3,
    } satisfies InferenceSession.SessionOptions);
    const runner = new Runner(request, graph);
    await runner.probe();
    graph.endProfiling();
    return { graph, runner, nodes: await profile.nodes() };
  } finally {
    await profile.discard();
  }
}

class Runner {
  readonly #request: OnnxRequest;
  readonly #graph: Graph;
  readonly #output: string;
  /** Whether the graph was exported for one text at a time. */
  readonly #takesOne: boolean;

  constructor(request: OnnxRequest, graph: Graph) {
    this.#request = request;
    this.#graph = graph;
    this.#output = chooseOutput(graph.outputs, request.rule);
    const ids = graph.inputs.find(({ name }) => name.replace(/:\d+$/, "") === "input_ids");
    if (ids === undefined) {
      const names = graph.inputs.map(({ name }) => `\`${name}\``).join(", ");
      throw new RmbenchError("model", `the graph has no input \`input_ids\`; it has ${names}`, {
        hint: "rmbench reads text classifiers as exported for transformers",
      });
    }
    this.#takesOne = ids.shape[0] === 1;
  }

  /** Runs one input, twice in a batch where the graph allows it: [2], [2, 1] and [2, labels] cannot be mistaken. */
  async probe(): Promise<void> {
    const { probe, rule } = this.#request;
    try {
      const scores = await this.#together(this.#takesOne ? [probe] : [probe, probe]);
      if (scores.length === 0) throw new Error("no score");
    } catch (error) {
      if (error instanceof RmbenchError) throw error;
      if (error instanceof OutOfMemory)
        throw new RmbenchError("machine", `memory does not suffice for one text: ${error.message}`);
      // A token-level model can fail on the probe for reasons that explain nothing: its declared shape does.
      const shape = this.#graph.outputShapes[this.#output] ?? [];
      if (shape.length > 2 && rule.reduction === null)
        throw tokenLevel(`the graph's output is declared as [${shape.join(", ")}]`);
      throw new RmbenchError("model", `the graph cannot score a short text: ${messageOf(error)}`);
    }
  }

  async run(rows: readonly TokenIds[]): Promise<Score[]> {
    if (this.#request.alone || this.#takesOne) return this.#oneByOne(rows);
    try {
      return await this.#together(rows);
    } catch (error) {
      if (error instanceof OutOfMemory) throw error;
      // One bad item must not take its batch with it.
      return this.#oneByOne(rows);
    }
  }

  async #oneByOne(rows: readonly TokenIds[]): Promise<Score[]> {
    const scores: Score[] = [];
    for (const row of rows) {
      try {
        scores.push(...(await this.#together([row])));
      } catch (error) {
        if (error instanceof OutOfMemory) throw error;
        scores.push({ status: "failed", code: "runtime", message: messageOf(error) });
      }
    }
    return scores;
  }

  async #together(rows: readonly TokenIds[]): Promise<Score[]> {
    let output: RawOutput;
    try {
      output = await this.#graph.run(buildInputs(this.#graph.inputs, rows, this.#request.padId), this.#output);
    } catch (error) {
      throw asOutOfMemory(error) ?? error;
    }
    const lengths = rows.map((row) => row.length);
    return readScores(output, lengths, this.#request.rule).map((value) => ({ status: "ok", value }));
  }
}
