import { configSchema } from "../../config/schema.ts";
import { describeModel } from "../../models/describe.ts";
import type { Measure } from "../../pairs/validate.ts";
import { pairwise } from "../../protocols/pairwise.ts";
import { modelOptions } from "../../run/request.ts";
import { modelContext, type CliContext } from "../context.ts";

/** What `rmbench data validate --model` measures pairs with: the longest input of each pair in the model's tokens. */
export async function measureWith(spec: string, context: CliContext): Promise<Measure> {
  const model = await describeModel(spec, modelOptions(configSchema.parse({})), modelContext(context));
  const limit = model.limits.maxTokens;
  return async (pairs) => {
    const units = pairs.flatMap((pair, row) => pairwise.units(pair, row, "pointwise", "numbered"));
    const prepared = await model.prepare(units.map(({ question }) => question));
    const refused = new Map<number, number>();
    for (const [i, { refused: reason, tokens }] of prepared.entries()) {
      if (reason?.code !== "too-long") continue;
      refused.set(units[i]!.row, Math.max(refused.get(units[i]!.row) ?? 0, tokens));
    }
    return pairs.map((_, row) => {
      const tokens = refused.get(row);
      return tokens === undefined || limit === null ? null : { tokens, limit };
    });
  };
}
