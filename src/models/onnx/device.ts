import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { basename, dirname, join } from "node:path";
import { RmbenchError, messageOf } from "../../errors.ts";
import { installedVersion } from "../../package.ts";
import type { DeviceName } from "../reward-model.ts";

export type Device = Exclude<DeviceName, "auto" | "mps">;

/** Name of each provider in ONNX Runtime's profiles. */
export const providerNames: Readonly<Record<Device, string>> = {
  cpu: "CPUExecutionProvider",
  webgpu: "WebGpuExecutionProvider",
  cuda: "CUDAExecutionProvider",
  tensorrt: "TensorrtExecutionProvider",
  coreml: "CoreMLExecutionProvider",
  dml: "DmlExecutionProvider",
};

// Not `npm rebuild`: package.json allows the runtime no install script.
const cudaInstall = "ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js";

const remedies: Readonly<Record<Device, string>> = {
  cpu: "",
  webgpu: "needs a GPU driver: Vulkan (libvulkan.so.1 and an ICD) on Linux, Direct3D 12 on Windows, Metal on macOS",
  cuda: `linux/x64 only: install CUDA 12 and cuDNN 9, then run \`${cudaInstall}\``,
  tensorrt: `linux/x64 only: install TensorRT, then run \`${cudaInstall}\``,
  coreml: "exists on macOS with Apple silicon only",
  dml: "exists on Windows only",
};

/** Folder of the onnxruntime-node package, or null where it is not installed. Loads nothing. */
function runtimeFolder(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  } catch {
    return null;
  }
}

/** `onnxruntime-node 1.30.0`. Loads nothing. */
export function runtimeVersion(): string {
  return `onnxruntime-node ${installedVersion("onnxruntime-node") ?? "not installed"}`;
}

/** `auto` is CUDA where its libraries were installed beside the runtime, else the CPU. */
export function resolveDevice(device: DeviceName): Device {
  if (device === "mps") {
    throw new RmbenchError("usage", "--device mps: ONNX Runtime has no such provider", {
      hint: "on a Mac it is `--device coreml`; mps is for torch: models",
    });
  }
  if (device !== "auto") return device;
  const folder = runtimeFolder();
  const { platform, arch } = process;
  const library = folder && join(folder, "bin", "napi-v6", platform, arch, "libonnxruntime_providers_cuda.so");
  return library !== null && existsSync(library) ? "cuda" : "cpu";
}

/** Loads the runtime. @throws RmbenchError `machine` where it is missing or has no binary for this platform. */
export async function loadRuntime(): Promise<typeof import("onnxruntime-node")> {
  try {
    return await import("onnxruntime-node");
  } catch (error) {
    const missing = runtimeFolder() === null;
    const platform = `${process.platform}/${process.arch}`;
    const message = missing
      ? "onnxruntime-node is not installed"
      : `onnxruntime-node has no binary that works on ${platform}`;
    throw new RmbenchError("machine", `${message}: ${messageOf(error).split("\n")[0]}`, {
      hint: missing
        ? "where only an npm registry can be reached: ONNXRUNTIME_NODE_INSTALL=skip npm install rmbench"
        : "it ships linux/x64, linux/arm64, win32/x64, win32/arm64 and darwin/arm64",
      cause: error,
    });
  }
}

/** Devices whose provider is built into this machine's runtime (a GPU's driver may still be missing), or why none is. */
export async function builtInProviders(): Promise<string[] | string> {
  try {
    const { listSupportedBackends } = await loadRuntime();
    return listSupportedBackends().flatMap(({ name, bundled }) => (bundled ? [name] : []));
  } catch (error) {
    return messageOf(error);
  }
}

/** The error for a provider that cannot be had; there is no fallback. */
export function providerError(device: Device, reason: string): RmbenchError {
  const hint = [remedies[device], device === "cpu" ? "" : "or run on `--device cpu`"].filter(Boolean).join("; ");
  return new RmbenchError("machine", `the device \`${device}\` cannot be had: ${reason}`, { hint });
}

/** Vulkan's and CUDA's drivers, which are mapped under the name with their version where they have one. */
const driverLibrary = /\/(libvk_swiftshader|libvulkan_\w+|libGLX_nvidia|libcuda)\.so[\d.]*$/;

/** What stands behind a provider that has run, as `DeviceReport.driver` says. Reads what this process has loaded. */
export async function driverOf(device: Device): Promise<string | null> {
  if (device === "cpu") return cpus()[0]?.model.trim() || null;
  const maps = await readFile("/proc/self/maps", "utf8").catch(() => "");
  const files = maps.split("\n").flatMap((line) => driverLibrary.exec(line)?.[0] ?? []);
  const names = [...new Set(files.map((file) => basename(file)))].sort();
  return names.length === 0 ? null : names.join(", ");
}
