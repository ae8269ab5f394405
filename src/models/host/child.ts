/** Entry of the child process: native and foreign code runs here, where it can be killed and may crash. */
import { RmbenchError, messageOf } from "../../errors.ts";
import { OutOfMemory } from "../reward-model.ts";
import { assertUnchanged, type Stamps } from "../stamps.ts";
import { dieWithParent } from "./die-with-parent.ts";
import type { Backend, OpenRequest, ToChild, ToParent } from "./protocol.ts";

let opened: { backend: Backend; stamps: Stamps } | null = null;
let queue: Promise<void> = Promise.resolve();

// The terminal sends Ctrl-C to the whole group; when this process ends is the parent's decision.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit(0));
dieWithParent();
process.on("message", (message: ToChild) => {
  queue = queue.then(() => handle(message));
});

async function handle(message: ToChild): Promise<void> {
  if (message.type === "open") {
    try {
      const { stamps } = message.request;
      await assertUnchanged(stamps);
      const backend = await open(message.request);
      await assertUnchanged(stamps);
      opened = { backend, stamps };
      await send({ type: "opened", opened: backend.opened });
    } catch (error) {
      await send(refusal(error, null));
    }
    return;
  }
  const { id, items } = message;
  try {
    if (opened === null) throw new Error("the session was not opened");
    const scores = await opened.backend.run(items);
    // Weights may be mapped from their file and imports may be lazy, so a change can reach scores at any time.
    await assertUnchanged(opened.stamps);
    await send({ type: "scores", id, scores });
  } catch (error) {
    if (error instanceof OutOfMemory) return send({ type: "out-of-memory", id, message: error.message });
    if (error instanceof RmbenchError && error.code === "model") return send(refusal(error, id));
    const failed = { status: "failed", code: "runtime", message: messageOf(error) } as const;
    await send({ type: "scores", id, scores: items.map(() => failed) });
  }
}

async function open(request: OpenRequest): Promise<Backend> {
  if (request.backend === "onnx") return (await import("../onnx/onnx-backend.ts")).openOnnx(request);
  return (await import("../module/module-backend.ts")).openModule(request);
}

function refusal(error: unknown, id: number | null): ToParent {
  if (error instanceof RmbenchError && (error.code === "model" || error.code === "machine")) {
    return { type: "refused", id, code: error.code, message: error.message, hint: error.hint };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { type: "refused", id, code: "internal", message, hint: undefined };
}

/** Settles when the message is in the pipe: a native call right after it must not hold it back. */
function send(message: ToParent): Promise<void> {
  return new Promise((resolve, reject) => {
    if (process.send === undefined) return reject(new Error("child.ts runs only as a child of rmbench"));
    process.send(message, undefined, undefined, (error) => (error === null ? resolve() : process.exit(0)));
  });
}
