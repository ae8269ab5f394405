/** Bradley–Terry models over bags of features: σ(w · (f(chosen) − f(rejected))), fitted by gradient descent. */
import type { PreferencePair, Response } from "../../src/pairs/pair.ts";
import { Rng } from "../../src/stats/rng.ts";

/** What a bag holds of a text. */
export const bags: Readonly<Record<string, (text: string) => string[]>> = {
  words: (text) => wordsOf(text),
  phrases: (text) => {
    const words = ["^", ...wordsOf(text), "$"];
    return words.slice(1).map((word, i) => `${words[i]} ${word}`);
  },
  letters: (text) => {
    const letters = ` ${wordsOf(text).join(" ")} `;
    return Array.from({ length: Math.max(0, letters.length - 3) }, (_, i) => letters.slice(i, i + 4));
  },
};

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}']+|[?!.]/gu) ?? [];
}

type Sparse = ReadonlyMap<string, number>;

/** log(1 + count) of every feature, at unit length. */
function vectorOf(response: Response, bag: (text: string) => string[]): Sparse {
  const text = typeof response === "string" ? response : response.map(({ content }) => content).join("\n");
  const counts = new Map<string, number>();
  for (const feature of bag(text)) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const values = [...counts].map(([feature, count]) => [feature, Math.log1p(count)] as const);
  const norm = Math.hypot(...values.map(([, value]) => value));
  return new Map(values.map(([feature, value]) => [feature, value / norm]));
}

const settings = { epochs: 30, rate: 0.5, decay: 1e-4 };

function fit(pairs: readonly { chosen: Sparse; rejected: Sparse }[], rng: Rng): Map<string, number> {
  const weights = new Map<string, number>();
  const order = pairs.map((_, i) => i);
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    for (const i of rng.shuffle(order)) {
      const { chosen, rejected } = pairs[i]!;
      const step = settings.rate / (1 + Math.exp(score(weights, chosen) - score(weights, rejected)));
      for (const [features, sign] of [
        [chosen, 1],
        [rejected, -1],
      ] as const) {
        for (const [feature, value] of features) {
          const weight = weights.get(feature) ?? 0;
          weights.set(feature, weight * (1 - settings.decay) + sign * step * value);
        }
      }
    }
  }
  return weights;
}

function score(weights: ReadonlyMap<string, number>, features: Sparse): number {
  let sum = 0;
  for (const [feature, value] of features) sum += (weights.get(feature) ?? 0) * value;
  return sum;
}

/**
 * Scores of every pair by a model that did not see it: the pairs are dealt into folds, and each fold is scored by the
 * model of the others.
 */
export function crossFitted(
  pairs: readonly PreferencePair[],
  bag: (text: string) => string[],
  folds: number,
  seed: string,
): { chosen: number; rejected: number }[] {
  const rng = new Rng(seed);
  const vectors = pairs.map(({ chosen, rejected }) => ({
    chosen: vectorOf(chosen[0]!, bag),
    rejected: vectorOf(rejected[0]!, bag),
  }));
  const fold = rng.shuffle(pairs.map((_, i) => i % folds));
  const models = Array.from({ length: folds }, (_, k) =>
    fit(
      vectors.filter((_, i) => fold[i] !== k),
      rng,
    ),
  );
  return vectors.map(({ chosen, rejected }, i) => {
    const weights = models[fold[i]!]!;
    return { chosen: score(weights, chosen), rejected: score(weights, rejected) };
  });
}
