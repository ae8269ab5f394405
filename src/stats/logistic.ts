/** σ(x) = 1 / (1 + e^−x), without overflow. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** ln(1 + e^x), without overflow and without loss of the small end. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Negative log likelihood of the recorded preference, −ln σ(margin), in nats. */
export function logLoss(margin: number): number {
  return softplus(-margin);
}

/** Brier score of the recorded preference, (1 − σ(margin))². Equal to the mean over both orders of the pair. */
export function brierLoss(margin: number): number {
  return logistic(-margin) ** 2;
}
