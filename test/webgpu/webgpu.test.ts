import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeModel } from "../../src/models/describe.ts";
import { reportSchema } from "../../src/report/schema.ts";
import { rmbench } from "../cli/rmbench.ts";
import { context, conversation, expected, fixture, options, pointwise, values } from "../models/support.ts";

/** A software Vulkan will do: Debian's chromium brings one. */
const softwareVulkan = "/usr/lib/chromium/vk_swiftshader_icd.json";
const model = fileURLToPath(new URL("../../fixtures/models/tiny/model.onnx", import.meta.url));

let folder: string;
beforeAll(async () => {
  if (process.env["VK_ICD_FILENAMES"] === undefined && existsSync(softwareVulkan))
    process.env["VK_ICD_FILENAMES"] = softwareVulkan;
  folder = await mkdtemp(join(tmpdir(), "rmbench-webgpu-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("gives the CPU's scores to 1e-4 and reports the nodes that ran on the GPU provider", async () => {
  const args = ["run", "--suite", "rag-abstain", "--limit", "24", "--store", "none", "--progress", "none"];
  for (const device of ["cpu", "webgpu"]) {
    const { code, stderr } = await rmbench([...args, "--device", device, "--out", device], folder);
    expect(code, stderr).toBe(0);
    await rmbench(["report", device, "-o", `${device}.scores.jsonl`], folder);
  }
  const rewards = (device: string) =>
    readFileSync(join(folder, `${device}.scores.jsonl`), "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { reward: number }).reward);
  const [cpu, webgpu] = [rewards("cpu"), rewards("webgpu")];
  expect(cpu.length).toBeGreaterThanOrEqual(40);
  expect(Math.max(...cpu.map((reward, i) => Math.abs(reward - webgpu[i]!)))).toBeLessThanOrEqual(1e-4);
  const { execution } = reportSchema.parse(JSON.parse(readFileSync(join(folder, "webgpu/report.json"), "utf8")));
  expect(execution.device).toMatchObject({ requested: "webgpu", used: "WebGpuExecutionProvider" });
  expect(execution.device!.driver).toMatch(/^lib\w+\.so/); // of the Vulkan driver that was loaded
  expect(execution.device!.nodes!["WebGpuExecutionProvider"]).toBeGreaterThan(100);
});

it("runs every MatMul and Gemm of the embedded model on the GPU provider, by ONNX Runtime's own profile", async () => {
  const { InferenceSession, Tensor } = createRequire(import.meta.url)(
    "onnxruntime-node",
  ) as typeof import("onnxruntime-node");
  const session = await InferenceSession.create(model, {
    executionProviders: ["webgpu"],
    enableProfiling: true,
    profileFilePrefix: join(folder, "profile"),
  });
  const ids = BigInt64Array.from([2, 4, 10, 20, 30, 3, 40, 50, 3], BigInt);
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => [
      name,
      new Tensor("int64", name === "attention_mask" ? ids.map(() => 1n) : ids, [1, ids.length]),
    ]),
  );
  await session.run(feeds);
  session.endProfiling();
  const file = readdirSync(folder).find((name) => name.startsWith("profile"))!;
  const events = JSON.parse(readFileSync(join(folder, file), "utf8")) as {
    cat?: string;
    args?: { op_name?: string; provider?: string };
  }[];
  const products = events.filter(({ cat, args }) => cat === "Node" && /MatMul|Gemm/.test(args?.op_name ?? ""));
  expect(products.length).toBeGreaterThan(10);
  expect(new Set(products.map(({ args }) => args!.provider))).toEqual(new Set(["WebGpuExecutionProvider"]));
});

it("gives PyTorch's scores of a causal model, whose rotary cosines WebGPU would round", async () => {
  const described = await describeModel(`onnx:${fixture("llama")}`, options({ device: "webgpu" }), context());
  const asked = expected.llama;
  await using session = await described.open(new AbortController().signal);
  const prepared = await described.prepare(asked.map(({ messages }) => pointwise(conversation(messages))));
  const scores = values(await session.score(prepared, new AbortController().signal));
  const differences = scores.map((score, i) => Math.abs(score - asked[i]!.score));
  expect(Math.max(...differences)).toBeLessThanOrEqual(1e-5);
  expect(session.device().nodes!["WebGpuExecutionProvider"]).toBeGreaterThan(50);
});
