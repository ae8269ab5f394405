import { Host } from "../host/parent.ts";
import { printer } from "../host/printer.ts";
import { stdio } from "../host/stdio-channel.ts";
import type { ModelContext, ModelOptions, Prepared, Session } from "../reward-model.ts";
import { assertUnchanged, type Stamps } from "../stamps.ts";
import { workerEnv, workerFile } from "./python.ts";

/** Seconds without a heartbeat after which the worker is taken for dead; it sends one every five. */
const silence = 300;

/** A checkpoint in a worker of its own. */
interface Worker {
  /** The model, in messages. */
  id: string;
  python: string;
  /** What the worker is told to load, as `worker/main.py` takes it. */
  config: Readonly<Record<string, unknown>>;
  /** The checkpoint's files, which must stay what the identity says. */
  stamps: Stamps;
  /** What the worker is sent of a prepared question. */
  wire: (prepared: Prepared) => object;
}

/** @throws RmbenchError as `RewardModel.open`. */
export async function openWorker(
  { id, python, config, stamps, wire }: Worker,
  { device, timeout }: ModelOptions,
  { cwd, env, warn }: ModelContext,
  signal: AbortSignal,
): Promise<Session> {
  const connect = stdio({ command: python, args: [workerFile], cwd, env: workerEnv(env), config, purpose: "score" });
  await assertUnchanged(stamps);
  const onLine = printer("torch", warn);
  const options = { name: id, timeout: timeout ?? silence, whenDead: "try another --device", onLine };
  const host = await Host.open(connect, options, signal);
  return {
    async score(batch, stop) {
      const scores = await host.run(batch.map(wire), stop);
      // A worker that was started again loaded the weights again.
      await assertUnchanged(stamps);
      return scores;
    },
    device: () => {
      const { used = "", ...rest } = host.opened.device ?? {};
      return { requested: device, used, nodes: null, driver: null, dtype: null, runtime: null, ...rest };
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
