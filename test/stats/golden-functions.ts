/** The functions under the names and argument shapes of fixtures/golden/statistics.json. */
import { accuracyGap } from "../../src/stats/accuracy-gap.ts";
import { aurocClustered, aurocDelong } from "../../src/stats/auroc.ts";
import { betaInc, betaIncInv, lnGamma } from "../../src/stats/beta.ts";
import { confidenceBins, equalMassBins } from "../../src/stats/calibration-bins.ts";
import { clusterMean, kornGraubard } from "../../src/stats/cluster.ts";
import { calibrationError, eceMass, eceMirroredMore, eceWidth, reliability } from "../../src/stats/ece.ts";
import { clusterFolds } from "../../src/stats/folds.ts";
import { lengthBias } from "../../src/stats/length-bias.ts";
import { brierLoss, logistic, logLoss, softplus } from "../../src/stats/logistic.ts";
import { normalCdf, normalQuantile } from "../../src/stats/normal.ts";
import { nullEceMonteCarlo } from "../../src/stats/null-ece.ts";
import { clopperPearson, tieAccuracy, wilson, wilsonReal } from "../../src/stats/proportion.ts";
import { quantile, sorted } from "../../src/stats/quantile.ts";
import { rankCorrelation } from "../../src/stats/rank-correlation.ts";
import { Rng } from "../../src/stats/rng.ts";
import { stratifiedMean } from "../../src/stats/stratified.ts";
import { studentTQuantile } from "../../src/stats/student.ts";
import { mean, meanVar, sum } from "../../src/stats/sums.ts";
import { calibrationSlope, crossFitTemperature, temperatureFit } from "../../src/stats/temperature.ts";
import { twoSided } from "../../src/stats/two-sided.ts";

interface Input {
  [key: string]: never;
}

type Golden = (input: Input) => unknown;

const clustersOf = (cluster: readonly number[]): number => new Set(cluster).size;
const scale = (margins: readonly number[], T: number): number[] => margins.map((d) => d / T);
const times = <T>(n: number, draw: () => T): T[] => Array.from({ length: n }, draw);

function of<I>(run: (input: I) => unknown): Golden {
  return (input) => run(input as unknown as I);
}

type Margins = { margins: number[]; T: number; bins: number };
type Clusters = { y: number[]; cluster: number[]; level: number };
type Seed = { seed: string | [number, number, number, number] };

