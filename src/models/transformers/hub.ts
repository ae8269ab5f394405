import { createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { RmbenchError, messageOf } from "../../errors.ts";
import type { ModelContext } from "../reward-model.ts";

/** Where models come from and are kept, by the variables of huggingface_hub. */
export interface HubSettings {
  /** `HF_ENDPOINT`, without a slash at its end and without the credentials that stand in it. */
  endpoint: string;
  /** Those credentials as a header, which go before the token, since they were given for this endpoint. */
  basic: string | null;
  /** `HF_TOKEN`, else the token that `hf auth login` wrote. */
  token: string | null;
  /** `HF_HUB_OFFLINE`: never ask the network. */
  offline: boolean;
  /** `HF_HUB_CACHE`, else `hub` in `HF_HOME`. */
  cache: string;
}

export async function hubSettings(env: ModelContext["env"]): Promise<HubSettings> {
  const home = hubHome(env);
  const stored = await readFile(env.HF_TOKEN_PATH || join(home, "token"), "utf8").catch(() => "");
  return {
    ...endpointOf(env.HF_ENDPOINT || "https://huggingface.co"),
    token: env.HF_TOKEN || stored.trim() || null,
    offline: ["1", "on", "yes", "true"].includes((env.HF_HUB_OFFLINE ?? "").toLowerCase()),
    cache: hubCache(env),
  };
}

/** The folder of downloaded models, which is shared with huggingface_hub. */
export function hubCache(env: ModelContext["env"]): string {
  return env.HF_HUB_CACHE || join(hubHome(env), "hub");
}

function hubHome(env: ModelContext["env"]): string {
  return env.HF_HOME || join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "huggingface");
}

/** @throws RmbenchError `usage`, without the credentials. */
function endpointOf(text: string): Pick<HubSettings, "endpoint" | "basic"> {
  try {
    const url = new URL(text);
    if (!/^https?:$/.test(url.protocol)) throw new Error("another protocol");
    const user = [url.username, url.password].map(decodeURIComponent).join(":");
    const basic = user === ":" ? null : `Basic ${Buffer.from(user, "utf8").toString("base64")}`;
    url.username = "";
    url.password = "";
    return { endpoint: url.href.replace(/\/+$/, ""), basic };
  } catch {
    const shown = JSON.stringify(text.replace(/^.*@/s, "…@"));
    throw new RmbenchError("usage", `HF_ENDPOINT is ${shown}, which is not a URL`, {
      hint: "write it as https://hub.example.org",
    });
  }
}

/** A repository at one commit, in huggingface_hub's cache layout, so that downloads are shared with Python. */
export interface Snapshot {
  repository: string;
  /** The commit that the revision meant, or the revision itself where the server does not say. */
  commit: string;
  dir: string;
  /** Makes the file local. False: the repository has no such file. @throws RmbenchError `model` or `machine` */
  fetch(file: string): Promise<boolean>;
}

const commitHash = /^[0-9a-f]{40}$/;
const attempts = 4;

/**
 * Opens a repository at a revision (branch, tag or commit). A branch is looked up anew each time, so that what `main`
 * meant last month never passes for what it means today.
 * @throws RmbenchError `model` where it does not exist or may not be read, `machine` where the hub does not answer.
 */
export async function openSnapshot(
  repository: string,
  revision: string,
  settings: HubSettings,
  context: Pick<ModelContext, "signal">,
): Promise<Snapshot> {
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(repository) || repository.includes("..")) {
    throw new RmbenchError("usage", `\`${repository}\` is neither a repository (org/name) nor a folder`);
  }
  if (!/^[\w./-]+$/.test(revision) || revision.includes("..")) {
    throw new RmbenchError("usage", `\`${revision}\` is not a revision`);
  }
  const hub = new Hub(repository, revision, settings, context.signal);
  const folder = join(settings.cache, `models--${repository.replaceAll("/", "--")}`);
  const ref = join(folder, "refs", revision);
  if (settings.offline) {
    const commit = commitHash.test(revision) ? revision : (await readFile(ref, "utf8").catch(() => revision)).trim();
    const dir = join(folder, "snapshots", commit);
    return { repository, commit, dir, fetch: (file) => exists(join(dir, file)) };
  }
  const said = commitHash.test(revision) ? revision : await hub.commit();
  const commit = said ?? revision;
  const dir = join(folder, "snapshots", commit);
  if (said !== null && said !== revision) {
    await mkdir(dirname(ref), { recursive: true });
    await writeFile(ref, said);
  }
  return {
    repository,
    commit,
    dir,
    // A file of a commit never changes; under a branch name it may.
    fetch: async (file) =>
      (said !== null && (await exists(join(dir, file)))) || hub.download(file, commit, join(dir, file)),
  };
}

