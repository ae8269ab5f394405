/** A model's scores beside those that RewardBench wrote: which moved, and by which setting. */
import { RmbenchError } from "../errors.ts";
import { Scorer } from "../inference/execute.ts";
import { memoryStore } from "../inference/memory-store.ts";
import { describeModel } from "../models/describe.ts";
import { deviceNames, type ModelOptions, type RewardModel, type Session } from "../models/reward-model.ts";
import { openPairs } from "../pairs/arrow-reader.ts";
import type { PreferencePair } from "../pairs/pair.ts";
import type { Question } from "../questions/question.ts";
import { loadSuite } from "../suites/load.ts";
import type { RunContext } from "./context.ts";
import { joinRows, readIncumbentRows, type IncumbentRow } from "./incumbent-outputs.ts";

interface Scores {
  chosen: number;
  rejected: number;
}

interface MovedItem {
  subset: string;
  id: string;
  /** NaN where this model has no score. */
  here: Scores;
  there: Scores;
  /** Whether strictly-greater says something else here than there. */
  flipped: boolean;
  /** The first setting under which both scores come out as there, or null. */
  setting: string | null;
}

export interface Comparison {
  rows: number;
  joined: number;
  flipped: number;
  moved: MovedItem[];
  /** How many moved items each setting explains, in the order of trying; those that explain none are left out. */
  settings: { setting: string; flags: string; items: number }[];
}

/** A way in which the incumbent may have prepared the texts. */
interface Variation {
  setting: string;
  /** The same as flags of rmbench, or empty where it has none. */
  flags: string;
  options: Partial<ModelOptions>;
  /** The texts as the file has them. */
  rendered: boolean;
}

const usualLengths = [512, 1024, 2048, 4096];

/**
 * @param tolerance greatest difference of two scores that are called equal
 * @throws RmbenchError `data` where no row of the file belongs to a pair of the suite, `usage` for a model that has no
 * `--compat`; as describing and scoring do.
 */
export async function compareAgainst(
  spec: string,
  options: ModelOptions,
  file: string,
  suiteName: string,
  tolerance: number,
  context: RunContext,
): Promise<Comparison> {
  const rows = await readIncumbentRows(file, context.cwd);
  const suite = await loadSuite(suiteName, context.cwd);
  const pairs: PreferencePair[] = [];
  for await (const window of await openPairs(suite.pairsPath)) pairs.push(...window);
  const items = joinRows(pairs, rows).flatMap((row, i) => (row === null ? [] : [{ row, pair: pairs[i]! }]));
  if (items.length === 0) {
    throw new RmbenchError("data", `no row of ${file} belongs to a pair of ${suite.id}`, {
      hint: "rows join by subset and id, or by text_chosen and text_rejected: name the suite that it scored",
    });
  }
  const near = (a: Scores, b: Scores) =>
    Math.abs(a.chosen - b.chosen) <= tolerance && Math.abs(a.rejected - b.rejected) <= tolerance;
  await refuseWithoutCompat(spec, options, context);
  const model = await describeModel(spec, options, context);
  // Asked once, for PyTorch takes seconds to say what `auto` is.
  const device = deviceNames.find((name) => name === model.identity["device"]) ?? options.device;
  await using session = await model.open(context.signal);
  const scoresUnder = async (changed: Partial<ModelOptions>, of: typeof items, rendered: boolean) =>
    scoreAll(
      await describeModel(spec, { ...options, device, ...changed }, context),
      session,
      of.map(({ pair, row }) => questionsOf(pair, rendered ? row.texts : null)),
      context,
    );
  const here = await scoresUnder({}, items, false);
  const moved = items.flatMap(({ pair: { subset, id }, row }, i) => {
    const there = { chosen: row.chosen, rejected: row.rejected };
    if (near(here[i]!, there)) return [];
    const flipped = here[i]!.chosen > here[i]!.rejected !== there.chosen > there.rejected;
    const item: MovedItem = { subset, id, here: here[i]!, there, flipped, setting: null };
    return [{ item, source: items[i]! }];
  });
  const settings = [];
  for (const { setting, flags, options: changed, rendered } of await variations(spec, options, context)) {
    const open = moved.filter(({ item, source }) => item.setting === null && (!rendered || source.row.texts !== null));
    if (open.length === 0) continue;
    const scores = await scoresUnder(
      changed,
      open.map(({ source }) => source),
      rendered,
    );
    const explained = open.filter(({ item }, i) => near(scores[i]!, item.there));
    for (const { item } of explained) item.setting = setting;
    if (explained.length > 0) settings.push({ setting, flags, items: explained.length });
  }
  return {
    rows: rows.length,
    joined: items.length,
    flipped: moved.filter(({ item }) => item.flipped).length,
    moved: moved.map(({ item }) => item),
    settings,
  };
}

