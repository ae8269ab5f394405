/**
 * A prompt of a judge. `{name}` marks where a part goes. A text that is published is not changed: a change of wording is
 * a new version beside it, for scores depend on every letter.
 */
export interface Prompt {
  /** Name and version, as `pairwise-letter/1`. */
  id: string;
  system: string;
  user: string;
}