class Hub {
  readonly #repository: string;
  readonly #revision: string;
  readonly #settings: HubSettings;
  readonly #signal: AbortSignal;

  constructor(repository: string, revision: string, settings: HubSettings, signal: AbortSignal) {
    this.#repository = repository;
    this.#revision = revision;
    this.#settings = settings;
    this.#signal = signal;
  }

  /** The commit of the revision, or null where the server does not send `X-Repo-Commit`. */
  async commit(): Promise<string | null> {
    const response = await this.#request("config.json", this.#revision, { method: "HEAD", redirect: "manual" });
    if (response.status === 404 && response.headers.get("x-error-code") !== "EntryNotFound") this.#refuse(response);
    const commit = response.headers.get("x-repo-commit");
    return commit !== null && commitHash.test(commit) ? commit : null;
  }

  /** False: there is no such file. */
  async download(file: string, commit: string, path: string): Promise<boolean> {
    const partial = `${path}.${process.pid}.incomplete`;
    await mkdir(dirname(path), { recursive: true });
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#request(file, commit, {});
      if (response.status === 404) return false;
      try {
        if (response.body === null) throw new Error("the answer is empty");
        await pipeline(Readable.fromWeb(response.body), createWriteStream(partial), { signal: this.#signal });
        const expected = response.headers.get("content-length");
        const encoded = response.headers.has("content-encoding");
        const { size } = await stat(partial);
        if (expected !== null && !encoded && size !== Number(expected))
          throw new Error(`got ${size} of ${expected} bytes`);
        await rename(partial, path);
        return true;
      } catch (error) {
        await rm(partial, { force: true });
        this.#signal.throwIfAborted();
        if (attempt === attempts) throw this.#unreachable(file, error);
        await sleep(250 * 2 ** attempt, undefined, { signal: this.#signal });
      }
    }
  }

  /** Answers 2xx, 3xx and 404; asks again after 429, 5xx and network errors. */
  async #request(file: string, revision: string, init: RequestInit): Promise<Response> {
    const { endpoint, basic, token } = this.#settings;
    const authorization = basic ?? (token === null ? null : `Bearer ${token}`);
    const path = [...this.#repository.split("/"), "resolve", revision, ...file.split("/")]
      .map(encodeURIComponent)
      .join("/");
    const headers = { "user-agent": "rmbench", ...(authorization === null ? {} : { authorization }) };
    for (let attempt = 1; ; attempt += 1) {
      let reason: unknown;
      try {
        const response = await fetch(`${endpoint}/${path}`, { ...init, headers, signal: this.#signal });
        if (response.status < 400 || response.status === 404) return response;
        if (response.status < 500 && response.status !== 429) this.#refuse(response);
        reason = new Error(`status ${response.status}`);
      } catch (error) {
        if (error instanceof RmbenchError) throw error;
        this.#signal.throwIfAborted();
        reason = error;
      }
      if (attempt === attempts) throw this.#unreachable(file, reason);
      await sleep(250 * 2 ** attempt, undefined, { signal: this.#signal });
    }
  }

  #refuse(response: Response): never {
    const named = `${this.#repository} at revision ${this.#revision}`;
    const said = response.headers.get("x-error-message") ?? `status ${response.status}`;
    if (response.status === 401 || response.status === 403) {
      throw new RmbenchError("model", `${this.#settings.endpoint} does not let us read ${named}: ${said}`, {
        hint: "check the name; for a gated or private repository accept its terms and set HF_TOKEN",
      });
    }
    throw new RmbenchError("model", `${this.#settings.endpoint} has no ${named}: ${said}`);
  }

  #unreachable(file: string, error: unknown): RmbenchError {
    const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : "";
    const message = `cannot get ${file} of ${this.#repository} from ${this.#settings.endpoint}: ${messageOf(error)}${cause}`;
    return new RmbenchError("machine", message, {
      hint: "set HF_ENDPOINT for a mirror, or HF_HUB_OFFLINE=1 to use what is in the cache",
      cause: error,
    });
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