export const functions: Readonly<Record<string, Golden>> = {
  normalQuantile: of(({ p }: { p: number }) => normalQuantile(p)),
  normalCdf: of(({ x }: { x: number }) => normalCdf(x)),
  lnGamma: of(({ x }: { x: number }) => lnGamma(x)),
  betaInc: of(({ a, b, x }: { a: number; b: number; x: number }) => betaInc(a, b, x)),
  betaIncInv: of(({ a, b, p }: { a: number; b: number; p: number }) => betaIncInv(a, b, p)),
  studentTQuantile: of(({ p, df }: { p: number; df: number }) => studentTQuantile(p, df)),
  logistic: of(({ x }: { x: number }) => ({ sigmoid: logistic(x), softplus: softplus(x), logSigmoid: -softplus(-x) })),
  sum: of(({ x }: { x: number[] }) => sum(x)),
  quantile: of(({ x, p }: { x: number[]; p: number[] }) => p.map((q) => quantile(sorted(x), q))),
  meanVar: of(({ x }: { x: number[] }) => ({ mean: meanVar(x).mean, var: meanVar(x).variance })),
  wilson: of(({ successes, n, level }: { successes: number; n: number; level: number }) => ({
    estimate: n === 0 ? null : successes / n,
    interval: n === 0 ? null : wilson(successes, n, level),
  })),
  wilsonReal: of(({ estimate, n, level }: { estimate: number; n: number; level: number }) => ({
    interval: wilsonReal(estimate, n, level),
  })),
  clopperPearson: of(({ successes, n, level }: { successes: number; n: number; level: number }) => ({
    interval: n === 0 ? null : clopperPearson(successes, n, level),
  })),
  tieAccuracy: of(
    ({ wins, ties, losses, level }: { wins: number; ties: number; losses: number; level: number }) =>
      tieAccuracy(wins, ties, losses, level) ?? { strict: null, half: null, tieRate: null },
  ),
  accuracyGap: of(
    ({ k1, n1, k2, n2, level }: { k1: number; n1: number; k2: number; n2: number; level: number }) =>
      accuracyGap(k1, n1, k2, n2, level) ?? { gap: null, balanced: null, interval: null, cohenH: null, z: null },
  ),
  clusterMean: of(({ y, cluster, level }: Clusters) => {
    const clusters = clustersOf(cluster);
    const result = clusterMean({ y, cluster, clusters }, level);
    const { se } = result;
    return { ...result, G: clusters, seCR1: se, seCR0: se === null ? 0 : se * Math.sqrt((clusters - 1) / clusters) };
  }),
  kornGraubard: of(({ y, cluster, level }: Clusters) => {
    const result = kornGraubard({ y, cluster, clusters: clustersOf(cluster) }, level);
    return { ...result, nEffAdj: result?.nEff };
  }),
  stratifiedMean: of(({ y, cluster, level, stratum, weights }: Clusters & { stratum: number[]; weights: number[] }) => {
    const clusters = clustersOf(cluster);
    const result = stratifiedMean({ y, cluster, clusters }, stratum, weights, level);
    return { ...result, seCR1: result.se, G: clusters };
  }),
  twoSided: of((input: { correct: number[]; direction: ("comply" | "refuse")[]; cluster: number[]; level: number }) => {
    const clusters = clustersOf(input.cluster);
    const side = input.direction.map((direction) => (direction === "comply" ? 0 : 1));
    const result = twoSided({ y: input.correct, cluster: input.cluster, clusters }, side, input.level);
    return {
      ...result,
      accComply: result.first,
      accRefuse: result.second,
      signedGap: result.gap,
      G: clusters,
    };
  }),
  nllBrier: of(({ margins, T }: Margins) => ({
    nll: mean(scale(margins, T).map(logLoss)),
    brier: mean(scale(margins, T).map(brierLoss)),
  })),
  confidenceBins: of(({ confidence, bins }: { confidence: number[]; bins: number }) => ({
    index: confidenceBins(confidence, bins),
  })),
  eceWidth: of(({ margins, T, bins }: Margins) => eceWidth(scale(margins, T), bins)),
  eceFromConfidence: of(({ confidence, correct, bins }: { confidence: number[]; correct: number[]; bins: number }) => {
    const index = confidenceBins(confidence, bins);
    return calibrationError(confidence, correct, index);
  }),
  equalMassBins: of(({ confidence, bins }: { confidence: number[]; bins: number }) => ({
    index: equalMassBins(confidence, bins),
  })),
  eceMass: of(({ margins, T, bins }: Margins) => eceMass(scale(margins, T), bins)),
  eceMirroredMore: of(({ margins, T, binsOnUnit }: { margins: number[]; T: number; binsOnUnit: number }) =>
    eceMirroredMore(scale(margins, T), binsOnUnit),
  ),
  reliability: of(({ margins, T, bins, level }: Margins & { level: number }) => ({
    bins: reliability(scale(margins, T), bins, level).map((b) => ({
      ...b,
      conf: b.confidence,
      acc: b.accuracy,
      low: b.interval?.[0],
      high: b.interval?.[1],
    })),
  })),
  nullEceMonteCarlo: of(
    ({ confidence, bins, B, seed }: { confidence: number[]; bins: number; B: number; seed: string }) =>
      nullEceMonteCarlo(Float64Array.from(confidence), bins, B, new Rng(seed)),
  ),
  temperatureFit: of(({ margins }: { margins: number[] }) => {
    const fit = temperatureFit(margins);
    return { ...fit, T: fit.temperature };
  }),
  calibrationSlope: of(({ margins, clusters, level }: { margins: number[]; clusters: number[]; level: number }) => {
    const groups = clustersOf(clusters);
    const result = calibrationSlope(margins, clusters, groups, level);
    const se = result?.se ?? null;
    return { ...result, seCR1: se, seCR0: se === null ? null : se * Math.sqrt((groups - 1) / groups) };
  }),
  clusterFolds: of(({ seed, clusters, k }: { seed: string; clusters: string[]; k: number }) => ({
    fold: clusterFolds(seed, clusters, k),
  })),
  crossFitTemperature: of(({ margins, fold, bins }: { margins: number[]; fold: number[]; bins: number }) => {
    const fit = crossFitTemperature(margins, fold, Math.max(...fold) + 1);
    const { scaled } = fit;
    return {
      T: fit.temperatures,
      foldStatus: fit.statuses,
      ece: scaled === null ? null : eceWidth(scaled, bins)?.ece,
      nll: scaled === null ? null : mean(scaled.map(logLoss)),
      brier: scaled === null ? null : mean(scaled.map(brierLoss)),
    };
  }),
  aurocDelong: of(({ positive, negative, level }: { positive: number[]; negative: number[]; level: number }) =>
    aurocDelong(positive, negative, level),
  ),
  aurocClustered: of(({ positive, negative, cluster }: { positive: number[]; negative: number[]; cluster: number[] }) =>
    aurocClustered(positive, negative, cluster, cluster, clustersOf(cluster), 0.95),
  ),
  rankCorrelation: of(({ x, y }: { x: number[]; y: number[] }) => rankCorrelation(x, y)),
  lengthBias: of(({ margins, lengthDiff }: { margins: number[]; lengthDiff: number[] }) => {
    const own = margins.map((_, i) => i);
    return lengthBias(margins, lengthDiff, own, own.length, 0.95);
  }),
  rng: of(({ seed }: Seed) => {
    const fresh = (): Rng => new Rng(seed);
    const [words, uniform, ten, big, open] = [fresh(), fresh(), fresh(), fresh(), fresh()];
    return {
      state: fresh().state,
      u32: times(10, () => words.u32()),
      uniform: times(5, () => uniform.uniform()),
      below10: times(12, () => ten.below(10)),
      below3e9: times(6, () => big.below(3e9)),
      open52: times(5, () => open.open52()),
      shuffle0to9: fresh().shuffle([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    };
  }),
  rngNormal: of(({ seed }: Seed) => {
    const rng = new Rng(seed);
    return { normal: times(5, () => rng.normal()) };
  }),
};
