import { expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { checkContract } from "../../src/models/contract.ts";
import { describeModel } from "../../src/models/describe.ts";
import { ask, context, options, pointwise } from "../models/support.ts";

const signal = new AbortController().signal;
const python = process.env["RMBENCH_PYTHON"] ?? "python3";
const describe = () =>
  describeModel(`process:${python} docs/examples/worker.py`, options(), context(process.env, root));

it("the example in Python keeps the contract", async () => {
  const checks = await checkContract(await describe(), signal);
  expect(checks.length).toBeGreaterThan(6);
  expect(checks.filter(({ status }) => status === "fail")).toEqual([]);
});

it("the example in Python scores as its formula says", async () => {
  const model = await describe();
  const prepared = await model.prepare(["one two two three", "x"].map((text) => pointwise(ask("?", text))));
  await using session = await model.open(signal);
  expect(await session.score(prepared, signal)).toEqual([
    { status: "ok", value: (Math.log(5) * 3) / 4 },
    { status: "ok", value: Math.log(2) },
  ]);
});
