import { RmbenchError } from "../errors.ts";
import { compareResponses } from "./comparisons.ts";
import type { Protocol } from "./protocol.ts";
import { questionsOfPair } from "./questions-of-pair.ts";

/**
 * Contrast sets (arXiv 2309.16155): the rows of a cluster share two similar instructions and the response to each. A row
 * of direction `response` holds the instruction and asks for the response that belongs to it; a row of direction
 * `instruction` holds the response and, by its rejected_prompt, asks for the instruction that it belongs to. The
 * direction is the cell of the row's comparisons.
 */
export const contrast: Protocol = {
  name: "contrast",
  summary: "contrast sets: the right response for an instruction, and the right instruction for a response",
  asks: ["pointwise", "pairwise"],
  units(pair, row, ask, documentTemplate) {
    const direction = pair.rejectedPrompt === null ? "response" : "instruction";
    if (pair.cluster === null || pair.direction !== direction) {
      const place = `row ${row} (subset ${pair.subset}, id ${pair.id})`;
      const found = pair.direction === null ? "no direction" : `direction ${pair.direction}`;
      const prompt = pair.rejectedPrompt === null ? "no rejected_prompt" : "a rejected_prompt";
      throw pair.cluster === null
        ? new RmbenchError("data", `${place} has no cluster, so its contrast set is unknown`, {
            hint: "give all rows of one contrast set the same cluster",
          })
        : new RmbenchError("data", `${place} has ${found} but ${prompt}`, {
            hint: "rows with a rejected_prompt have direction instruction, rows without have direction response",
          });
    }
    return questionsOfPair(pair, row, ask, documentTemplate);
  },
  judge: (scores) => compareResponses(scores, scores.rows.direction),
};
