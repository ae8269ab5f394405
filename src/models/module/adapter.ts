import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { RmbenchError, messageOf } from "../../errors.ts";
import { Host } from "../host/parent.ts";
import type { Adapter, ModelContext, Session } from "../reward-model.ts";

/** `./my-rm.ts`: a file of the user's, which runs in a process of its own. */
export const moduleAdapter: Adapter = {
  name: "module",
  summary: "a .ts or .js file that exports defineModel({ … })",
  async describe(reference, options, context) {
    const path = resolve(context.cwd, reference);
    const bytes = await readFile(path).catch((error: unknown) => {
      throw new RmbenchError("model", `cannot read the model file ${path}: ${messageOf(error)}`);
    });
    const described = await open(path, context, context.signal);
    const { module: definition } = described.opened;
    await described[Symbol.asyncDispose]();
    if (definition === undefined) throw new Error("the module's process gave no description");
    return {
      id: reference,
      identity: {
        adapter: "module 1",
        name: definition.name,
        version: definition.version || "unversioned",
        file: createHash("sha256").update(bytes).digest("hex"),
      },
      asks: [definition.asks],
      output: definition.output,
      limits: {
        maxTokens: null,
        batchTokens: options.batchTokens ?? 1 << 20,
        batchSize: options.batchSize ?? 32,
        concurrency: 2,
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
      open: async (signal) => sessionOf(await open(path, context, signal), options.device),
    };
  },
};

/** Lines that a module prints go to the person who runs it, up to a number that does not drown the progress. */
const mostLines = 50;

function open(path: string, { env, warn }: ModelContext, signal: AbortSignal): Promise<Host> {
  let lines = 0;
  const onLine = (line: string) => {
    lines += 1;
    if (lines <= mostLines) warn(`${basename(path)}: ${line}`);
    if (lines === mostLines) warn(`${basename(path)}: further lines are not shown`);
  };
  return Host.open({ backend: "module", path }, { name: path, env, onLine }, signal);
}

function sessionOf(host: Host, requested: string): Session {
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
