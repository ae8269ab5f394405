import { questionsFor, valuesOf } from "./contract.ts";
import { lossOf } from "./lost.ts";
import type { DeviceReport, Prepared, RewardModel, Session } from "./reward-model.ts";

export interface Speed {
  /** Texts in a batch. */
  batch: number;
  textsPerSecond: number;
  /** 0 where the model has no tokens. */
  tokensPerSecond: number;
}

const sizes = [1, 2, 4, 8, 16];
const secondsPerSize = 0.7;

/**
 * Throughput of a model on the probes at several batch sizes, sorted by length, tokenising left out. No speeds where it
 * does not score the probes, for how fast a model fails says nothing, and none where its tokens are paid for.
 * @returns `unmeasured`: why there are no speeds, or null; `lost`: whether that is because the model stopped scoring.
 */
export async function measureSpeed(
  model: RewardModel,
  signal: AbortSignal,
): Promise<{ speeds: Speed[]; unmeasured: string | null; lost: boolean; device: DeviceReport }> {
  const prepared = (await model.prepare(questionsFor(model))).filter((item) => item.refused === null);
  prepared.sort((a, b) => b.tokens - a.tokens);
  await using session = await model.open(signal);
  try {
    return { ...(await measured(model, session, prepared, signal)), lost: false, device: session.device() };
  } catch (error) {
    signal.throwIfAborted();
    const loss = lossOf(error);
    if (loss === null) throw error;
    return { speeds: [], unmeasured: loss, lost: true, device: session.device() };
  }
}

async function measured(
  model: RewardModel,
  session: Session,
  prepared: readonly Prepared[],
  signal: AbortSignal,
): Promise<{ speeds: Speed[]; unmeasured: string | null }> {
  const first = await session.score(prepared, signal); // this run compiles and allocates
  const scored = first.length > 0 && first.every((score) => valuesOf(model, score).every(Number.isFinite));
  const unmeasured = !scored ? "not every probe was scored" : model.estimate ? "its tokens are paid for" : null;
  if (unmeasured !== null) return { speeds: [], unmeasured };
  const speeds: Speed[] = [];
  for (const batch of model.limits.batching === "single" ? [1] : sizes) {
    let [texts, tokens] = [0, 0];
    const start = performance.now();
    while (performance.now() - start < secondsPerSize * 1000) {
      for (let at = 0; at < prepared.length; at += batch) {
        const items = prepared.slice(at, at + batch);
        await session.score(items, signal);
        texts += items.length;
        tokens += items.reduce((sum, item) => sum + item.tokens, 0);
      }
    }
    const seconds = (performance.now() - start) / 1000;
    speeds.push({ batch, textsPerSecond: texts / seconds, tokensPerSecond: tokens / seconds });
  }
  return { speeds, unmeasured };
}
