import { hash } from "node:crypto";
import type { Message, PreferencePair } from "../../pair.ts";
import { label, optionalParts, tagsOf, text } from "../fields.ts";
import type { Layout } from "../layout.ts";

const columns = [
  ...["query", "retrieval", "query_response_k", "query_response_j", "retrieval_response_k", "retrieval_response_j"],
];

const user = (content: string): Message[] => [{ role: "user", content }];

/** Rows are directed, so the two rows of one unordered pair of instructions share a cluster. */
const clusterOf = (subset: string, query: string, retrieval: string): string =>
  `contrast:${hash("sha256", JSON.stringify([subset, ...[query, retrieval].sort()]), "hex").slice(0, 16)}`;

/**
 * Contrast Instructions (arXiv 2309.16155): two similar instructions with a response each. A row becomes two pairs of
 * one cluster: the right response to the instruction (`response`), and the right instruction for the response
 * (`instruction`, where the rejected side is the same response to the other prompt).
 */
export const contrast: Layout = {
  id: "contrast",
  name: "Contrast Instructions (query, retrieval and their responses)",
  matches: (record) => columns.every((column) => column in record),
  convert: (record, context) => {
    const side = context.options.contrastResponse;
    context.note(`preferred responses are the *_response_${side} columns (--contrast-response)`);
    const [query, retrieval] = [text(record, "query"), text(record, "retrieval")];
    const [own, other] = [text(record, `query_response_${side}`), text(record, `retrieval_response_${side}`)];
    const id = label(record, "id") ?? String(context.row);
    const subset = label(record, "subset") ?? context.stem.replace(/_contrast$/, "");
    const optional = optionalParts(record);
    const cluster = optional.cluster ?? clusterOf(subset, query, retrieval);
    const shared = { ...optional, subset, cluster, tags: { ...tagsOf(record, columns), response_column: side } };
    const pairsOf = (prefix: string, a: string, b: string, ra: string, rb: string): PreferencePair[] => [
      {
        ...shared,
        id: `${id}/${prefix}response`,
        direction: "response",
        prompt: user(a),
        chosen: [ra],
        rejected: [rb],
      },
      {
        ...shared,
        id: `${id}/${prefix}instruction`,
        direction: "instruction",
        prompt: user(a),
        chosen: [ra],
        rejected: [ra],
        rejectedPrompt: user(b),
      },
    ];
    return [
      ...pairsOf("", query, retrieval, own, other),
      ...(context.options.mirror ? pairsOf("mirror-", retrieval, query, other, own) : []),
    ];
  },
};
