/** What the parent and the child say to each other, over Node's IPC channel with structured clones. */
import type { DeviceReport, Score } from "../reward-model.ts";
import type { ModuleDescription, ModuleRequest } from "../module/module-backend.ts";
import type { OnnxRequest } from "../onnx/onnx-backend.ts";
import type { Stamps } from "../stamps.ts";

/** Every child, also one that is started again, checks that the model's files are those of its identity. */
export type OpenRequest = { stamps: Stamps } & (
  ({ backend: "onnx" } & OnnxRequest) | ({ backend: "module" } & ModuleRequest)
);

/** What a backend tells once it is open. */
export interface Opened {
  device: DeviceReport;
  /** Only of modules. */
  module?: ModuleDescription;
}

/** Lives in the child. `run` answers one score per item and throws only for the whole batch. */
export interface Backend {
  opened: Opened;
  /** @throws OutOfMemory */
  run(items: readonly unknown[]): Promise<Score[]>;
}

export type ToChild = { type: "open"; request: OpenRequest } | { type: "run"; id: number; items: readonly unknown[] };

export type ToParent =
  | { type: "opened"; opened: Opened }
  /** Opening or a batch (`id`) failed for a reason that a person can act on; `code` is an ErrorCode. */
  | {
      type: "refused";
      id: number | null;
      code: "model" | "machine" | "internal";
      message: string;
      hint: string | undefined;
    }
  | { type: "scores"; id: number; scores: Score[] }
  | { type: "out-of-memory"; id: number; message: string };
