import type { Message, PreferencePair, Response } from "./pair.ts";

/** What can be wrong with one pair by itself, without the others. Pure. */

export const findingKinds = {
  malformed: { severity: "error", remedy: "correct the row, or leave rows like it out with --skip-errors" },
  "non-utf8": { severity: "error", remedy: "convert the file to UTF-8" },
  null: { severity: "error", remedy: "fill the value in, or leave the row out" },
  "no-label": { severity: "error", remedy: "give a rejected response, grades, or step labels" },
  "duplicate-key": { severity: "error", remedy: "make (subset, id) unique: scores are joined by it" },
  "too-long": { severity: "warning", remedy: "raise --max-length, or allow truncation with --truncate" },
  "empty-response": {
    severity: "warning",
    remedy: "leave the pair out, or mean it: a model is asked to score nothing",
  },
  "empty-prompt": { severity: "warning", remedy: "check that the prompt's column was recognised" },
  "identical-responses": { severity: "warning", remedy: "leave the pair out: it can only be a tie" },
  "degenerate-contrast": { severity: "warning", remedy: "leave the pair out: both of its sides are the same" },
  "prefix-mismatch": { severity: "warning", remedy: "leave the pair out: prompt and response differ at once" },
  "duplicate-text": { severity: "warning", remedy: "keep one of them: the pair counts twice" },
  contradiction: { severity: "warning", remedy: "decide which response is better, and keep that pair" },
  "unknown-role": { severity: "warning", remedy: "rename the role to one that chat templates know" },
  "mixed-roles": { severity: "warning", remedy: "use one name per speaker" },
  "role-order": { severity: "warning", remedy: "check the conversation: chat templates may refuse it" },
  "lone-surrogate": {
    severity: "warning",
    remedy: "repair the text: UTF-8 cannot hold it, and U+FFFD takes its place",
  },
  "replacement-character": {
    severity: "info",
    remedy: "the text was damaged before: U+FFFD stands for lost characters",
  },
  bom: { severity: "info", remedy: "kept as it is: U+FEFF is invisible, but tokenizers see it" },
  "line-separator": { severity: "info", remedy: "kept as it is: do not split the file at U+2028 or U+2029" },
  "repeated-id": { severity: "info", remedy: "nothing to do: the key is (subset, id)" },
} as const satisfies Record<string, { severity: "error" | "warning" | "info"; remedy: string }>;

export type FindingKind = keyof typeof findingKinds;

export interface PairFinding {
  kind: FindingKind;
  message: string;
}

const speakers: Readonly<Record<string, string>> = {
  user: "user",
  human: "user",
  prompter: "user",
  assistant: "assistant",
  gpt: "assistant",
  bot: "assistant",
  model: "assistant",
};
const knownRoles = new Set(["system", "developer", "user", "assistant", "tool", "function"]);

const isBlank = (response: Response): boolean =>
  typeof response === "string" ? response.trim() === "" : response.every((turn) => turn.content.trim() === "");

const sameTurns = (a: readonly Message[], b: readonly Message[]): boolean =>
  a.length === b.length && a.every((turn, i) => turn.role === b[i]?.role && turn.content === b[i]?.content);

const sameResponse = (a: Response, b: Response): boolean =>
  typeof a === "string" || typeof b === "string" ? a === b : sameTurns(a, b);

function conversationsOf(pair: PreferencePair): (readonly Message[])[] {
  const trajectories = [...pair.chosen, ...pair.rejected].filter((response) => typeof response !== "string");
  return [pair.prompt, ...(pair.rejectedPrompt === null ? [] : [pair.rejectedPrompt]), ...trajectories];
}

function* texts(pair: PreferencePair): Generator<[string, string]> {
  for (const turn of pair.prompt) yield ["prompt", turn.content];
  for (const turn of pair.rejectedPrompt ?? []) yield ["rejected_prompt", turn.content];
  for (const document of pair.documents ?? []) {
    yield ["documents", document.title];
    yield ["documents", document.text];
  }
  for (const side of ["chosen", "rejected"] as const) {
    for (const response of pair[side]) {
      if (typeof response === "string") yield [side, response];
      else for (const turn of response) yield [side, turn.content];
    }
  }
}

