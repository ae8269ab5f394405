/** With how many pairs of its user a pair is asked: in a suite's definition, in the configuration and on the command line. */
import { z } from "zod";

export const contextPairsSchema = z
  .array(z.number().int().min(0))
  .min(1)
  .refine((numbers) => numbers.every((number, i) => i === 0 || number > numbers[i - 1]!), "must ascend, as 0,2,8");

export const contextPairsDescription =
  "Ask every pair once for each of these numbers, telling the model that many annotated pairs of the same user, as 0,2,8: docs/user-conditioned.md.";
