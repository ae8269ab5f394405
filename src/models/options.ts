import { RmbenchError } from "../errors.ts";
import type { ModelOptions } from "./reward-model.ts";

/** What a model runs with where the user asks for nothing. */
export const defaultModelOptions: ModelOptions = {
  device: "auto",
  dtype: null,
  maxLength: null,
  truncate: "never",
  batchTokens: null,
  batchSize: null,
  revision: null,
  threads: null,
  timeout: null,
  compat: null,
  attention: null,
  trustRemoteCode: false,
  python: null,
};

/** Options that can change a score, or which machine gives it, and their flags. */
const flags = {
  device: "--device",
  dtype: "--dtype",
  maxLength: "--max-length",
  truncate: "--truncate",
  revision: "--revision",
  threads: "--threads",
  compat: "--compat",
  attention: "--attention",
  trustRemoteCode: "--trust-remote-code",
} as const satisfies Partial<Record<keyof ModelOptions, string>>;

/**
 * For models that have nothing to honour an option with. Batch limits are not among them: they change no score.
 * @throws RmbenchError `usage` naming what was asked for.
 */
export function refuseOptions(
  id: string,
  options: ModelOptions,
  names: readonly (keyof typeof flags)[] = Object.keys(flags) as (keyof typeof flags)[],
): void {
  for (const name of names) {
    const value = options[name];
    if (value === defaultModelOptions[name] || (name === "device" && value === "cpu")) continue;
    throw new RmbenchError("usage", `${id} cannot be run with ${flags[name]} ${value}`, {
      hint: `it has no use for ${flags[name]}; run the models that have one apart`,
    });
  }
}
