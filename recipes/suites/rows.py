"""Rows in the columns of the Arrow schema, and the mirroring that every suite is built from."""


def user(content):
    return [{"role": "user", "content": content}]


def row(id, subset, cluster, prompt, documents, chosen, rejected, direction, tags, rejected_prompt=None):
    return {
        "id": id,
        "subset": subset,
        "cluster": cluster,
        "prompt": user(prompt),
        "documents": documents,
        "chosen": [chosen],
        "rejected": [rejected],
        "chosen_messages": None,
        "rejected_messages": None,
        "rejected_prompt": None if rejected_prompt is None else user(rejected_prompt),
        "direction": direction,
        "tags": tags,
    }


def mirrored(cluster, subset, contexts, responses, directions, tags):
    """Two contexts (prompt, documents), two responses: the first response is right in the first context, the second
    in the second. Whatever judges a response without its context is right exactly half of the time."""
    rows = []
    for i, (prompt, documents) in enumerate(contexts):
        rows.append(
            row(f"{cluster}.{i + 1}", subset, cluster, prompt, documents, responses[i], responses[1 - i], directions[i], tags)
        )
    return rows


def contrast(cluster, subset, instructions, responses, tags):
    """A contrast set: for each of the two instructions a row that asks for the response, and one that asks, for the
    response, for the instruction (C_res and C_ins of arXiv 2309.16155)."""
    rows = []
    for i in (0, 1):
        own, other = instructions[i], instructions[1 - i]
        rows.append(
            row(f"{cluster}.r{i + 1}", subset, cluster, own, None, responses[i], responses[1 - i], "response", tags)
        )
        rows.append(
            row(f"{cluster}.i{i + 1}", subset, cluster, own, None, responses[i], responses[i], "instruction", tags, other)
        )
    return rows
