import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface ProfileEvent {
  cat?: string;
  name?: string;
  args?: { provider?: string; op_name?: string };
}

/** What ran, by the graph's nodes. */
interface ProfiledNodes {
  /** How many, per execution provider. */
  counts: Record<string, number>;
  /** Names of those that compute a cosine or a sine. */
  trigonometric: string[];
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

  /** The graph's nodes that ran; the folder is deleted. Call after `endProfiling`. */
  async nodes(): Promise<ProfiledNodes> {
    const counts: Record<string, number> = {};
    const trigonometric: string[] = [];
    const seen = new Set<string>();
    for (const file of await readdir(this.#folder)) {
      const events = JSON.parse(await readFile(join(this.#folder, file), "utf8")) as ProfileEvent[];
      for (const { cat, name = "", args } of events) {
        if (cat !== "Node" || args?.provider === undefined || !name.endsWith("_kernel_time") || seen.has(name))
          continue;
        seen.add(name);
        counts[args.provider] = (counts[args.provider] ?? 0) + 1;
        if (args.op_name === "Cos" || args.op_name === "Sin") trigonometric.push(name.slice(0, -"_kernel_time".length));
      }
    }
    await this.discard();
    return { counts, trigonometric };
  }

  async discard(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