/** Before weights are loaded. @throws RmbenchError `usage` for a model that RewardBench's settings are not for. */
async function refuseWithoutCompat(spec: string, options: ModelOptions, context: RunContext): Promise<void> {
  try {
    await describeModel(spec, { ...options, compat: "rewardbench" }, context);
  } catch (error) {
    if (!(error instanceof RmbenchError) || error.code !== "usage") throw error;
    throw new RmbenchError("usage", `--against finds RewardBench's setting that moved a score, but ${error.message}`, {
      hint: "of RewardBench's outputs, those of sequence classifiers with a chat template can be compared: docs/compat.md",
      cause: error,
    });
  }
}

/** From the fewest changes to the most, so that an item is put down to no more than it takes. */
async function variations(spec: string, options: ModelOptions, context: RunContext): Promise<Variation[]> {
  const model = await describeModel(spec, { ...options, maxLength: null }, context);
  const limit = model.limits.maxTokens ?? Infinity;
  const lengths = [...new Set([...(options.maxLength === null ? [] : [options.maxLength]), limit, ...usualLengths])];
  const bos = [
    { compat: "rewardbench", name: "" },
    { compat: "rewardbench-two-bos", name: "a second BOS that is not masked" },
  ] as const;
  const whole = bos.map(({ compat, name }) => ({
    setting: name === "" ? "prompt turns labelled by their place" : name,
    flags: `--compat ${compat}`,
    options: { compat, truncate: "never", maxLength: null },
    rendered: false,
  }));
  const cuts = bos.flatMap(({ compat, name }) =>
    lengths
      .filter((length) => length <= limit && Number.isFinite(length))
      .flatMap((maxLength) =>
        (["response-right", "response-left"] as const).map((truncate) => ({
          setting: `${name === "" ? "" : `${name}, and `}the text cut on the ${truncate.slice(9)} at ${maxLength} tokens`,
          flags: `--compat ${compat} --truncate ${truncate} --max-length ${maxLength}`,
          options: { compat, truncate, maxLength },
          rendered: false,
        })),
      ),
  );
  const rendered = bos.map(({ compat, name }) => ({
    setting: `another chat template: its own text${name === "" ? "" : `, with ${name},`} scores the same`,
    flags: "",
    options: { compat, truncate: "never", maxLength: null },
    rendered: true,
  }));
  return [...whole, ...cuts, ...rendered] as Variation[];
}

function questionsOf(pair: PreferencePair, texts: IncumbentRow["texts"]): [Question, Question] {
  const ask = (response: PreferencePair["chosen"][number], prompt: PreferencePair["prompt"]): Question => ({
    kind: "pointwise",
    of: {
      prompt,
      documents: pair.documents === null ? null : { template: "numbered", items: pair.documents },
      tools: pair.tools,
      response,
    },
  });
  if (texts !== null) return [texts.chosen, texts.rejected].map((text) => ask(text, [])) as [Question, Question];
  return [ask(pair.chosen[0]!, pair.prompt), ask(pair.rejected[0]!, pair.rejectedPrompt ?? pair.prompt)];
}

/** @param session of the same weights: the variations differ in how they prepare a text, and need no session each. */
async function scoreAll(
  model: RewardModel,
  session: Session,
  asked: readonly (readonly [Question, Question])[],
  context: RunContext,
): Promise<Scores[]> {
  const kept: Session = {
    score: (batch, signal) => session.score(batch, signal),
    device: () => session.device(),
    [Symbol.asyncDispose]: async () => undefined,
  };
  await using store = memoryStore();
  await using scorer = new Scorer({ ...model, open: async () => kept }, store, context);
  const answers = await scorer.answer(asked.flat());
  const value = (i: number) => {
    const { score } = answers[i]!;
    return score.status === "ok" ? score.value : Number.NaN;
  };
  return asked.map((_, i) => ({ chosen: value(2 * i), rejected: value(2 * i + 1) }));
}
