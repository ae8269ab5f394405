import { protocolNamed } from "../protocols/registry.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { RmbenchError } from "../errors.ts";
import type { QuestionKind } from "../questions/question.ts";
import type { Suite } from "../suites/load.ts";
import { askOf } from "./collect.ts";
import { withContextPairs } from "./context-pairs.ts";
import type { RunRequest } from "./request.ts";
import { openSelection, type SelectedPairs } from "./selection.ts";

/** A suite's part in a run: which of its pairs are asked about, and how. */
export interface SuitePart {
  suite: Suite;
  protocol: Protocol;
  ask: QuestionKind;
  selection: SelectedPairs;
}

/** What a model says of itself that decides how it is asked. */
export interface Asked {
  model: { id: string };
  /** The kinds of question that it answers. */
  asks: readonly QuestionKind[];
  takesContext: boolean;
}

/**
 * What is asked of a model on each suite. Scores nothing: a suite that is empty or does not suit the model ends here.
 * @throws RmbenchError as `askOf`, `openSelection` and `withContextPairs`; `usage` where context pairs are asked for that the
 * model does not take.
 */
export async function partsOf(suites: readonly Suite[], request: RunRequest, asked: Asked): Promise<SuitePart[]> {
  const parts: SuitePart[] = [];
  for (const suite of suites) {
    const protocol = protocolNamed(suite.protocol);
    const ask = askOf(protocol, asked.asks);
    parts.push({ suite, protocol, ask, selection: await selectionOf(suite, request, asked) });
  }
  return parts;
}

async function selectionOf(
  suite: Suite,
  { selection, seed, contextPairs }: RunRequest,
  { model, takesContext }: Asked,
): Promise<SelectedPairs> {
  const numbers = contextPairs ?? suite.contextPairs;
  if (numbers !== undefined && numbers.at(-1)! > 0 && !takesContext) {
    const origin = contextPairs === null ? `the suite ${suite.id}` : "--context-pairs";
    throw new RmbenchError(
      "usage",
      `${model.id} takes no context pairs of a user, and ${origin} asks for ${numbers.join(", ")}`,
      {
        hint: "docs/user-conditioned.md says which models take them; --context-pairs 0 asks any model, telling it nothing of the user",
      },
    );
  }
  const selected = await openSelection(suite, selection, seed);
  return numbers === undefined ? selected : withContextPairs(suite, selected, numbers, seed, takesContext);
}
