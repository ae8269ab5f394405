import { isDeepStrictEqual } from "node:util";
import { withoutCredentials } from "../../credentials.ts";
import { RmbenchError } from "../../errors.ts";
import type { Question } from "../../questions/question.ts";
import { Host, type HostOptions } from "../host/parent.ts";
import { printer } from "../host/printer.ts";
import { stdio } from "../host/stdio-channel.ts";
import type { Ready } from "../host/wire.ts";
import { refuseOptions } from "../options.ts";
import type { Adapter, ModelOptions, Prepared, Session } from "../reward-model.ts";
import { assertUnchanged, type Stamps } from "../stamps.ts";
import { hashFiles } from "./command-files.ts";
import { commandIdentity, splitCommand } from "./command.ts";

/** Seconds of silence after which a worker is given up, where `--timeout` does not say. */
const silence = 300;

/** `process:"python3 my_rm.py"`: any command that speaks rmbench-stdio (docs/process-protocol.md). */
export const processAdapter: Adapter = {
  name: "process",
  async describe(reference, options, context) {
    const shown = withoutCredentials(reference);
    refuseOptions(`process:${shown}`, options);
    const [command, ...args] = splitCommand(reference);
    const { words, stamps } = await hashFiles([command, ...args], context.cwd);
    const host: HostOptions = {
      name: `\`${shown}\``,
      onLine: printer(shown, context.warn),
      timeout: options.timeout ?? silence,
      whenSilent: "let it send heartbeats, or give it longer with --timeout <seconds>",
    };
    const worker = { command, args, cwd: context.cwd, env: context.env, config: {} };
    const described = await Host.open(stdio({ ...worker, purpose: "describe" }), host, context.signal);
    const ready = described.opened;
    await described[Symbol.asyncDispose]();
    return {
      id: `process:${shown}`,
      identity: {
        adapter: "process 1",
        ...commandIdentity(words),
        name: ready.name,
        ...Object.fromEntries(Object.entries(ready.identity).map(([key, value]) => [`worker ${key}`, value])),
      },
      asks: ready.asks,
      takesContext: ready.takes_context,
      output: ready.output,
      limits: {
        maxTokens: null,
        batchTokens: options.batchTokens ?? 1 << 20,
        batchSize: Math.min(ready.max_batch, options.batchSize ?? ready.max_batch),
        concurrency: 2,
        batching: ready.batching,
        sharesPrefixes: ready.shares_prefixes,
      },
      notice: ready.notice,
      prepare: (questions) => Promise.resolve(questions.map((question) => prepareOne(question, ready))),
      async open(signal) {
        const opened = await Host.open(stdio({ ...worker, purpose: "score" }), host, signal);
        return sessionOf(opened, ready, stamps, options);
      },
    };
  },
};

function prepareOne(question: Question, { asks, name }: Ready): Prepared {
  const refused = asks.includes(question.kind)
    ? null
    : ({ code: "unsupported", message: `${name} answers ${asks.join(" and ")} questions only` } as const);
  return { tokens: 0, truncated: false, droppedDocuments: 0, refused, payload: itemOf(question) };
}

/** As the protocol has it. */
function itemOf(question: Question): unknown {
  if (question.kind === "pointwise") return question.of;
  if (question.kind === "pairwise") return { a: question.a, b: question.b };
  return { candidates: question.of };
}

function sessionOf(host: Host<Ready>, described: Ready, stamps: Stamps, { device }: ModelOptions): Session {
  return {
    async score(batch, signal) {
      const scores = await host.run(
        batch.map(({ payload }) => payload),
        signal,
      );
      // The process may have been started again since, from a script or weights that are others by now.
      await assertUnchanged(stamps);
      assertSame(host.opened, described);
      return scores;
    },
    device() {
      const { used, dtype, runtime, driver } = host.opened.device ?? {
        used: "the worker",
        dtype: null,
        runtime: null,
        driver: null,
      };
      return { requested: device, used, nodes: null, driver, dtype, runtime };
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

/** @throws RmbenchError `model` where a worker is not what it said that it is. */
function assertSame(now: Ready, described: Ready): void {
  const [is, was] = [now, described].map(({ name, identity, asks, output }) => ({ name, identity, asks, output }));
  if (isDeepStrictEqual(is, was)) return;
  const said = `the worker said that it is ${JSON.stringify(was)}, and when it was started again ${JSON.stringify(is)}`;
  throw new RmbenchError("model", said, {
    hint: "name, identity, asks and output must be the same at every start, whatever the purpose",
  });
}
