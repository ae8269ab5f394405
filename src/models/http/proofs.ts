import { RmbenchError } from "../../errors.ts";
import type { Connected, Dialect, Reward } from "./dialect.ts";
import type { ServerSession } from "./session.ts";
import { checkOrder } from "./session.ts";
import type { Text } from "./text.ts";

interface Proofs {
  id: string;
  dialect: Dialect;
  connected: Connected;
  activation: ServerSession["activation"];
  texts: readonly Text[];
  rendered: boolean;
  warn: (message: string) => void;
  signal: AbortSignal;
}

/**
 * What must hold of a server before its scores count: the activation is off, the tokens are those that were meant, and
 * scores come in the order of their texts.
 * @throws RmbenchError `model` where it does not.
 */
export async function prove(proofs: Proofs): Promise<void> {
  const { connected, activation, texts, signal } = proofs;
  const raw = activation === "off";
  const alone: Reward[] = [];
  for (const text of texts) alone.push(...(await connected.score([text], raw, signal)));
  const values = alone.map(({ value }) => value);
  if (values.length > 1 && values.every((value) => Object.is(value, values[0]))) {
    throw new RmbenchError("model", `${proofs.id} gives all ${values.length} probe texts the score ${values[0]}`, {
      hint: "a softmax over a single label gives 1 for every text; is it a reward model, and the right endpoint?",
    });
  }
  await proveActivation(proofs, values);
  await proveTokens(proofs, alone);
  const batch = texts.slice(0, connected.batch);
  if (!proofs.dialect.indexed && batch.length > 1) {
    const together = await connected.score(batch, raw, signal);
    for (const at of batch.keys()) await checkOrder(connected, batch, together, raw, signal, at);
  }
}

async function proveActivation(
  { id, dialect, connected, activation, texts, warn, signal }: Proofs,
  values: readonly number[],
) {
  const probabilities = values.every((value) => value > 0 && value < 1);
  if (activation === "invert" && !values.every((value) => value >= 0 && value <= 1)) {
    throw new RmbenchError("model", `${id} gives scores such as ${values[0]}, which no sigmoid gives`, {
      hint: "leave `activation=invert` out",
    });
  }
  if (activation !== "off" || !probabilities) return;
  if (!dialect.switchable) {
    return warn(`${id}: every probe scores between 0 and 1, as after a sigmoid; --server activation=invert undoes one`);
  }
  const activated = await connected.score([texts[0]!], false, signal);
  if (activated[0]!.value !== values[0]) return;
  throw new RmbenchError("model", `${id} scores a probe ${values[0]} whether its activation is switched off or on`, {
    hint: "it does not switch it off: undo a sigmoid with `--server activation=invert`, or take its numbers with `activation=as-is`",
  });
}

async function proveTokens({ id, connected, rendered, texts, signal }: Proofs, alone: readonly Reward[]) {
  if (!rendered) return;
  for (const [i, text] of texts.entries()) {
    const found = connected.count === null ? (alone[i]!.tokens ?? null) : await connected.count(text, signal);
    if (found === null || found === text.length) continue;
    const difference =
      found === text.length + 1 ? ": is there a second BOS?" : found === text.length - 1 ? ": is BOS missing?" : "";
    throw new RmbenchError("model", `${id} reads ${found} tokens where ${text.length} were meant${difference}`, {
      hint: "the tokenizer in the folder of `server: tokenizer` is not the server's, or the server adds special tokens of its own",
    });
  }
}
