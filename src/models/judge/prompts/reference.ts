import type { Prompt } from "./prompt.ts";

/** What every prompt of a judge begins with where there is a reference answer. */
export const reference: Prompt = {
  id: "reference/1",
  system: `You are also shown a reference answer to the conversation, which an expert wrote and which is correct. Judge by it: what contradicts it is wrong. Another answer need not be worded, ordered or as long as the reference to be right.\n\n`,
  user: `<reference>
{reference}
</reference>

`,
};
