import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface ProfileEvent {
  cat?: string;
  name?: string;
  args?: { provider?: string };
}

/** A temporary folder for ONNX Runtime's profile of a session's first run. */
export class Profile {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Profile> {
    return new Profile(await mkdtemp(join(tmpdir(), "rmbench-profile-")));
  }

  /** `profileFilePrefix` of the session. */
  get prefix(): string {
    return join(this.#folder, "run");
  }

  /** Graph nodes that ran, per execution provider; the folder is deleted. Call after `endProfiling`. */
  async nodes(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    const seen = new Set<string>();
    for (const file of await readdir(this.#folder)) {
      const events = JSON.parse(await readFile(join(this.#folder, file), "utf8")) as ProfileEvent[];
      for (const { cat, name = "", args } of events) {
        if (cat !== "Node" || args?.provider === undefined || !name.endsWith("_kernel_time") || seen.has(name))
          continue;
        seen.add(name);
        counts[args.provider] = (counts[args.provider] ?? 0) + 1;
      }
    }
    await this.discard();
    return counts;
  }

  async discard(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
