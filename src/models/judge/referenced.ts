import { RmbenchError } from "../../errors.ts";
import { conversationsOf } from "../../questions/conversations.ts";
import { reference as prompt } from "./prompts/reference.ts";
import type { JudgeProtocol } from "./protocol.ts";
import type { Call } from "./provider.ts";
import { fill } from "./render.ts";

/**
 * The same protocol by a reference answer (reference-guided grading, arXiv 2306.05685), which the judge is shown before
 * everything else. A question without one, as the probes of `rmbench doctor` are, is asked as ever.
 */
export function referenced(protocol: JudgeProtocol): JudgeProtocol {
  return {
    ...protocol,
    prompts: [...protocol.prompts, prompt],
    calls(question) {
      const calls = protocol.calls(question);
      const references = new Set(conversationsOf(question).map(({ reference }) => reference));
      if (references.size > 1) throw new RmbenchError("model", "the answers have different reference answers");
      const [reference] = references;
      return reference === undefined ? calls : calls.map((call) => before(reference, call));
    },
  };
}

function before(reference: string, { system, turns }: Call): Call {
  const shown = fill(prompt, { reference });
  const [first, ...others] = turns;
  return {
    system: shown.system + system,
    turns: [{ ...first!, content: shown.turns[0]!.content + first!.content }, ...others],
  };
}
