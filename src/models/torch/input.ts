import { RmbenchError } from "../../errors.ts";
import type { Format } from "../../prompt/format.ts";
import type { TextTokenizer } from "../tokenizer.ts";
import type { Preset } from "./preset.ts";
import { stepEncoder } from "./steps.ts";
import type { Encode } from "./token-ids.ts";

/**
 * How a checkpoint's conversations become token ids.
 * @param appended id that stands at the end of every input, or null.
 */
export function chooseEncoder(
  format: Format,
  tokenizer: TextTokenizer,
  preset: Preset | null,
  appended: number | null,
): Encode {
  const asWritten = preset?.bos === "as-written";
  if (preset?.steps !== undefined) return stepEncoder(preset.steps, format, tokenizer, asWritten);
  const encode: Encode = (conversation) => {
    const encoded = tokenizer.encode(format(conversation), asWritten);
    if (appended === null || encoded.ids.at(-1) === appended) return encoded;
    const length = encoded.length + 1;
    const ids = new Int32Array(length);
    ids.set(encoded.ids);
    ids[length - 1] = appended;
    return { ids, length, segment: encoded.segment === encoded.length ? length : encoded.segment };
  };
  if (preset?.head.kind !== "gated") return encode;
  const { prompt } = preset.head;
  let pattern: Int32Array | null = null;
  return (conversation) => {
    pattern ??= tokenizer.encode({ text: prompt, pair: null }, true).ids;
    const input = encode(conversation);
    const at = lastIndexOf(input.ids, pattern);
    if (at >= 0) return { ...input, reads: [at, input.length - 1] };
    throw new RmbenchError(
      "model",
      `the text has no ${JSON.stringify(prompt)}, at which the gate of ${preset.name} reads`,
    );
  };
}

/** The id that a preset appends, from config.json. @throws RmbenchError `model` where it is missing. */
export function appendedId(
  preset: Preset | null,
  config: Readonly<Record<string, unknown>>,
  dir: string,
): number | null {
  if (preset?.append === undefined) return null;
  const id = config[preset.append];
  if (typeof id === "number") return id;
  throw new RmbenchError(
    "model",
    `config.json in ${dir} has no ${preset.append}, which ${preset.name} appends and reads`,
  );
}

function lastIndexOf(ids: Int32Array, pattern: Int32Array): number {
  for (let start = ids.length - pattern.length; start >= 0; start--) {
    if (pattern.every((id, at) => ids[start + at] === id)) return start;
  }
  return -1;
}
