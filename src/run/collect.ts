import { RmbenchError } from "../errors.ts";
import type { Answer } from "../inference/execute.ts";
import type { ContextPair, PreferencePair } from "../pairs/pair.ts";
import { fingerprintPair } from "../pairs/fingerprint.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { fingerprintInContext, inContext } from "../questions/context.ts";
import type { Conversation, QuestionKind, Unit } from "../questions/question.ts";
import { responseLength, shortcutNames, shortcutScorers } from "../models/shortcut/scorers.ts";
import { entryOf, ScoreTableBuilder } from "../scores/builder.ts";
import type { ScoreTable } from "../scores/table.ts";
import type { RunContext } from "./context.ts";
import type { SuitePart } from "./part.ts";
import type { ScoreSource } from "./source.ts";

/** A selected pair with its place in the suite's file. */
export interface PlacedPair {
  pair: PreferencePair;
  position: number;
  /** What the model is told of the pair's user, where it is asked on the user's behalf. */
  context?: readonly ContextPair[];
}

/** Asks the source about every selected pair, window by window, and gathers the answers in the score table. */
export async function collect(part: SuitePart, source: ScoreSource, context: RunContext): Promise<ScoreTable> {
  const { suite, ask, selection } = part;
  const table = new ScoreTableBuilder(ask, shortcutNames, selection.pairs);
  const failures: Failures = new Map();
  for await (const window of selection.windows()) {
    context.signal.throwIfAborted();
    context.emit({ type: "pairs", pairs: window.length });
    const units = window.flatMap((placed) => addRow(table, placed, part));
    const pairs = window.map(({ pair }) => pair);
    const answers = (await source.answer(suite.id, pairs, units)).map((answer, i) => ownAnswer(units[i]!, answer));
    for (const [i, unit] of units.entries()) {
      const scored = scoredConversation(unit);
      noteFailure(failures, answers[i]!, () => {
        const { id, subset } = pairs[unit.row - units[0]!.row]!;
        return `${subset}/${id} (${unit.side})`;
      });
      table.addEntry(entryOf(unit, answers[i]!, responseLength(scored), shortcutsOf(unit)));
    }
  }
  for (const [code, { count, place, message }] of failures) {
    const texts = `${count} ${count === 1 ? "text" : "texts"} without a score`;
    context.warn(`${suite.id}: ${texts}, first ${place}: ${message}${remedies[code] ?? ""}`);
  }
  return table.build();
}

const remedies: Readonly<Record<string, string>> = {
  "too-long": "; raise --max-length where the model takes more, or cut the response with --truncate response-right",
};

/** By code; one example for each kind, so that a count in the report has a reason. */
type Failures = Map<string, { count: number; place: string; message: string }>;

function noteFailure(failures: Failures, { score }: Answer, placeOf: () => string): void {
  if (score.status === "ok" || (score.status === "failed" && score.code === "unmatched")) return;
  const [code, message] =
    score.status === "failed"
      ? [score.code, score.message]
      : ["unparsable", `no score can be read in ${quoted(score.text)}`];
  const seen = failures.get(code);
  if (seen === undefined) failures.set(code, { count: 1, place: placeOf(), message });
  else seen.count++;
}

/** An answer in words, as much of its end as a line holds: that is where a verdict would stand. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `…${text.slice(-200)}` : text);
}

/** What an answer says of the unit's own response: the answer to a listwise question is one for all of them. */
function ownAnswer({ question, candidate }: Unit, answer: Answer): Answer {
  const { score } = answer;
  if (question.kind !== "listwise" || score.status !== "ok") return answer;
  return { ...answer, score: { status: "ok", value: score.vector![candidate!]! } };
}

/** The kind of question that the protocol judges and the model answers; a score for one text is preferred. */
export function askOf(protocol: Protocol, asks: readonly QuestionKind[]): QuestionKind {
  const ask = protocol.asks.find((kind) => asks.includes(kind));
  if (ask !== undefined) return ask;
  throw new RmbenchError(
    "usage",
    `the protocol ${protocol.name} asks ${protocol.asks.join(" or ")} questions, and the model answers only ${asks.join(", ")} ones`,
    {
      hint: "Choose another suite or model; a judge answers pairwise questions by --judge pairwise, listwise ones by --judge ranking, pointwise ones by --judge rating.",
    },
  );
}

function addRow(table: ScoreTableBuilder, placed: PlacedPair, part: SuitePart): Unit[] {
  const { id, subset, cluster, direction, tags, weight } = placed.pair;
  const row = table.addRow({
    position: placed.position,
    id,
    subset,
    cluster,
    direction,
    tags,
    weight,
    fingerprint: fingerprintInContext(fingerprintPair(placed.pair), placed.context ?? []),
  });
  return unitsOf(placed, row, part);
}

/** What is asked about a pair. Units that share a question go on sharing it in context. */
export function unitsOf({ pair, context }: PlacedPair, row: number, { suite, protocol, ask }: SuitePart): Unit[] {
  const units = protocol.units(pair, row, ask, suite.documentTemplate);
  if (context === undefined) return units;
  const asked = new Map(units.map(({ question }) => [question, inContext(question, context)]));
  return units.map((unit) => ({ ...unit, question: asked.get(unit.question)! }));
}

/** The conversation that a unit's entry is about: for a comparison, the one on the unit's own side. */
function scoredConversation({ question, order, candidate }: Unit): Conversation {
  switch (question.kind) {
    case "pointwise":
      return question.of;
    case "pairwise":
      return order === 0 ? question.a : question.b;
    case "listwise":
      return question.of[candidate!]!;
  }
}

function shortcutsOf(unit: Unit): Record<string, number> {
  const scores: Record<string, number> = {};
  for (const name of shortcutNames) scores[name] = shortcutScore(name, unit);
  return scores;
}

/** A shortcut's reward for one text, or its difference of rewards for a comparison. */
function shortcutScore(name: (typeof shortcutNames)[number], { question, candidate }: Unit): number {
  const scorer = shortcutScorers[name];
  switch (question.kind) {
    case "pointwise":
      return scorer(question.of);
    case "pairwise":
      return scorer(question.a) - scorer(question.b);
    case "listwise":
      return scorer(question.of[candidate!]!);
  }
}
