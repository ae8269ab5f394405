import { RmbenchError } from "../errors.ts";
import { OutOfMemory, SessionLost } from "./reward-model.ts";

/** Why a model stopped scoring, as a sentence; null where the error says nothing of the model. */
export function lossOf(error: unknown): string | null {
  if (error instanceof OutOfMemory) return `out of memory: ${error.message}`;
  if (error instanceof SessionLost) return error.message;
  if (!(error instanceof RmbenchError) || error.code === "usage" || error.code === "config") return null;
  return error.hint === undefined ? error.message : `${error.message} (${error.hint})`;
}
