import { RmbenchError } from "../../errors.ts";
import { nearest } from "../../nearest.ts";

/** A parameter such as `mean-std,k=0.5,raw`: what stands alone, and what has a value. */
export interface Parameters {
  words: string[];
  numbers: Record<string, number>;
}

/** @throws RmbenchError `usage` for a value that is not a finite number, or a name that comes twice. */
export function parseParameters(combination: string, parameter: string): Parameters {
  const words: string[] = [];
  const numbers: Record<string, number> = {};
  for (const part of parameter.split(",").map((text) => text.trim())) {
    if (part === "") continue;
    const at = part.lastIndexOf("=");
    if (at < 0) {
      words.push(part);
      continue;
    }
    const name = part.slice(0, at).trim();
    if (Object.hasOwn(numbers, name)) throw new RmbenchError("usage", `${combination}: ${name} is given twice`);
    numbers[name] = numberOf(combination, name, part.slice(at + 1));
  }
  return { words, numbers };
}

/** @throws RmbenchError `usage` */
export function numberOf(combination: string, name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new RmbenchError("usage", `${combination}: ${name} is ${JSON.stringify(text.trim())}, not a number`);
}

/** @throws RmbenchError `usage` for a word that is not among `known`, with the nearest one. */
export function refuseUnknown(combination: string, given: readonly string[], known: readonly string[]): void {
  const odd = given.find((word) => !known.includes(word));
  if (odd === undefined) return;
  const near = nearest(odd, known);
  const one = known.length === 0 ? "it takes none" : `one of ${known.join(", ")}`;
  throw new RmbenchError("usage", `${combination} has no parameter ${JSON.stringify(odd)}`, {
    hint: near === null ? one : `did you mean ${near}? ${one}`,
  });
}

/** @throws RmbenchError `data` for an attribute that the model does not give, with those that it does. */
export function refuseMissingAttribute(
  combination: string,
  model: string,
  wanted: string,
  there: readonly string[],
): void {
  if (there.includes(wanted)) return;
  const near = nearest(wanted, there);
  const said = there.length === 0 ? `${model} gives one reward and no attributes` : `it gives ${there.join(", ")}`;
  throw new RmbenchError("data", `${combination}: ${model} has no attribute ${JSON.stringify(wanted)}`, {
    hint: near === null ? said : `did you mean ${near}? ${said}`,
  });
}
