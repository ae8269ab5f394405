import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withoutCredentials } from "../credentials.ts";
import { RmbenchError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { combinationNames, parseCombination } from "./combination-spec.ts";

/** A model spec taken apart: `onnx:./dir` is adapter `onnx`, reference `./dir`. */
export interface ModelSpec {
  adapter: string;
  /** What the adapter reads: a directory, a repository, a module file. */
  reference: string;
  /** The spec as typed, without credentials. */
  id: string;
}

const examples: Readonly<Record<string, string>> = {
  onnx: "onnx:<folder with model.onnx and tokenizer.json>",
  transformers: "transformers:<org/name> or transformers:<folder>",
  judge: "judge:<base-url>#<model> or judge:anthropic#<model>",
  implicit: "implicit:<folder or org/name> or implicit:vllm:http://host:8000#<model>",
  torch: "torch:<org/name> or torch:<folder>",
  vllm: "vllm:http://host:8000#<model>",
  sglang: "sglang:http://host:30000",
  tei: "tei:http://host:8080",
  kserve: "kserve:http://host:8000#<model>",
  openrlhf: "openrlhf:http://host:5000/get_reward",
  nim: "nim:http://host:8000#<model>",
  http: "http:http://host/path",
  module: "module:./my-rm.ts",
  process: 'process:"python3 my_rm.py"',
  shortcut: "shortcut:longest",
};

const moduleFile = /\.(ts|mts|js|mjs)$/i;

/**
 * Parses `onnx:./dir`, `transformers:org/name[@revision]`, `./my-rm.ts` (also .mts, .js, .mjs) and `tiny`, the
 * embedded model. A one-letter prefix is a Windows drive, not an adapter.
 * @param adapters the names of the adapters that exist.
 * @throws RmbenchError `usage` for anything else, with a suggestion.
 */
export function parseSpec(spec: string, adapters: readonly string[]): ModelSpec {
  const text = spec.trim();
  const id = withoutCredentials(text);
  const known = `known: tiny, ${[...adapters, "scores"].map((name) => `${name}:…`).join(", ")}, or a module file such as ./my-rm.ts`;
  if (text === "") throw new RmbenchError("usage", "the model is empty", { hint: known });
  if (text === "tiny") return { adapter: "onnx", reference: embeddedModel(), id };

  if (parseCombination(text) !== null) {
    throw new RmbenchError("usage", `\`${id}\` combines scores of models, and what was asked for needs one model`, {
      hint: "run it with `rmbench run --model`, and name its members one by one here",
    });
  }

  const [, prefix, reference = ""] = /^([A-Za-z][\w+.-]+):(.*)$/s.exec(text) ?? [];
  if (prefix !== undefined) {
    if (adapters.includes(prefix)) {
      if (reference === "") {
        throw new RmbenchError("usage", `the model \`${id}\` names nothing after \`${prefix}:\``, {
          hint: `say which one, as ${examples[prefix] ?? `${prefix}:<reference>`}; \`rmbench list models\` shows every kind`,
        });
      }
      return { adapter: prefix, reference, id };
    }
    if (prefix === "scores") {
      throw new RmbenchError("usage", `\`${id}\` is a file of scores, and what was asked for needs a model`, {
        hint: "replay it with `rmbench run --model scores:<file>`",
      });
    }
    const near = nearest(prefix, [...adapters, "scores", ...combinationNames]);
    const hint = near === null ? known : `did you mean \`${near}:${reference}\`? ${known}`;
    throw new RmbenchError("usage", `there is no model adapter \`${prefix}\` (in \`${id}\`)`, { hint });
  }
  if (moduleFile.test(text)) return { adapter: "module", reference: text, id };

  const hint =
    /[\\/]/.test(text) || existsSync(text) ? `for a folder with model.onnx write \`onnx:${id}\`; ${known}` : known;
  const combination = nearest(/^([A-Za-z][\w-]*)\(.*\)$/s.exec(text)?.[1] ?? "", combinationNames);
  throw new RmbenchError("usage", `\`${id}\` is not a model`, {
    hint: combination === null ? hint : `did you mean \`${combination}\`? ${known}`,
  });
}

/** The packaged model stands at the same depth from src/models and from dist/models. */
function embeddedModel(): string {
  return fileURLToPath(new URL("../../fixtures/models/tiny", import.meta.url));
}
