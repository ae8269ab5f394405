import type { InferenceSession } from "onnxruntime-node";
import { basename, dirname, relative, resolve } from "node:path";
import { RmbenchError, messageOf } from "../../errors.ts";
import type { GraphInput, PlainTensor } from "./batch.ts";
import { loadRuntime, providerError, runtimeVersion, type Device } from "./device.ts";
import type { RawOutput } from "./output.ts";

/** A loaded graph, whoever loaded it. */
export interface Graph {
  inputs: readonly GraphInput[];
  outputs: readonly string[];
  /** Dimensions that the graph declares for each output, names of dynamic ones included. */
  outputShapes: Readonly<Record<string, readonly (string | number)[]>>;
  /** Name and version of what runs it. */
  runtime: string;
  run(inputs: ReadonlyMap<string, PlainTensor>, output: string): Promise<RawOutput>;
  endProfiling(): void;
  /** Frees the weights; the graph cannot run after it. */
  release(): Promise<void>;
}

interface GraphRequest {
  path: string;
  device: Device;
  architecture: string | null;
}

/** @throws RmbenchError `machine` where the device cannot be had, `model` where the graph cannot be loaded. */
export async function openGraph(request: GraphRequest, options: InferenceSession.SessionOptions): Promise<Graph> {
  const runtime = await loadRuntime();
  const { path, device } = request;
  // With another provider in the list, the runtime would drop an unknown one with no more than a warning.
  const backends = runtime.listSupportedBackends().map(({ name }) => name);
  if (!backends.includes(device)) {
    const platform = `${process.platform}/${process.arch}`;
    throw providerError(device, `onnxruntime-node for ${platform} has ${backends.join(", ")}`);
  }
  try {
    if (request.architecture !== null) {
      const graph = await openWithTransformers(path, request.architecture, options);
      if (graph !== null) return graph;
    }
    const session = await runtime.InferenceSession.create(path, options);
    return {
      ...describeSession(session),
      runtime: runtimeVersion(),
      run: async (inputs, output) => {
        const feeds = Object.fromEntries(
          [...inputs].map(([name, { type, data, dims }]) => [name, new runtime.Tensor(type, data, dims)]),
        );
        return toOutput((await session.run(feeds, [output]))[output], output);
      },
      endProfiling: () => session.endProfiling(),
      release: () => session.release(),
    };
  } catch (error) {
    throw explain(error, path, device);
  }
}

/** transformers.js' model class for the architecture, or null where it has none (causal classifiers). */
async function openWithTransformers(
  path: string,
  folder: string,
  options: InferenceSession.SessionOptions,
): Promise<Graph | null> {
  const { AutoModelForSequenceClassification, Tensor, env } = await import("@huggingface/transformers");
  env.allowRemoteModels = false;
  env.logLevel = 40;
  let model: Awaited<ReturnType<typeof AutoModelForSequenceClassification.from_pretrained>>;
  try {
    model = await AutoModelForSequenceClassification.from_pretrained(resolve(folder), {
      subfolder: relative(folder, dirname(path)),
      model_file_name: basename(path, ".onnx"),
      dtype: "fp32", // The file's name says which weights; fp32 adds nothing to it.
      use_external_data_format: false, // ONNX Runtime finds external data beside the file.
      session_options: options,
    });
  } catch (error) {
    if (/unsupported model type/i.test(messageOf(error))) return null;
    throw error;
  }
  const session = (model.sessions as Record<string, InferenceSession>).model;
  if (session === undefined) return null;
  return {
    ...describeSession(session),
    runtime: `transformers.js ${env.version} (${model.constructor.name}) on ${runtimeVersion()}`,
    run: async (inputs, output) => {
      const feeds = Object.fromEntries(
        [...inputs].map(([name, { type, data, dims }]) => [name, new Tensor(type, data, [...dims])]),
      );
      return toOutput((await model(feeds))[output], output);
    },
    endProfiling: () => session.endProfiling(),
    release: () => session.release(),
  };
}

function describeSession(session: InferenceSession): Pick<Graph, "inputs" | "outputs" | "outputShapes"> {
  const inputs = session.inputMetadata.map((input) =>
    input.isTensor
      ? { name: input.name, type: input.type, shape: input.shape }
      : { name: input.name, type: "not a tensor", shape: [] },
  );
  const shapes = session.outputMetadata.map((output) => [output.name, output.isTensor ? output.shape : []] as const);
  return { inputs, outputs: session.outputNames, outputShapes: Object.fromEntries(shapes) };
}

function toOutput(
  tensor: { type: string; data: unknown; dims: readonly number[] } | undefined,
  name: string,
): RawOutput {
  if (tensor === undefined) throw new Error(`the run gave no output \`${name}\``);
  return { type: tensor.type, data: tensor.data as RawOutput["data"], dims: tensor.dims };
}

function explain(error: unknown, path: string, device: Device): RmbenchError {
  if (error instanceof RmbenchError) return error;
  const message = messageOf(error);
  const ofDevice = /webgpu adapter|execution ?provider|failed to load shared library|backend not found|cuda|tensorrt/i;
  if (device !== "cpu" && ofDevice.test(message)) {
    // ONNX Runtime puts the place in its source and the condition that failed before the reason.
    return providerError(device, message.trim().replace(/^.* was false\. /s, ""));
  }
  return new RmbenchError("model", `cannot load ${path}: ${message}`, {
    hint: /protobuf|invalid model|parsing failed/i.test(message)
      ? "the file is no ONNX graph, or cut off: copy or export it again"
      : "the graph may need another ONNX Runtime or an operator that it lacks: export it again",
    cause: error,
  });
}