const characters: readonly (readonly [FindingKind, RegExp, string])[] = [
  ["bom", /\uFEFF/, "U+FEFF (byte order mark)"],
  ["line-separator", /[\u2028\u2029]/, "U+2028 or U+2029 (line or paragraph separator)"],
  ["lone-surrogate", /\p{Surrogate}/u, "half of a surrogate pair"],
  ["replacement-character", /\uFFFD/, "U+FFFD (replacement character)"],
];

function* checkTexts(pair: PreferencePair): Generator<PairFinding> {
  const all = [...texts(pair)];
  for (const [kind, pattern, what] of characters) {
    const columns = new Set(all.filter(([, text]) => pattern.test(text)).map(([column]) => column));
    if (columns.size > 0) yield { kind, message: `${[...columns].join(", ")} has ${what}` };
  }
}

function* checkResponses(pair: PreferencePair): Generator<PairFinding> {
  if (pair.chosen.length === 0) yield { kind: "null", message: "there is no chosen response" };
  if (pair.rejected.length === 0 && pair.grades === null && pair.steps === null) {
    yield { kind: "no-label", message: "there is no rejected response, and no grades or steps" };
  }
  if (pair.grades !== null && pair.grades.length !== pair.chosen.length + pair.rejected.length) {
    const found = pair.chosen.length + pair.rejected.length;
    yield { kind: "malformed", message: `there are ${pair.grades.length} grades for ${found} responses` };
  }
  for (const side of ["chosen", "rejected"] as const) {
    const blank = pair[side].filter(isBlank).length;
    if (blank > 0) yield { kind: "empty-response", message: `${side} is empty${blank > 1 ? ` (${blank} times)` : ""}` };
  }
  const alike = pair.chosen.some((one) => pair.rejected.some((other) => sameResponse(one, other)));
  if (pair.rejectedPrompt === null || sameTurns(pair.prompt, pair.rejectedPrompt)) {
    if (!alike) return;
    yield pair.rejectedPrompt === null
      ? { kind: "identical-responses", message: "a chosen response equals a rejected one" }
      : { kind: "degenerate-contrast", message: "both sides have the same prompt and the same response" };
  } else if (!alike) {
    yield { kind: "prefix-mismatch", message: "chosen and rejected answer different prompts" };
  }
}

function* checkRoles(pair: PreferencePair): Generator<PairFinding> {
  if (pair.prompt.every((turn) => turn.content.trim() === ""))
    yield { kind: "empty-prompt", message: "the prompt is empty" };
  const roles = new Set(conversationsOf(pair).flatMap((turns) => turns.map((turn) => turn.role)));
  const unknown = [...roles].filter((role) => !knownRoles.has(role));
  if (unknown.length > 0) yield { kind: "unknown-role", message: `role ${unknown.join(", ")} is not known` };
  for (const speaker of ["user", "assistant"]) {
    const names = [...roles].filter((role) => speakers[role] === speaker);
    if (names.length > 1) yield { kind: "mixed-roles", message: `one speaker is called ${names.join(" and ")}` };
  }
  for (const prompt of [pair.prompt, ...(pair.rejectedPrompt === null ? [] : [pair.rejectedPrompt])]) {
    const twice = prompt.find((turn, i) => speakers[turn.role] !== undefined && turn.role === prompt[i - 1]?.role);
    if (twice !== undefined) yield { kind: "role-order", message: `two turns of ${twice.role} follow each other` };
    else if (speakers[prompt.at(-1)?.role ?? ""] === "assistant") {
      yield { kind: "role-order", message: "the prompt ends with an assistant's turn" };
    }
  }
}

/** Everything that is wrong with a pair by itself. */
export function* checkPair(pair: PreferencePair): Generator<PairFinding> {
  yield* checkResponses(pair);
  yield* checkRoles(pair);
  yield* checkTexts(pair);
}
