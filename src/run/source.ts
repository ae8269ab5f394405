import { RmbenchError } from "../errors.ts";
import { Scorer, type Answer } from "../inference/execute.ts";
import { identityHash } from "../inference/key.ts";
import type { ScoreStore } from "../inference/store.ts";
import { parseCombination } from "../models/combination-spec.ts";
import { refuseOptions } from "../models/options.ts";
import type { DeviceReport, RewardModel, Score } from "../models/reward-model.ts";
import type { PreferencePair } from "../pairs/pair.ts";
import type { QuestionKind, Unit } from "../questions/question.ts";
import type { Report } from "../report/schema.ts";
import type { SuiteTables } from "../scores/arrow.ts";
import type { ReplayedScore, ReplayedScores } from "../scores/replay.ts";
import type { ScoreTable } from "../scores/table.ts";
import { collect } from "./collect.ts";
import { withReferences } from "./references.ts";
import type { RunContext } from "./context.ts";
import type { SuitePart } from "./part.ts";
import type { RunRequest } from "./request.ts";
import { resolve } from "node:path";

/** A model, a file of scores or a combination, known and not yet open: no weights are loaded and no store is touched. */
export interface DescribedSource {
  model: Report["model"];
  asks: readonly QuestionKind[];
  /** Whether it can be asked on behalf of a user of whom context pairs are known. */
  takesContext: boolean;
  /** Whether scoring costs money, so that the user is told how much before. */
  paid: boolean;
  /** The scores of every suite. The model, or the file of scores, is let go before it returns. */
  collect(parts: readonly SuitePart[], context: RunContext): Promise<CollectedScores>;
}

export interface CollectedScores {
  tables: SuiteTables;
  replay: Report["replay"];
  device: DeviceReport | null;
}

/** One model or one file of scores. */
export interface SingleSource extends DescribedSource {
  open(context: RunContext): Promise<ScoreSource>;
}

/** Where a run's scores come from. */
export interface ScoreSource extends AsyncDisposable {
  /** One answer per unit, in order. The units of a window are those of its pairs. */
  answer(suite: string, pairs: readonly PreferencePair[], units: readonly Unit[]): Promise<Answer[]>;
  /** What really ran, or null where no model had to be opened. */
  device(): DeviceReport | null;
  /** How replayed scores joined, or null. @throws RmbenchError `data` when too many texts have none. */
  replay(): Report["replay"];
}

const replayPrefix = "scores:";

export function isReplay(model: string): boolean {
  return model.startsWith(replayPrefix);
}

/** @throws RmbenchError when a model cannot be described, a file of scores not be read or a combination not be made. */
export async function describeSource(request: RunRequest, context: RunContext): Promise<DescribedSource> {
  const combination = parseCombination(request.model);
  if (combination === null) return describeSingle(request, context);
  const { describeCombined } = await import("./combined.ts");
  return describeCombined(combination, request, (model) => describeSource({ ...request, model }, context));
}

/** @throws RmbenchError as `describeSource`. */
export async function describeSingle(request: RunRequest, context: RunContext): Promise<SingleSource> {
  if (isReplay(request.model)) {
    const file = request.model.slice(replayPrefix.length);
    // Of --compat, replayed scores take the way of counting ties.
    refuseOptions(request.model, { ...request.modelOptions, compat: null });
    const { readReplayedScores } = await import("../scores/replay.ts");
    const scores = await readReplayedScores(resolve(context.cwd, file));
    const identity = { adapter: "scores", file: scores.sha256 };
    return collecting({
      model: { id: request.model, identity, output: "other", notice: null, replayed: true },
      asks: ["pointwise"],
      takesContext: true,
      paid: false,
      open: async (watched) => replayedSource(request, scores, watched),
    });
  }
  const { describeModel } = await import("../models/describe.ts");
  const model = await describeModel(request.model, request.modelOptions, context);
  const { id, identity, output, notice } = model;
  return collecting({
    model: { id, identity: { ...identity }, output, notice, replayed: false },
    asks: model.asks,
    takesContext: model.takesContext ?? false,
    paid: model.estimate !== undefined,
    open: async (watched) => liveSource(model, await openStore(request.store, context.cwd), watched),
  });
}

function collecting(single: Omit<SingleSource, "collect">): SingleSource {
  const collectAll: DescribedSource["collect"] = async (parts, context) => {
    await using source = await single.open(context);
    const tables = new Map<string, ScoreTable>();
    for (const part of parts) {
      const { suite, selection } = part;
      context.emit({ type: "suite", model: single.model.id, suite: suite.id, pairs: selection.pairs });
      tables.set(suite.id, await collect(part, source, context));
    }
    return { tables, replay: source.replay(), device: source.device() };
  };
  return { ...single, collect: collectAll };
}

export async function openStore(folder: string | null, cwd: string): Promise<ScoreStore> {
  if (folder === null) return (await import("../inference/memory-store.ts")).memoryStore();
  return (await import("../inference/lmdb-store.ts")).lmdbStore(resolve(cwd, folder));
}

async function liveSource(model: RewardModel, store: ScoreStore, context: RunContext): Promise<ScoreSource> {
  const scorer = new Scorer(model, store, context);
  await store.remember(identityHash(model.identity), model.id, context.now());
  return {
    answer: (suite, pairs, units) => scorer.answer(withReferences(model.referenceTag, suite, pairs, units)),
    device: () => scorer.session?.device() ?? null,
    replay: () => null,
    [Symbol.asyncDispose]: async () => {
      await scorer[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

function replayedSource(request: RunRequest, scores: ReplayedScores, context: RunContext): ScoreSource {
  let [matched, unmatched] = [0, 0];
  const examples: string[] = [];
  return {
    answer: async (suite, pairs, units) => {
      const first = units[0]?.row ?? 0;
      return units.map(({ row, side, index }) => {
        const { subset, id } = pairs[row - first]!;
        const found = scores.find(suite, subset, id, side, index);
        if (found !== undefined) matched++;
        else if (++unmatched <= 3) examples.push(`${suite}: ${subset}/${id} ${side} ${index}`);
        return replayedAnswer(found);
      });
    },
    device: () => null,
    replay: () => {
      const texts = matched + unmatched;
      if (unmatched > request.maxUnmatched * texts) {
        throw new RmbenchError(
          "data",
          `${unmatched} of ${texts} texts have no score in ${request.model} (${examples.join("; ")}${unmatched > 3 ? "; …" : ""})`,
          {
            hint: `Scores join by suite, subset, id, side and index (${scores.used()} of ${scores.size} joined). --max-unmatched allows a share without a score.`,
          },
        );
      }
      const used = scores.used();
      if (used < scores.size)
        context.warn(`${scores.size - used} of the ${scores.size} scores belong to no selected pair`);
      return { scores: scores.size, matched, unmatched };
    },
    [Symbol.asyncDispose]: async () => scores.release(),
  };
}

function replayedAnswer(found: ReplayedScore | undefined): Answer {
  if (found === undefined) {
    const message = "the file of scores has none for this text";
    return {
      score: { status: "failed", code: "unmatched", message },
      tokens: 0,
      truncated: false,
      droppedDocuments: 0,
    };
  }
  const { tokens, truncated, droppedDocuments } = found;
  return { score: scoreOf(found), tokens, truncated, droppedDocuments };
}

function scoreOf({ status, value, parts }: ReplayedScore): Score {
  if (status === "ok") return { status, value, ...parts };
  if (status === "unparsable") return { status, text: "" };
  return { status: "failed", code: status, message: `the file of scores says ${status}` };
}
