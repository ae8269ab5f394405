import { betaIncInv } from "./beta.ts";

/**
 * Quantile of Student's t with `df` > 0 degrees of freedom (real), p in (0, 1): with y = t²/(df + t²),
 * P(|T| <= t) = I_y(½, df/2).
 */
export function studentTQuantile(p: number, df: number): number {
  const central = Math.abs(2 * p - 1);
  if (central === 0) return 0;
  const y = betaIncInv(0.5, df / 2, central);
  const t = Math.sqrt((df * y) / (1 - y));
  return p < 0.5 ? -t : t;
}
