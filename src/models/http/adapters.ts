import type { Adapter } from "../reward-model.ts";
import { kserve } from "./kserve.ts";
import { mapped } from "./mapped.ts";
import { nim } from "./nim.ts";
import { openrlhf } from "./openrlhf.ts";
import { serverAdapter } from "./server.ts";
import { sglang } from "./sglang.ts";
import { tei } from "./tei.ts";
import { vllm } from "./vllm.ts";

/** An adapter for each kind of server. */
export const serverAdapters: Readonly<
  Record<"vllm" | "sglang" | "tei" | "kserve" | "openrlhf" | "nim" | "http", Adapter>
> = {
  vllm: serverAdapter(vllm),
  sglang: serverAdapter(sglang),
  tei: serverAdapter(tei),
  kserve: serverAdapter(kserve),
  openrlhf: serverAdapter(openrlhf),
  nim: serverAdapter(nim),
  http: serverAdapter(mapped),
};
