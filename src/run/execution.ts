import { withoutCredentials } from "../credentials.ts";
import type { DeviceReport } from "../models/reward-model.ts";
import type { Report } from "../report/schema.ts";
import type { RunContext, RunEvent } from "./context.ts";
import { hostDescription } from "./provenance.ts";

/** Watches a run and describes how it went: all that may differ between two runs with the same inputs. */
export async function withExecution<T>(
  context: RunContext,
  body: (watched: RunContext, describe: (device: DeviceReport | null) => Report["execution"]) => Promise<T>,
): Promise<T> {
  const startedAt = context.now();
  const seen = { texts: 0, tokens: 0, padded: 0, hits: 0 };
  const emit = (event: RunEvent) => {
    if (event.type === "window") seen.hits += event.hits;
    if (event.type === "batch") {
      seen.texts += event.texts;
      seen.tokens += event.tokens;
      seen.padded += event.padded;
    }
    context.emit(event);
  };
  const describe = (device: DeviceReport | null): Report["execution"] => {
    const seconds = (context.now().getTime() - startedAt.getTime()) / 1000;
    const rate = (count: number) => (count === 0 || seconds === 0 ? null : count / seconds);
    return {
      startedAt: startedAt.toISOString(),
      seconds,
      argv: context.argv.map(withoutCredentials),
      host: hostDescription(),
      store: { hits: seen.hits, scored: seen.texts },
      throughput: {
        textsPerSecond: rate(seen.texts),
        tokensPerSecond: rate(seen.tokens),
        paddingShare: seen.padded === 0 ? null : 1 - seen.tokens / seen.padded,
      },
      device: device === null ? null : { ...device, nodes: device.nodes === null ? null : { ...device.nodes } },
    };
  };
  return body({ ...context, emit }, describe);
}
