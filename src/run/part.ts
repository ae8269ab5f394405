import { protocolNamed } from "../protocols/registry.ts";
import type { Protocol } from "../protocols/protocol.ts";
import type { QuestionKind } from "../questions/question.ts";
import type { Suite } from "../suites/load.ts";
import { askOf } from "./collect.ts";
import type { RunRequest } from "./request.ts";
import { openSelection, type SelectedPairs } from "./selection.ts";

/** A suite's part in a run: which of its pairs are asked about, and how. */
export interface SuitePart {
  suite: Suite;
  protocol: Protocol;
  ask: QuestionKind;
  selection: SelectedPairs;
}

/**
 * What is asked of a model on each suite. Scores nothing: a suite that is empty or does not suit the model ends here.
 * @param asks the kinds of question that the model answers.
 * @throws RmbenchError as `askOf` and `openSelection`.
 */
export async function partsOf(
  suites: readonly Suite[],
  { selection, seed }: RunRequest,
  asks: readonly QuestionKind[],
): Promise<SuitePart[]> {
  const parts: SuitePart[] = [];
  for (const suite of suites) {
    const protocol = protocolNamed(suite.protocol);
    const ask = askOf(protocol, asks);
    parts.push({ suite, protocol, ask, selection: await openSelection(suite, selection, seed) });
  }
  return parts;
}
