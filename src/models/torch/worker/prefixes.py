"""Which texts of a batch have a beginning in common that is worth computing once."""

from dataclasses import dataclass

# Shorter beginnings, as a template's first tokens, are computed again: an own group would cost more padding than it saves.
SHORTEST = 16
# What a second forward pass costs beside its tokens, in tokens.
PASS_OVERHEAD = 64


@dataclass
class Group:
    """Indices of rows whose first `length` tokens are equal; every row has more tokens than that."""

    rows: list
    length: int


def common(a, b):
    """Length of the longest common prefix."""
    for at, (left, right) in enumerate(zip(a, b)):
        if left != right:
            return at
    return min(len(a), len(b))


def group(rows, shortest=SHORTEST):
    """Consecutive rows in the groups that save the most tokens: (rows - 1) x length each. Single rows have length 0."""
    near = [common(a, b) for a, b in zip(rows, rows[1:])]
    best, starts = [0], []
    for end in range(1, len(rows) + 1):
        # One row alone saves nothing.
        saved, start, length = best[end - 1], end - 1, len(rows[end - 1]) - 1
        for first in range(end - 2, -1, -1):
            length = min(length, near[first], len(rows[first]) - 1)
            if length < shortest:
                break
            if best[first] + (end - first - 1) * length > saved:
                saved, start = best[first] + (end - first - 1) * length, first
        best.append(saved)
        starts.append(start)
    groups, end = [], len(rows)
    while end > 0:
        start = starts[end - 1]
        length = 0 if end - start == 1 else min([*near[start : end - 1], *(len(row) - 1 for row in rows[start:end])])
        groups.append(Group(list(range(start, end)), length))
        end = start
    return groups[::-1]


def worth_sharing(rows, groups):
    """Whether one pass over prefixes and one over what follows compute less than one pass over whole texts."""
    members = [at for each in groups for at in each.rows]
    whole = len(members) * max(len(rows[at]) for at in members)
    first = len(groups) * max(each.length for each in groups)
    rest = len(members) * max(len(rows[at]) - each.length for each in groups for at in each.rows)
    return first + rest + PASS_OVERHEAD < whole
