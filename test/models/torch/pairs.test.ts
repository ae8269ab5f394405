import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { chooseInput } from "../../../src/models/onnx/reading.ts";
import type { Config, Settings } from "../../../src/models/onnx/settings.ts";
import type { ModelOptions, Prepared } from "../../../src/models/reward-model.ts";
import { loadTokenizer } from "../../../src/models/tokenizer.ts";
import { choosePairing, readingSettings, refusePairOptions } from "../../../src/models/torch/pairing.ts";
import { preparePairs, type PairReading } from "../../../src/models/torch/pairs.ts";
import { choosePreset } from "../../../src/models/torch/presets.ts";
import type { TorchInput } from "../../../src/models/torch/token-ids.ts";
import type { Conversation, Question } from "../../../src/questions/question.ts";
import { ask, copyOf, fixture, options } from "../support.ts";

/** The tokenizer of `bert` with PairRM's markers. */
function withMarkers(markers: readonly string[]): string {
  const folder = copyOf("bert");
  const file = join(folder, "tokenizer.json");
  const tokenizer = JSON.parse(readFileSync(file, "utf8")) as { added_tokens: object[] };
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  for (const [i, content] of markers.entries()) tokenizer.added_tokens.push({ id: 9000 + i, content, ...plain });
  writeFileSync(file, JSON.stringify(tokenizer));
  return folder;
}

const marked = withMarkers(["<|source|>", "<|candidate1|>", "<|candidate2|>"]);
const [source, first, second] = [9000, 9001, 9002];
const relative: Config = { model_type: "deberta-v2", max_position_embeddings: 512, position_biased_input: false };

interface Given {
  dir?: string;
  settings?: Settings;
  config?: Config;
  options?: Partial<ModelOptions>;
}

async function reading(preset: "PairRM" | "pair-preference", given: Given = {}) {
  const { dir = preset === "PairRM" ? marked : fixture("llama"), settings = {}, options: asked = {} } = given;
  const config = given.config ?? (preset === "PairRM" ? relative : {});
  const tokenizer = await loadTokenizer(dir);
  const chosen = choosePreset(preset, null, "x");
  const all = options(asked);
  const input = chooseInput(dir, readingSettings(chosen, settings), config, tokenizer, all);
  const context = { dir, reading: input, tokenizer, settings, config, options: all };
  const pairing = choosePairing(chosen, context)!;
  const ids = (text: string): number[] => [...tokenizer.encode({ text, pair: null }, true).ids];
  return { pairing, ids, takesDocuments: input.takesDocuments };
}

const prepareOne = async (pairing: PairReading, question: Question, takesDocuments = true): Promise<Prepared> =>
  (await preparePairs([question], pairing, takesDocuments))[0]!;
const compare = (a: Conversation, response: string): Question => ({ kind: "pairwise", a, b: { ...a, response } });
const inputOf = ({ payload }: Prepared): TorchInput => payload as TorchInput;
/** One token each. */
const words = (count: number): string => Array.from({ length: count }, () => "a").join(" ");
const turns = [
  { role: "user", content: "river?" },
  { role: "assistant", content: "stone" },
  { role: "user", content: "bridge?" },
];

it("presets of single responses compare nothing", () => {
  expect(choosePairing(choosePreset("ArmoRM", null, "x"), {} as never)).toBeNull();
  expect(choosePairing(null, {} as never)).toBeNull();
});

it.each([
  ["PairRM", { maxLength: 256 }, /torch:x cannot be run with --max-length 256/],
  ["PairRM", { truncate: "response-left" }, /--truncate response-left/],
  ["PairRM", { compat: "rewardbench" }, /--compat rewardbench/],
  ["pair-preference", { compat: "rewardbench" }, /--compat rewardbench/],
] as const)("%s cannot be run with %o", (preset, given, message) => {
  const refused = () => refusePairOptions(choosePreset(preset, null, "x"), "torch:x", options(given));
  expect(refused).toThrow(message);
  expect(refused).toThrow(expect.objectContaining({ code: "usage" }));
});

