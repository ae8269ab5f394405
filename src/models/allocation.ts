import { messageOf } from "../errors.ts";
import { OutOfMemory } from "./reward-model.ts";

/** As the C++ library, ONNX Runtime, CUDA, WebGPU and V8 word it. */
const failedAllocation =
  /bad[_ ]alloc|(failed to|could not) allocate|out of memory|not enough memory|allocation failed/i;

/** The error as `OutOfMemory` where its message says that an allocation failed, else null. */
export function asOutOfMemory(error: unknown): OutOfMemory | null {
  if (error instanceof OutOfMemory) return error;
  const message = messageOf(error);
  return failedAllocation.test(message) ? new OutOfMemory(message) : null;
}
