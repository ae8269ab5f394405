/** What happens during scoring, for progress and the report's `execution`. */
export type InferenceEvent =
  /** Questions were looked up: `distinct` differ, `hits` of those are stored. */
  | { type: "window"; questions: number; distinct: number; hits: number }
  /**
   * A batch was answered and its scores are on disk. `padded` counts the tokens that the device computed:
   * more than `tokens` only where texts run padded to a batch. */
  | { type: "batch"; texts: number; tokens: number; padded: number }
  /** A batch did not fit or its session died; it is tried again in halves, a single text once more alone. */
  | { type: "retry"; texts: number; reason: string };
