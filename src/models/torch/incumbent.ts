import { RmbenchError } from "../../errors.ts";
import type { Config } from "../onnx/settings.ts";
import type { ModelOptions } from "../reward-model.ts";
import type { TextTokenizer } from "../tokenizer.ts";
import type { Preset } from "./preset.ts";
import { lastId } from "./token-ids.ts";

/**
 * The padding id under `--compat`, behind which a decoder's class looks for the last token: RewardBench takes the end of
 * sequence where the tokenizer names no padding, whatever config.json says, else config.json's before the tokenizer's.
 * Null without `--compat`.
 * @throws RmbenchError `usage` for families that it runs by code of its own, `model` where there is neither token.
 */
export function incumbentPadId(
  id: string,
  { compat }: ModelOptions,
  preset: Preset | null,
  config: Config,
  tokenizer: TextTokenizer,
): number | null {
  if (compat === null) return null;
  if (preset !== null && preset.head.kind !== "classifier") {
    throw new RmbenchError(
      "usage",
      `${id} cannot be run with --compat ${compat}: ${preset.name} has a head of its own`,
      {
        hint: "RewardBench runs such families by code of their own, which rmbench does not copy; leave --compat out",
      },
    );
  }
  if (tokenizer.padId !== null) return config.pad_token_id ?? tokenizer.padId;
  const { eos_token: end } = tokenizer.special;
  if (end !== undefined) return lastId(tokenizer, end);
  throw new RmbenchError("model", `the tokenizer of ${id} names neither a padding nor an end token`, {
    hint: `RewardBench cannot pad its texts either; name a pad_token in tokenizer_config.json, or leave --compat out`,
  });
}
