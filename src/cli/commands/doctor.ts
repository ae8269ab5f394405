import { Command, InvalidArgumentError } from "commander";
import { resolve } from "node:path";
import type { ConfigKey } from "../../config/schema.ts";
import { RmbenchError } from "../../errors.ts";
import type { Check } from "../../models/contract.ts";
import type { RewardModel } from "../../models/reward-model.ts";
import { counted } from "../../report/numbers.ts";
import { configOf } from "../config.ts";
import { modelContext, type CliContext } from "../context.ts";
import type { Place } from "../disk.ts";
import { escapeForTerminal } from "../escape.ts";
import { exitCodes } from "../exit-code.ts";
import { addConfigOptions } from "../options.ts";
import type { AgainstFlags } from "./doctor-against.ts";

const modelKeys: readonly ConfigKey[] = [
  "device",
  "dtype",
  "revision",
  "compat",
  "maxLength",
  "truncate",
  "batchTokens",
  "batchSize",
  "threads",
  "timeout",
  "attention",
  "trustRemoteCode",
  "python",
  "server",
  "judge",
  "maxCost",
  "record",
  "replay",
  "store",
];

export function doctorCommand(context: CliContext): Command {
  const command = new Command("doctor")
    .description(
      "Runs the contract of a reward model on it: determinism, batching, padding, limits; then its speed, providers and disk.",
    )
    .argument("[model]", "reward model, as in `rmbench run --model`", "tiny")
    .option("--json", "print JSON")
    .option(
      "--against <outputs>",
      "compare with the *_outputs.jsonl of RewardBench instead: what moved, by which setting",
    )
    .option("-s, --suite <suite>", "the pairs that it scored, for --against")
    .option("--tolerance <difference>", "scores this near are equal, for --against", tolerance, 0.001)
    .action(async (spec: string, flags: DoctorFlags) => {
      const given = modelKeys.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]] as const]));
      const { values } = await configOf(Object.fromEntries(given), context);
      const { describeModel } = await import("../../models/describe.ts");
      const { modelOptions } = await import("../../run/request.ts");
      if (flags.against !== undefined) {
        if (flags.suite === undefined)
          throw new RmbenchError("usage", "--against needs the pairs that were scored", { hint: "add -s <suite>" });
        const { doctorAgainst } = await import("./doctor-against.ts");
        const { against, suite } = flags;
        await doctorAgainst(spec, modelOptions(values), { ...flags, against, suite }, context);
        return;
      }
      const { checkContract } = await import("../../models/contract.ts");
      const { measureSpeed } = await import("../../models/speed.ts");
      const model = await describeModel(spec, modelOptions(values), modelContext(context));
      const checks = await checkContract(model, context.signal);
      const { speeds, unmeasured, lost, device } = await measureSpeed(model, context.signal);
      const { hubPlace, storePlace } = await import("../disk.ts");
      const store = values.store === "none" ? null : await storePlace(resolve(context.cwd, values.store));
      const { builtInProviders } = await import("../../models/onnx/device.ts");
      const machine = { device, providers: await builtInProviders(), store, hub: await hubPlace(context.env) };
      context.stdout.write(
        flags.json === true
          ? `${JSON.stringify({ model: model.id, identity: model.identity, limits: model.limits, checks, speeds, machine }, null, 2)}\n`
          : render(model, checks, { speeds, unmeasured }, machine),
      );
      const unusable = store !== null && store.problem !== null;
      if (unusable || lost || checks.some((check) => check.status === "fail"))
        context.exitCode.value = exitCodes.failed;
    });
  return addConfigOptions(command, modelKeys);
}

type DoctorFlags = Partial<Record<ConfigKey, string>> & Partial<AgainstFlags> & { tolerance: number };

function tolerance(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0)) throw new InvalidArgumentError("must be a number, 0 or more");
  return value;
}

type Measured = Awaited<ReturnType<typeof import("../../models/speed.ts").measureSpeed>>;

interface Machine {
  device: {
    requested: string;
    used: string;
    nodes: Readonly<Record<string, number>> | null;
    dtype: string | null;
    runtime: string | null;
    driver: string | null;
  };
  /** Execution providers of this machine's ONNX Runtime, or why there are none. */
  providers: readonly string[] | string;
  /** Null for `--store none`. */
  store: (Place & { scores: number }) | null;
  hub: Place;
}

function render(
  model: RewardModel,
  checks: readonly Check[],
  { speeds, unmeasured }: Pick<Measured, "speeds" | "unmeasured">,
  { device, providers, store, hub }: Machine,
): string {
  const nodes =
    device.nodes === null
      ? ""
      : `; nodes: ${Object.entries(device.nodes)
          .map(([name, n]) => `${name} ${n}`)
          .join(", ")}`;
  const facts = [device.dtype, device.runtime, device.driver].filter((fact) => fact !== null).join(", ");
  const fastest = Math.max(...speeds.map(({ textsPerSecond }) => textsPerSecond));
  const lines = [
    `model     ${model.id}`,
    `device    ${device.used} (asked for ${device.requested}${facts === "" ? "" : `; ${facts}`})${nodes}`,
    `providers ${typeof providers === "string" ? `none: ${providers}` : `${providers.join(", ")} (built into ONNX Runtime here; --device tries one)`}`,
    `store     ${store === null ? "none: no scores are kept" : placeText(store, `, ${counted(store.scores, "score")}`)}`,
    `hub cache ${placeText(hub, "")}`,
    "",
    ...checks.map(({ name, status, detail }) => `${status.toUpperCase().padEnd(5)} ${name}: ${detail}`),
    "",
    ...(unmeasured === null ? [] : [`no speed: ${unmeasured}`]),
    ...speeds.map(({ batch, textsPerSecond, tokensPerSecond }) => {
      const tokens = tokensPerSecond === 0 ? "" : `, ${Math.round(tokensPerSecond)} tokens/s`;
      return `speed at batch ${batch}: ${textsPerSecond.toFixed(1)} texts/s${tokens}${textsPerSecond === fastest ? "  (best)" : ""}`;
    }),
  ];
  return `${lines.map((line) => escapeForTerminal(line)).join("\n")}\n`;
}

function placeText({ folder, exists, bytes, freeBytes, problem }: Place, holds: string): string {
  const state = exists ? `${(bytes / 2 ** 20).toFixed(1)} MiB${holds}` : "not there yet";
  const free = `${(freeBytes / 2 ** 30).toFixed(1)} GiB free on its disk`;
  return `${folder}: ${state}, ${free}${problem === null ? "" : `; PROBLEM: ${problem}`}`;
}
