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
};
