const halfLogTwoPi = 0.9189385332046727;

/** ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π] for x ≥ 15, by Stirling's series. */
function stirlingTail(x: number): number {
  const r = 1 / (x * x);
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / x;
}

/** ln Γ(x) for x > 0; absolute error about 1e-14 near its zeros at 1 and 2. */
export function lnGamma(x: number): number {
  let product = 1;
  let shifted = x;
  while (shifted < 15) product *= shifted++;
  return (shifted - 0.5) * Math.log(shifted) - shifted + halfLogTwoPi + stirlingTail(shifted) - Math.log(product);
}

/** ln Γ(x + 1) − [(x + ½) ln x − x + ½ ln 2π]: what Stirling's formula for x! leaves out. */
function stirlingError(x: number): number {
  return x < 15 ? lnGamma(x + 1) - (x + 0.5) * Math.log(x) + x - halfLogTwoPi : stirlingTail(x);
}

/** x ln(x/m) + m − x without cancellation where x is near m (Loader 2000). */
function deviance(x: number, m: number): number {
  const difference = x - m;
  if (Math.abs(difference) >= 0.1 * (x + m)) return x * Math.log(x / m) - difference;
  const v = difference / (x + m);
  let value = difference * v;
  let term = 2 * x * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = value + term / j;
    if (next === value) return value;
    value = next;
  }
}

/**
 * x^a (1 − x)^b / B(a, b) in Loader's saddle-point form, which keeps its digits at a, b of 1e5 where a difference of
 * ln Γ does not.
 */
function betaWeight(a: number, b: number, x: number): number {
  const n = a + b;
  const exponent =
    stirlingError(n) - stirlingError(a) - stirlingError(b) - deviance(a, n * x) - deviance(b, n * (1 - x));
  return Math.sqrt((a * b) / (2 * Math.PI * n)) * Math.exp(exponent);
}

const mostIterations = 10_000;
const tiny = 1e-300;

/** Continued fraction of I_x(a, b) by Lentz's method; converges in O(√max(a, b)) steps for x < (a + 1)/(a + b + 2). */
function betaFraction(a: number, b: number, x: number): number {
  const away = (v: number): number => (Math.abs(v) < tiny ? tiny : v);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= mostIterations; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return value;
}

/** Regularised incomplete beta function I_x(a, b); a, b > 0, x in [0, 1]. */
export function betaInc(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const weight = betaWeight(a, b, x);
  return x < (a + 1) / (a + b + 2)
    ? (weight * betaFraction(a, b, x)) / a
    : 1 - (weight * betaFraction(b, a, 1 - x)) / b;
}

/** The x in [0, 1] with I_x(a, b) = p: Newton steps held inside a shrinking bracket. */
export function betaIncInv(a: number, b: number, p: number): number {
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  let low = 0;
  let high = 1;
  let x = a / (a + b);
  for (let i = 0; i < 200; i++) {
    const error = betaInc(a, b, x) - p;
    if (error === 0) return x;
    if (error > 0) high = x;
    else low = x;
    const newton = x - (error * x * (1 - x)) / betaWeight(a, b, x);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-15 * x) return next;
    x = next;
  }
  return x;
}
