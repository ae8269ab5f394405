import { calibrationSlope, temperatureFit } from "../stats/temperature.ts";
import { clustersOf, intervalOf, studentMethod, undefinedEstimate } from "./estimate.ts";
import type { Estimate, Metric } from "./metric.ts";
import { sampleOf } from "./sample.ts";

/**
 * The calibration slope β (1: calibrated, below 1: over-confident) and the temperature 1/β by which margins must be divided,
 * fitted to all comparisons. The interval of the temperature is that of the slope turned over, where it is positive.
 */
export const temperature: Metric = {
  name: "temperature",
  source: "docs/metrics.md#temperature-and-slope; Cox 1958; arXiv 1706.04599",
  measure({ outcomes, rows }, { level }) {
    const sample = sampleOf(outcomes, rows);
    const { n } = sample;
    const fit = temperatureFit(sample.margin);
    const slope = calibrationSlope(sample.margin, sample.cluster, sample.clusters, level, fit);
    if (slope === null) {
      const status = fit.status === "separable" || fit.status === "anti-separable" ? fit.status : "undefined";
      const none = undefinedEstimate(n, n === 0 ? "empty" : status);
      return { temperature: none, calibration_slope: none };
    }
    const method = studentMethod(sample);
    const [low, high] = slope.interval ?? [0, 0];
    const temperatureEstimate: Estimate =
      fit.temperature === null
        ? undefinedEstimate(n, "non-positive")
        : {
            value: fit.temperature,
            n,
            ...clustersOf(sample),
            interval: low > 0 ? intervalOf([1 / high, 1 / low], level, method) : undefined,
          };
    return {
      temperature: temperatureEstimate,
      calibration_slope: {
        value: slope.slope,
        n,
        ...clustersOf(sample),
        interval: intervalOf(slope.interval, level, method),
      },
    };
  },
};
