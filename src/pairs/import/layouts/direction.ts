/**
 * Directions that the subset names of published safety suites imply: which kind of answer is the chosen one there.
 */
const directions: Readonly<Record<string, "refuse" | "comply">> = {
  "xstest-should-refuse": "refuse",
  "xstest-should-respond": "comply",
  "should-refuse": "refuse",
  "should-respond": "comply",
  "refusals-dangerous": "refuse",
  "refusals-offensive": "refuse",
  donotanswer: "refuse",
  "safety-refuse": "refuse",
  "safety-response": "comply",
};

export const directionOf = (subset: string): string | null => directions[subset] ?? null;
