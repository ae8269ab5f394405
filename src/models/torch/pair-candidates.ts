import { RmbenchError } from "../../errors.ts";
import type { Conversation } from "../../questions/question.ts";
import type { Config } from "../onnx/settings.ts";
import type { TextTokenizer } from "../tokenizer.ts";
import type { PairContext } from "./pairing.ts";
import { alternatingTurns, responseText, type PairReading } from "./pairs.ts";
import type { TorchInput } from "./token-ids.ts";

/** Tokens that the prompt may have at most, and all three texts together; special tokens count. */
const promptBudget = 1224;
const budget = promptBudget + 2 * 412;

const markers = { source: "<|source|>", first: "<|candidate1|>", second: "<|candidate2|>" } as const;
const idFields = { source: "source_prefix_id", first: "cand1_prefix_id", second: "cand2_prefix_id" } as const;
type Part = keyof typeof markers;

const instruction = "Finish the following coversation in each i-th turn by filling in <Response i> with your response.";

/**
 * PairRM (LLM-Blender, arXiv 2306.02561): `<|source|>` prompt, `<|candidate1|>` a, `<|candidate2|>` b, each tokenised
 * apart, cut on the right to its budget, and read at its marker. What the prompt leaves of its budget goes to the
 * candidates. Layout and budgets as in the code of llm-blender/PairRM-hf, its misspelt instruction included.
 */
export function readCandidates(name: string, context: PairContext): PairReading {
  const { dir, settings, config, tokenizer } = context;
  if (settings.maxLength !== undefined || settings.template !== undefined) {
    throw new RmbenchError("model", `rmbench.json in ${dir} sets a maxLength or a template, and ${name} has its own`, {
      hint: `leave both out: the prompt has ${promptBudget} tokens, and all together ${budget}`,
    });
  }
  refusePositions(name, dir, config);
  const ids = markerIds(name, dir, config, tokenizer);
  const asTurns = settings.input === "chat";
  const piece = (part: Part, text: string, room: number) => {
    const { before, content, after } = tokenizer.pieces(`${markers[part]}${text}`);
    const kept = content.slice(0, room - before.length - after.length);
    const at = kept.indexOf(ids[part]);
    if (at < 0) throw new RmbenchError("model", `the tokenizer does not keep ${markers[part]} as one token`);
    return { ids: [...before, ...kept, ...after], read: before.length + at, cut: kept.length < content.length };
  };
  return {
    template: `${name}, ${asTurns ? "turns" : "turns where there are several"}`,
    maxLength: budget,
    prepare(a, b) {
      const texts = textsOf(a, b, asTurns);
      const source = piece("source", texts.source, promptBudget);
      const room = Math.floor((budget - source.ids.length) / 2);
      const pieces = [source, piece("first", texts.first, room), piece("second", texts.second, room)];
      const all = pieces.flatMap((each) => each.ids);
      let start = 0;
      const reads = pieces.map((each) => {
        const read = start + each.read;
        start += each.ids.length;
        return read;
      });
      const payload: TorchInput = { ids: Int32Array.from(all), length: all.length, segment: all.length, reads };
      const truncated = pieces.some(({ cut }) => cut);
      return { tokens: all.length, truncated, droppedDocuments: 0, refused: null, payload };
    },
  };
}

/** One prompt as it is; several turns as a conversation with gaps, which each candidate fills. */
function textsOf(a: Conversation, b: Conversation, asTurns: boolean): Record<Part, string> {
  const turns = alternatingTurns(a);
  const [first, second] = [responseText(a), responseText(b)];
  const [only, ...further] = turns;
  if (only !== undefined && further.length === 0 && !asTurns) return { source: only.content, first, second };
  const ofRole = (role: string) => turns.filter((turn) => turn.role === role).map(({ content }) => content);
  const asked = ofRole("user").map((content, i) => `USER: ${content}\nAssistant: <Response ${i + 1}>`);
  const filled = (response: string) =>
    [...ofRole("assistant"), response].map((content, i) => `<Response ${i + 1}>: ${content}`).join("\n");
  return { source: instruction + asked.join("\n"), first: filled(first), second: filled(second) };
}

/** The markers' ids. @throws RmbenchError `model` where the tokenizer has others than config.json, or none. */
function markerIds(name: string, dir: string, config: Config, tokenizer: TextTokenizer): Record<Part, number> {
  const idOf = (part: Part): number => {
    const { content } = tokenizer.pieces(markers[part]);
    const [id] = content;
    const said = config[idFields[part]];
    if (id !== undefined && content.length === 1 && (said === undefined || said === id)) return id;
    const found =
      content.length === 1 ? `is the token ${id}, where config.json says ${JSON.stringify(said)}` : "is no token";
    throw new RmbenchError("model", `${markers[part]} ${found} in ${dir}, so it cannot be read as ${name}`, {
      hint: "copy the tokenizer that the checkpoint was trained with, or take another preset",
    });
  };
  return { source: idOf("source"), first: idOf("first"), second: idOf("second") };
}

/** DeBERTa's relative positions have no end; absolute ones, which it may have beside them, do. */
function refusePositions(name: string, dir: string, config: Config): void {
  const positions = config.max_position_embeddings ?? Number.POSITIVE_INFINITY;
  if (config["position_biased_input"] === false || positions >= budget) return;
  throw new RmbenchError(
    "model",
    `the model in ${dir} has ${positions} absolute positions, and ${name} needs ${budget}`,
    {
      hint: "PairRM's body has relative positions only: `position_biased_input` is false in its config.json",
    },
  );
}
