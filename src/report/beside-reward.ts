/** What a suite's metrics say of models that give more than a reward, in words: orders, uncertainty, attributes. Pure. */
import type { Estimate } from "../metrics/metric.ts";
import { decimal, percent, percentWithInterval, shortDecimal } from "./numbers.ts";
import type { SuiteReport } from "./schema.ts";

/** Attributes beyond this many are in the report alone. */
const mostAttributes = 6;

/** One line each, and none for models that give nothing but a reward. */
export function besideReward({ metrics }: Pick<SuiteReport, "metrics">): string[] {
  return [
    ...orders(metrics),
    ...tournament(metrics),
    ...uncertainty(metrics),
    ...attributes(metrics),
    ...entanglement(metrics),
  ];
}

type Metrics = SuiteReport["metrics"];

function orders(metrics: Metrics): string[] {
  const { order_consistency: consistency, position_bias: bias, antisymmetry_error: error } = metrics;
  if (!hasValue(consistency) || !hasValue(bias) || !hasValue(error)) return [];
  const sign = bias.value > 0 ? "+" : "";
  return [
    `Same verdict in both orders: ${percentWithInterval(consistency)}; log-odds of the first place ${sign}${decimal(bias.value)}; antisymmetry error ${shortDecimal(error.value)}.`,
  ];
}

function tournament(metrics: Metrics): string[] {
  const { three_cycle_rate: cycles, bt_residual: residual } = metrics;
  if (!hasValue(residual)) return [];
  const triples = cycles?.details?.["triples"] ?? 0;
  const found = hasValue(cycles) ? `${percentWithInterval(cycles)} of ${triples} triples` : "no triple without a tie";
  return [
    `Three-cycles: ${found}; rewards fitted to the preferences miss P(a ≻ b) by ${shortDecimal(residual.value)}.`,
  ];
}

function uncertainty(metrics: Metrics): string[] {
  const { disagreement_auroc: auroc, confident_true: right, confident_false: wrong } = metrics;
  if (!hasValue(right) || !hasValue(wrong)) return [];
  const finds = hasValue(auroc) ? `Deviations tell errors with AUROC ${shortDecimal(auroc.value)}; ` : "";
  return [`${finds}confidently right ${percent(right.value)}, confidently wrong ${percent(wrong.value)}.`];
}

function attributes(metrics: Metrics): string[] {
  const named = Object.entries(metrics).flatMap(([key, estimate]) => {
    const [, name] = /^attribute_(.+)_accuracy$/.exec(key) ?? [];
    return name !== undefined && hasValue(estimate) ? [{ name: name.replaceAll("_", " "), value: estimate.value }] : [];
  });
  if (named.length === 0) return [];
  const best = named.sort((a, b) => b.value - a.value).slice(0, mostAttributes);
  const more = named.length > best.length ? `, and ${named.length - best.length} more in the report` : "";
  return [`Alone: ${best.map(({ name, value }) => `${name} ${percent(value)}`).join(", ")}${more}.`];
}

function entanglement(metrics: Metrics): string[] {
  const { log_ratio_chosen_falling: falling, log_ratio_moves_together: together } = metrics;
  if (!hasValue(falling) || !hasValue(together)) return [];
  return [
    `Log-ratio to the reference: below 0 for the chosen response in ${percentWithInterval(falling)}, of one sign for both in ${percentWithInterval(together)}.`,
  ];
}

function hasValue(estimate: Estimate | undefined): estimate is Estimate & { value: number } {
  return typeof estimate?.value === "number";
}
