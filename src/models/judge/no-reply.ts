/** A reply that is not what was asked for: the score of this question, not the end of the run. */
export class NoReply extends Error {
  override readonly name = "NoReply";
  readonly code: string;
  /** What might bring a reply. */
  readonly hint: string | undefined;
  /** Whether the question's own text is to blame, so that it says nothing of other questions. */
  readonly ofText: boolean;

  constructor(code: string, message: string, { hint, ofText = false }: { hint?: string; ofText?: boolean } = {}) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.ofText = ofText;
  }
}
