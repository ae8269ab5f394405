import { basename, resolve } from "node:path";
import { RmbenchError, messageOf } from "../../errors.ts";
import { ipc } from "../host/ipc-channel.ts";
import { Host, type HostOptions } from "../host/parent.ts";
import { printer } from "../host/printer.ts";
import type { Opened } from "../host/protocol.ts";
import { refuseOptions } from "../options.ts";
import type { Adapter, Session } from "../reward-model.ts";
import { readSources } from "./sources.ts";

/** `./my-rm.ts`: a file of the user's, which runs in a process of its own, also to say what it is. */
export const moduleAdapter: Adapter = {
  name: "module",
  async describe(reference, options, context) {
    refuseOptions(reference, options);
    const path = resolve(context.cwd, reference);
    const { sha256, stamps } = await readSources(path).catch((error: unknown) => {
      throw new RmbenchError("model", `cannot read the model file ${path}: ${messageOf(error)}`);
    });
    const child = ipc({ backend: "module", path, stamps }, context.env);
    const host: HostOptions = { name: path, onLine: printer(basename(path), context.warn) };
    const described = await Host.open(child, host, context.signal);
    const { module: definition } = described.opened;
    await described[Symbol.asyncDispose]();
    if (definition === undefined) throw new Error("the module's process gave no description");
    return {
      id: reference,
      identity: {
        adapter: "module 1",
        name: definition.name,
        version: definition.version || "unversioned",
        file: sha256,
      },
      asks: [definition.asks],
      takesContext: definition.takesContext,
      output: definition.output,
      limits: {
        maxTokens: null,
        batchTokens: options.batchTokens ?? 1 << 20,
        batchSize: options.batchSize ?? 32,
        concurrency: 1,
        batching: "invariant",
      },
      notice: definition.notice,
      async prepare(questions) {
        return questions.map((question) => ({
          tokens: 0,
          truncated: false,
          droppedDocuments: 0,
          refused:
            question.kind === definition.asks
              ? null
              : { code: "unsupported", message: `${definition.name} answers ${definition.asks} questions only` },
          payload: question,
        }));
      },
      open: async (signal) => sessionOf(await Host.open(child, host, signal), options.device),
    };
  },
};

function sessionOf(host: Host<Opened>, requested: string): Session {
  return {
    score: (batch, signal) =>
      host.run(
        batch.map(({ payload }) => payload),
        signal,
      ),
    device: () => ({ ...host.opened.device, requested }),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
