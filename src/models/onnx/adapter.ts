import { resolve } from "node:path";
import type { Adapter } from "../reward-model.ts";
import { describeFolder } from "./model.ts";

/** `onnx:<dir>`: a sequence classifier exported to ONNX, with its tokenizer. */
export const onnxAdapter: Adapter = {
  name: "onnx",
  describe: (reference, options, context) =>
    describeFolder(
      { adapter: "onnx", id: `onnx:${reference}`, dir: resolve(context.cwd, reference), architecture: false },
      options,
      context,
    ),
};
