import type { ScoreParts } from "./reward-model.ts";

export const deviationProblem = "must be 0 or more, and NaN only where the value is NaN";

/** Whether what stands beside a reward as its standard deviation, if anything does, can be one. */
export function hasDeviation({ value, std }: { value: number } & { std?: ScoreParts["std"] | undefined }): boolean {
  return std === undefined || std >= 0 || (Number.isNaN(std) && Number.isNaN(value));
}
