import type { ModelReading } from "../onnx/reading.ts";
import type { Config, Settings } from "../onnx/settings.ts";
import { refuseOptions } from "../options.ts";
import type { ModelOptions } from "../reward-model.ts";
import type { TextTokenizer } from "../tokenizer.ts";
import { readCandidates } from "./pair-candidates.ts";
import { readLetters } from "./pair-letters.ts";
import type { PairReading } from "./pairs.ts";
import type { Preset } from "./preset.ts";

/** What a pairing is made of. */
export interface PairContext {
  dir: string;
  reading: ModelReading;
  tokenizer: TextTokenizer;
  settings: Settings;
  config: Config;
  options: ModelOptions;
}

/**
 * Before anything else is read of them. PairRM's budgets are what it was trained with; RewardBench's settings are for
 * classifiers of single texts.
 * @throws RmbenchError `usage` naming an option that a model of this kind cannot have.
 */
export function refusePairOptions(preset: Preset | null, id: string, options: ModelOptions): void {
  if (preset?.pairing === undefined) return;
  refuseOptions(id, options, preset.pairing === "candidates" ? ["maxLength", "truncate", "compat"] : ["compat"]);
}

/** The settings by which a single text would be read; what is PairRM's own is not among them. */
export function readingSettings(preset: Preset | null, settings: Settings): Settings {
  if (preset?.pairing !== "candidates") return settings;
  const { input: _input, template: _template, maxLength: _maxLength, ...others } = settings;
  return others;
}

/**
 * How a preset's checkpoint reads two responses, or null where it scores single ones.
 * @throws RmbenchError `model` where the checkpoint lacks what its kind needs.
 */
export function choosePairing(preset: Preset | null, context: PairContext): PairReading | null {
  if (preset?.pairing === undefined) return null;
  return preset.pairing === "candidates" ? readCandidates(preset.name, context) : readLetters(preset.name, context);
}
