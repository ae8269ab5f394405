/**
 * (weak-to-strong − weak) / (ceiling − weak), the performance gap recovered (Weak-to-Strong Generalization, 2312.09390):
 * 0 is the weak supervisor, 1 the ceiling; below 0 and above 1 are possible. Null where weak and ceiling are equal.
 */
export function performanceGapRecovered(weak: number, weakToStrong: number, ceiling: number): number | null {
  return ceiling === weak ? null : (weakToStrong - weak) / (ceiling - weak);
}
