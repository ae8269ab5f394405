import { defineConfig } from "vitest/config";

const tier = (name: string, dir: string, timeout: number) => ({
  test: { name, include: [`${dir}/**/*.test.ts`], testTimeout: timeout, hookTimeout: timeout },
});

/** `node` needs Node alone, `slow` takes minutes, `python` needs recipes/requirements.txt, `webgpu` a Vulkan driver. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/slow/**", "test/python/**", "test/webgpu/**"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Half of a test's time goes by in the processes that it starts; the default leaves a core free.
          maxWorkers: "100%",
        },
      },
      tier("slow", "test/slow", 600_000),
      tier("python", "test/python", 600_000),
      tier("webgpu", "test/webgpu", 300_000),
    ],
  },
});