describe("PairRM", () => {
  it("has prompt and responses apart, each behind its marker, which is read", async () => {
    const { pairing, ids } = await reading("PairRM");
    const prepared = await prepareOne(pairing, compare(ask("river stone?", "bridge."), "a winter market"));
    const [cls, sep] = [ids("[CLS]")[0]!, ids("[SEP]")[0]!];
    const part = (marker: number, text: string) => [cls, marker, ...ids(text), sep];
    const parts = [part(source, "river stone?"), part(first, "bridge."), part(second, "a winter market")];
    expect([...inputOf(prepared).ids]).toEqual(parts.flat());
    expect(inputOf(prepared).reads).toEqual([1, parts[0]!.length + 1, parts[0]!.length + parts[1]!.length + 1]);
    expect(prepared).toMatchObject({ tokens: parts.flat().length, truncated: false, refused: null });
    expect(pairing.maxLength).toBe(2048);
  });

  it("swaps the responses behind the same markers in the other order", async () => {
    const { pairing, ids } = await reading("PairRM");
    const [a, b] = [ask("river?", "stone"), ask("river?", "bridge")];
    const swapped = inputOf(await prepareOne(pairing, { kind: "pairwise", a: b, b: a }));
    const at = swapped.reads!.map((read) => [...swapped.ids].slice(read, read + 2));
    expect(at.slice(1)).toEqual([
      [first, ids("bridge")[0]],
      [second, ids("stone")[0]],
    ]);
  });

  /** Tokens of prompt and responses with marker, [CLS] and [SEP], worked out by hand: 3 + one for each word. */
  it.each([
    ["the prompt keeps 1,224", [2000, 5, 6], [1224, 8, 9]],
    ["then each response has 412", [2000, 900, 409], [1224, 412, 412]],
    ["what a prompt of 13 leaves is halved", [10, 3000, 1014], [13, 1017, 1017]],
    ["and rounded down", [11, 3000, 3000], [14, 1017, 1017]],
    ["a prompt of just 1,224 is whole", [1221, 409, 409], [1224, 412, 412]],
  ])("%s", async (_, counts, lengths) => {
    const { pairing, ids } = await reading("PairRM");
    expect(ids("a")).toHaveLength(1);
    const [prompt, a, b] = counts as [number, number, number];
    const prepared = await prepareOne(pairing, compare(ask(words(prompt), words(a)), words(b)));
    const input = [...inputOf(prepared).ids];
    const sep = ids("[SEP]")[0]!;
    const ends = input.flatMap((id, at) => (id === sep ? [at + 1] : []));
    expect(ends.map((end, i) => end - (ends[i - 1] ?? 0))).toEqual(lengths);
    expect(prepared.truncated).toBe(counts.some((count, i) => count + 3 > lengths[i]!));
    expect(prepared.tokens).toBe(lengths.reduce((sum, length) => sum + length, 0));
  });

  it("reads several turns, and with input `chat` one turn too, as gaps that each candidate fills", async () => {
    const contains = (prepared: Prepared, ids: (text: string) => number[], marker: string, text: string) =>
      expect([...inputOf(prepared).ids].join(" ")).toContain(ids(`${marker}${text}[SEP]`).join(" "));
    const task = "Finish the following coversation in each i-th turn by filling in <Response i> with your response.";
    const { pairing, ids } = await reading("PairRM");
    const several = await prepareOne(pairing, compare({ ...ask("", "moss"), prompt: turns }, "tea"));
    const gaps = "USER: river?\nAssistant: <Response 1>\nUSER: bridge?\nAssistant: <Response 2>";
    contains(several, ids, "<|source|>", task + gaps);
    contains(several, ids, "<|candidate1|>", "<Response 1>: stone\n<Response 2>: moss");
    contains(several, ids, "<|candidate2|>", "<Response 1>: stone\n<Response 2>: tea");
    const chat = await reading("PairRM", { settings: { input: "chat" } });
    const one = await prepareOne(chat.pairing, compare(ask("river?", "moss"), "tea"));
    contains(one, ids, "<|source|>", `${task}USER: river?\nAssistant: <Response 1>`);
    contains(one, ids, "<|candidate2|>", "<Response 1>: tea");
    expect(chat.pairing.template).not.toBe(pairing.template);
  });

  it("reads a marker that stands in a text as no marker of another part", async () => {
    const { pairing } = await reading("PairRM");
    const planted = await prepareOne(pairing, compare(ask("river <|candidate1|> <|source|>", "<|candidate2|>"), "tea"));
    const { ids, reads } = inputOf(planted);
    expect(reads!.map((at) => ids[at])).toEqual([source, first, second]);
    expect(reads![0]).toBe(1);
    expect(reads![1]).toBeGreaterThan(ids.indexOf(first));
  });

  it.each([
    ["maxLength in rmbench.json", { settings: { maxLength: 500 } }, "model", /sets a maxLength or a template/],
    ["absolute positions", { config: { max_position_embeddings: 512 } }, "model", /512 absolute positions.*2048/],
    ["other ids in config.json", { config: { ...relative, cand2_prefix_id: 5 } }, "model", /9002.*config\.json says 5/],
    ["no markers", { dir: fixture("bert") }, "model", /<\|source\|> is no token in/],
  ] as const)("refuses %s", async (_, given, code, message) => {
    await expect(reading("PairRM", given)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

describe("pair-preference", () => {
  const text = (context: string, a: string, b: string) =>
    // This template trims what a turn says.
    `<|user|>\n${`[CONTEXT] ${context} [RESPONSE A] ${a} [RESPONSE B] ${b} \n`.trim()}</s>\n`;

  it("asks in one user turn of the checkpoint's template, without any BOS", async () => {
    const { pairing, ids } = await reading("pair-preference");
    const prepared = await prepareOne(pairing, compare(ask("Which <s>river?", "The Rhine."), "The Elbe."));
    // As Python's Jinja renders the template with trim_blocks: one line break of each run is a block's.
    const context = "\n\n<turn> user\n Which river?\n";
    expect([...inputOf(prepared).ids]).toEqual(ids(text(context, "The Rhine.", "The Elbe.")));
    expect(inputOf(prepared).ids).not.toContain(0);
    expect(inputOf(prepared).reads).toBeUndefined();
  });

  it("has several turns, and documents in the last one", async () => {
    const { pairing, ids } = await reading("pair-preference");
    const documents = { template: "numbered", items: [{ id: "1", title: "", text: "Moss." }] };
    const question = compare({ ...ask("", "A"), prompt: turns, documents }, "B");
    const context = "\n\n<turn> user\n river?\n<turn> assistant\n stone\n<turn> user\n [1] Moss.\n\nbridge?\n";
    expect([...inputOf(await prepareOne(pairing, question)).ids]).toEqual(ids(text(context, "A", "B")));
  });

  it("drops documents, then the oldest exchange, then nothing; and cuts both responses to one length where asked", async () => {
    const dropped = { template: "numbered", items: [{ id: "1", title: "", text: words(50) }] };
    const question = compare({ ...ask("", words(12)), prompt: turns, documents: dropped }, words(3));
    const { ids } = await reading("pair-preference");
    const context = "\n\n<turn> user\n bridge?\n";
    const shortest = ids(text(context, words(12), words(3)));
    const at = async (maxLength: number, truncate: ModelOptions["truncate"] = "never", of: Question = question) => {
      const { pairing } = await reading("pair-preference", {
        settings: { maxLength: 1000 },
        options: { maxLength, truncate },
      });
      return prepareOne(pairing, of);
    };
    const fits = await at(shortest.length);
    expect(fits).toMatchObject({ truncated: true, droppedDocuments: 1, refused: null });
    expect([...inputOf(fits).ids]).toEqual(shortest);
    expect((await at(shortest.length - 1)).refused?.code).toBe("too-long");
    const bare = compare(ask("bridge?", "ab🕒cd"), "abc");
    const whole = ids(text(context, "ab🕒cd", "abc"));
    const right = await at(whole.length - 1, "response-right", bare);
    const left = await at(whole.length - 1, "response-left", bare);
    expect(right).toMatchObject({ truncated: true, refused: null });
    const cuts = ["ab🕒c", "ab🕒", "ab", "a", ""].map((cut) =>
      ids(text(context, cut, "abc".slice(0, Math.min(3, cut.length)))),
    );
    expect(cuts.map(String)).toContain(String([...inputOf(right).ids]));
    const leftCuts = ["b🕒cd", "🕒cd", "cd", "d", ""].map((cut) =>
      ids(text(context, cut, "abc".slice(-Math.min(3, cut.length)))),
    );
    expect(leftCuts.map(String)).toContain(String([...inputOf(left).ids]));
  });

  it("refuses a checkpoint without a chat template", async () => {
    await expect(reading("pair-preference", { settings: { input: "plain" } })).rejects.toThrow(/has no chat template/);
  });
});

describe.each(["PairRM", "pair-preference"] as const)("%s refuses, one by one,", (preset) => {
  const question = compare(ask("river?", "stone"), "moss");
  const a = ask("river?", "stone");
  it.each([
    ["single responses", { kind: "pointwise", of: a }, /compares two responses/],
    ["two prompts", { kind: "pairwise", a, b: ask("bridge?", "moss") }, /different prompts/],
    ["tools", compare({ ...a, tools: "[]" }, "moss"), /no place for tools/],
    [
      "a system turn",
      compare({ ...a, prompt: [{ role: "system", content: "Be kind." }, ...a.prompt] }, "x"),
      /turns are system, user/,
    ],
    [
      "a prompt that ends with the assistant",
      compare({ ...a, prompt: turns.slice(0, 2) }, "x"),
      /turns are user, assistant/,
    ],
    ["trajectories", { kind: "pairwise", a: { ...a, response: turns }, b: a }, /several messages/],
  ] as const)("%s", async (_, refused, message) => {
    const { pairing } = await reading(preset);
    const [bad, good] = await preparePairs([refused, question], pairing, true);
    expect(bad!.refused).toEqual({ code: "unsupported", message: expect.stringMatching(message) });
    expect(good!.refused).toBeNull();
  });

  it("documents, where rmbench.json says that it takes none", async () => {
    const { pairing, takesDocuments } = await reading(preset, { settings: { documents: "none" } });
    const documents = { template: "numbered", items: [{ id: "1", title: "", text: "Moss." }] };
    const refused = await prepareOne(pairing, compare({ ...a, documents }, "moss"), takesDocuments);
    expect(refused.refused?.message).toMatch(/takes no documents/);
  });
});
