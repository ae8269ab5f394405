/** What the parent and our own child say to each other, over Node's IPC channel with structured clones. */
import type { DeviceReport, Score } from "../reward-model.ts";
import type { ModuleDescription, ModuleRequest } from "../module/module-backend.ts";
import type { OnnxRequest } from "../onnx/onnx-backend.ts";
import type { Stamps } from "../stamps.ts";
import type { Said } from "./channel.ts";

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

export type ToParent = Said<Opened>;
