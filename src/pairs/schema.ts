import { Binary, Dictionary, Field, Float32, Int32, List, Map_, Schema, Struct, Utf8 } from "apache-arrow";

/** Version of the Arrow schema of pairs, written into every file. */
const pairsSchemaVersion = "1";

/** What a file of pairs says about itself; texts, empty where unknown. */
export interface PairsMetadata {
  schemaVersion: string;
  suite: string;
  licence: string;
  source: string;
  revision: string;
  /** Everything else that the file carries, by its full key. */
  other: Readonly<Record<string, string>>;
}

const keys = {
  schemaVersion: "rmbench.schema",
  suite: "rmbench.suite",
  licence: "rmbench.licence",
  source: "rmbench.source",
  revision: "rmbench.revision",
} as const;

/** The metadata of a file of pairs as Arrow schema metadata. */
function encodeMetadata(metadata: Partial<PairsMetadata>): Map<string, string> {
  const map = new Map<string, string>([[keys.schemaVersion, pairsSchemaVersion]]);
  for (const name of ["suite", "licence", "source", "revision"] as const) map.set(keys[name], metadata[name] ?? "");
  for (const [key, value] of Object.entries(metadata.other ?? {})) map.set(key, value);
  return map;
}

/** The metadata of a file of pairs; `schemaVersion` is empty where the file was not written by rmbench. */
export function decodeMetadata(map: ReadonlyMap<string, string>): PairsMetadata {
  const known = new Set<string>(Object.values(keys));
  return {
    schemaVersion: map.get(keys.schemaVersion) ?? "",
    suite: map.get(keys.suite) ?? "",
    licence: map.get(keys.licence) ?? "",
    source: map.get(keys.source) ?? "",
    revision: map.get(keys.revision) ?? "",
    other: Object.fromEntries([...map].filter(([key]) => !known.has(key))),
  };
}

const text = (name: string, nullable = false) => new Field(name, new Utf8(), nullable);
const struct = (name: string, ...fields: Field[]) => new Field(name, new Struct(fields), false);

const message = struct("item", text("role"), text("content"));
const conversation = new List(message);

/** Fields of the nested columns, shared by the schema and by the writer that fills them. */
export const nested = {
  message,
  conversation: new Field("item", conversation, false),
  document: struct("item", text("id"), text("title"), text("text")),
  step: struct("item", text("text"), new Field("label", new Float32(), false)),
  grade: new Field("item", new Float32(), false),
  response: text("item"),
  image: new Field("item", new Binary(), false),
  tag: struct("entries", text("key"), text("value")),
} as const;

/** Dictionary ids are fixed so that two writes of the same pairs give the same bytes. */
export const dictionaries = {
  subset: new Dictionary(new Utf8(), new Int32(), 0),
  direction: new Dictionary(new Utf8(), new Int32(), 1),
} as const;

/** Arrow schema v1 of pairs: one row per pair, columns as in `PreferencePair`. */
export function pairsSchema(metadata: Partial<PairsMetadata>): Schema {
  return new Schema(
    [
      text("id"),
      new Field("subset", dictionaries.subset, false),
      text("cluster", true),
      new Field("prompt", conversation, false),
      new Field("documents", new List(nested.document), true),
      new Field("chosen", new List(nested.response), false),
      new Field("rejected", new List(nested.response), false),
      new Field("chosen_messages", new List(nested.conversation), true),
      new Field("rejected_messages", new List(nested.conversation), true),
      new Field("rejected_prompt", conversation, true),
      new Field("direction", dictionaries.direction, true),
      text("tools", true),
      new Field("grades", new List(nested.grade), true),
      new Field("steps", new List(nested.step), true),
      new Field("strength", new Float32(), true),
      text("user", true),
      text("language", true),
      new Field("weight", new Float32(), true),
      new Field("images", new List(nested.image), true),
      new Field("tags", new Map_(nested.tag), true),
    ],
    encodeMetadata(metadata),
  );
}
