import type { CombinationName } from "../../models/combination-spec.ts";
import { attribute } from "./attribute.ts";
import type { Combination } from "./combination.ts";
import { decorrelated } from "./decorrelated.ts";
import { ensemble } from "./ensemble.ts";
import { lengthPenalty } from "./length-penalty.ts";
import { lowess } from "./lowess.ts";
import { meanVariance } from "./mean-variance.ts";
import { steps } from "./steps.ts";
import { weighted } from "./weighted.ts";

/** Every combination, in the order of `rmbench list models`. Register a new one here, and its name in the spec. */
export const combinations: Readonly<Record<CombinationName, Combination>> = {
  ensemble,
  attribute,
  weighted,
  decorrelated,
  steps,
  "length-penalty": lengthPenalty,
  lowess,
  "mean-variance": meanVariance,
};
