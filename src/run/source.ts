import { RmbenchError } from "../errors.ts";
import { Scorer, type Answer } from "../inference/execute.ts";
import { identityHash } from "../inference/key.ts";
import type { ScoreStore } from "../inference/store.ts";
import type { DeviceReport, RewardModel } from "../models/reward-model.ts";
import type { PreferencePair } from "../pairs/pair.ts";
import type { QuestionKind, Unit } from "../questions/question.ts";
import type { Report } from "../report/schema.ts";
import type { ReplayedScores } from "../scores/replay.ts";
import type { RunContext } from "./context.ts";
import type { RunRequest } from "./request.ts";
import { resolve } from "node:path";

/** Where a run's scores come from: a model, or a file of scores. */
export interface ScoreSource extends AsyncDisposable {
  model: Report["model"];
  asks: readonly QuestionKind[];
  /** One answer per unit, in order. The units of a window are those of its pairs. */
  answer(suite: string, pairs: readonly PreferencePair[], units: readonly Unit[]): Promise<Answer[]>;
  /** What really ran, or null where no model had to be opened. */
  device(): DeviceReport | null;
  /** How replayed scores joined, or null. @throws RmbenchError `data` when too many texts have none. */
  replay(): Report["replay"];
}

const replayPrefix = "scores:";

/** @throws RmbenchError when the model or the file of scores cannot be opened. */
export async function openSource(request: RunRequest, context: RunContext): Promise<ScoreSource> {
  if (request.model.startsWith(replayPrefix)) {
    const file = request.model.slice(replayPrefix.length);
    const { readReplayedScores } = await import("../scores/replay.ts");
    return replayedSource(request, await readReplayedScores(resolve(context.cwd, file)), context);
  }
  const { describeModel } = await import("../models/describe.ts");
  const model = await describeModel(request.model, request.modelOptions, context);
  return liveSource(model, await openStore(request.store, context.cwd), context);
}

export async function openStore(folder: string | null, cwd: string): Promise<ScoreStore> {
  if (folder === null) return (await import("../inference/memory-store.ts")).memoryStore();
  return (await import("../inference/lmdb-store.ts")).lmdbStore(resolve(cwd, folder));
}

async function liveSource(model: RewardModel, store: ScoreStore, context: RunContext): Promise<ScoreSource> {
  const scorer = new Scorer(model, store, context);
  await store.remember(identityHash(model.identity), model.id, context.now());
  const { id, identity, output, notice } = model;
  return {
    model: { id, identity: { ...identity }, output, notice, replayed: false },
    asks: model.asks,
    answer: (_suite, _pairs, units) => scorer.answer(units.map((unit) => unit.question)),
    device: () => scorer.session?.device() ?? null,
    replay: () => null,
    [Symbol.asyncDispose]: async () => {
      await scorer[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

function replayedSource(request: RunRequest, scores: ReplayedScores, context: RunContext): ScoreSource {
  const identity = { adapter: "scores", file: scores.sha256 };
  let texts = 0;
  const unmatched: string[] = [];
  return {
    model: { id: request.model, identity, output: "other", notice: null, replayed: true },
    asks: ["pointwise"],
    answer: async (suite, pairs, units) => {
      const first = units[0]?.row ?? 0;
      return units.map(({ row, side, index }) => {
        const { subset, id } = pairs[row - first]!;
        const value = scores.find(suite, subset, id, side, index);
        texts++;
        if (value === undefined) unmatched.push(`${suite}: ${subset}/${id} ${side} ${index}`);
        return replayedAnswer(value);
      });
    },
    device: () => null,
    replay: () => {
      if (unmatched.length > request.maxUnmatched * texts) {
        const some = unmatched.slice(0, 3).join("; ");
        throw new RmbenchError(
          "data",
          `${unmatched.length} of ${texts} texts have no score in ${request.model} (${some}${unmatched.length > 3 ? "; …" : ""})`,
          {
            hint: `Scores join by suite, subset, id, side and index (${scores.used()} of ${scores.size} joined). --max-unmatched allows a share without a score.`,
          },
        );
      }
      const used = scores.used();
      if (used < scores.size)
        context.warn(`${scores.size - used} of the ${scores.size} scores belong to no selected pair`);
      return { scores: scores.size, used, unmatched: unmatched.length };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

function replayedAnswer(value: number | undefined): Answer {
  const score =
    value === undefined
      ? ({ status: "failed", code: "unmatched", message: "the file of scores has none for this text" } as const)
      : ({ status: "ok", value } as const);
  return { score, tokens: 0, truncated: false, droppedDocuments: 0 };
}
