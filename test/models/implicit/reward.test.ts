import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { derivative, outputOf, rewardOf, ruleOf } from "../../../src/models/implicit/reward.ts";
import { implicitSchema } from "../../../src/models/implicit/settings.ts";

const ruleFor = (text: string) => ruleOf(implicitSchema.parse(text), text.includes("reference=none"));

describe("b19, arXiv 2309.16240: r = beta f'(u) at u = 2 and beta 1", () => {
  test.each([
    ["reverse-kl", 1.6931471806],
    ["forward-kl", -0.5],
    ["js", 0.2876820725],
    [{ alpha: 0.5 }, 0.5857864376],
  ] as const)("%j: %d", (divergence, value) => {
    expect(derivative(divergence, Math.log(2))).toBeCloseTo(value, 10);
  });

  it("is what the rewards are, but for reverse KL's constant", () => {
    const [policy, reference] = [
      [-1, -2],
      [-2, -1 - Math.log(2)],
    ];
    const reward = (divergence: string) =>
      rewardOf(policy, reference, ruleFor(`reference=r,beta=1,divergence=${divergence}`));
    expect(reward("reverse-kl") + 1).toBeCloseTo(1.6931471806, 10);
    expect(reward("forward-kl")).toBeCloseTo(-0.5, 10);
    expect(reward("js")).toBeCloseTo(0.2876820725, 10);
    expect(reward("alpha:0.5")).toBeCloseTo(0.5857864376, 10);
  });
});

it("derivatives equal their formulas in u, and stay finite where u does not", () => {
  const formulas = {
    "reverse-kl": (u: number) => Math.log(u) + 1,
    "forward-kl": (u: number) => -1 / u,
    js: (u: number) => Math.log((2 * u) / (1 + u)),
  };
  fc.assert(
    fc.property(
      fc.double({ min: -20, max: 20, noNaN: true }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      (x, alpha) => {
        const u = Math.exp(x);
        const near = (a: number, b: number) =>
          expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));
        for (const [name, formula] of Object.entries(formulas))
          near(derivative(name as keyof typeof formulas, x), formula(u));
        near(derivative({ alpha }, x), (1 - u ** -alpha) / alpha);
      },
    ),
  );
  expect(derivative("js", 2000)).toBe(Math.LN2);
  expect(derivative("js", -2000)).toBeCloseTo(Math.LN2 - 2000, 9);
  expect(derivative({ alpha: 0.5 }, 2000)).toBe(2);
  expect(derivative({ alpha: 0.5 }, 1e-12)).toBeCloseTo(1e-12, 20);
});

describe("reductions, as rewardbench/dpo.py has them", () => {
  const [policy, reference] = [
    [-1, -2, -2],
    [-2, -2, -4],
  ];
  test.each([
    ["reference=none", null, -5],
    ["reference=none,reduction=average", null, -5 / 3],
    ["reference=none,reduction=norm", null, -3],
    ["reference=none,reduction=norm,beta=2", null, -6],
    ["reference=r", reference, 3],
    ["reference=r,reduction=average", reference, 1],
    // RLAIF-V (2405.17220): β / T · log(π / π_ref)
    ["reference=r,reduction=average,beta=0.1", reference, 0.1],
    ["reference=r,beta=0.1", reference, 0.3],
  ] as const)("%s", (settings, its, value) => {
    expect(rewardOf(policy, its, ruleFor(settings))).toBeCloseTo(value, 12);
  });
});

it("only a reward whose beta is known is a Bradley-Terry logit", () => {
  expect(outputOf(ruleFor("reference=r"))).toBe("log-ratio");
  expect(outputOf(ruleFor("reference=r,divergence=js"))).toBe("log-ratio");
  expect(outputOf(ruleFor("reference=r,beta=0.1"))).toBe("bradley-terry");
});

test.each([
  ["reference=r,reduction=norm", /norm is for rewards without a reference/],
  ["reference=none,divergence=js", /divergence=js cannot be had: without a reference/],
  ["reference=r,divergence=alpha:0.5,reduction=average", /of whole responses, not of their average/],
])("%s is refused", (settings, message) => {
  expect(() => ruleFor(settings)).toThrow(message);
});

test.each([
  "divergence=alpha:1",
  "divergence=alpha:0",
  "divergence=alpha:1.5",
  "divergence=kl",
  "reduction=mean",
  "beta=0",
  "refrence=r",
])("%s is no setting", (settings) => {
  expect(implicitSchema.safeParse(settings).success).toBe(false);
});
