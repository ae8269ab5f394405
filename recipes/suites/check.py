"""Checks generated suites: every shortcut at exactly one half, keys unique, and nothing shared between the splits.

    python3 recipes/suites/check.py build/suites

Prints a table and exits with 1 when something is wrong.
"""

import itertools
import json
import random
import re
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from shortcuts import ABSTENTION, REFUSAL, SHORTCUTS, doubled_credit, shown
from world import World

SPLITS = ("train", "select", "bundled")


def read(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def tokens(text):
    """A rough count: words and marks, as a WordPiece tokenizer would split them at least."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def check_suite(name, rows):
    problems = []
    if len({(r["subset"], r["id"]) for r in rows}) != len(rows):
        problems.append(f"{name}: keys are not unique")
    for row in rows:
        if row["chosen"] == row["rejected"] and row["rejected_prompt"] is None:
            problems.append(f"{name} {row['id']}: chosen and rejected are the same")
    table = {}
    for shortcut, scorer in SHORTCUTS.items():
        credit = sum(doubled_credit(scorer, row) for row in rows)
        table[shortcut] = credit / (2 * len(rows))
        if credit != len(rows):
            problems.append(f"{name}: {shortcut} is right on {table[shortcut]:.4f} of the rows, not on one half")
    if name == "safety":
        refusals = {r["chosen"][0] for r in rows if r["direction"] == "refuse"}
        problems += [f"{name}: not known as a refusal: {x}" for x in refusals if not REFUSAL.search(x)]
    if name == "rag-abstain":
        abstentions = {r["chosen"][0] for r in rows if r["direction"] == "abstain"}
        problems += [f"{name}: not known as an abstention: {x}" for x in abstentions if not ABSTENTION.search(x)]
    lengths = [
        tokens(shown(r["prompt"], r["documents"])) + max(tokens(r["chosen"][0]), tokens(r["rejected"][0])) for r in rows
    ]
    clusters = len({r["cluster"] for r in rows})
    print(f"{name}: {len(rows)} pairs, {clusters} clusters, median {statistics.median(lengths):.0f} tokens (most {max(lengths)})")
    print("  " + "  ".join(f"{k} {v:.3f}" for k, v in table.items()))
    return problems


def strings(x):
    if isinstance(x, str):
        yield x
    elif isinstance(x, dict):
        yield from strings(list(x.items()))
    elif isinstance(x, (list, tuple)):
        for v in x:
            yield from strings(v)


def material(world):
    """(entities and attributes, frames) of a split."""
    f, c = world.facts, world.contrast
    things = set(f.PEOPLE) | set(f.KINDS) | {a[0] for a in f.ATTRIBUTES} | set(f.ONSETS) | set(f.ENDS)
    things |= set(c.CATEGORIES) | {t[0] for t in c.THINGS} | set(c.BIND_OBJECTS)
    frames = []
    for part in (f, world.rag, c, world.safety):
        for name, value in vars(part).items():
            if name.isupper() and name not in ("PEOPLE", "KINDS", "ATTRIBUTES", "ONSETS", "MIDDLES", "ENDS", "CATEGORIES"):
                frames += [s for s in strings(value) if " " in s]
    return things, frames


def grams(frames, n=5):
    """n-grams of words with at least four words that are no gap; “the {a} of {e}” is one gap."""
    found = {}
    for frame in frames:
        words = re.findall(r"\w+", re.sub(r"\{\w+\}", " gap ", re.sub(r"the \{[apq]\d?\} of \{e\d?\}", "{gap}", frame.lower())))
        for i in range(len(words) - n + 1):
            if words[i : i + n].count("gap") < 2:
                found.setdefault(tuple(words[i : i + n]), frame)
    return found


def check_splits():
    problems = []
    made = {split: material(World(split, random.Random(0))) for split in SPLITS}
    for a, b in itertools.combinations(SPLITS, 2):
        shared = {x.lower() for x in made[a][0]} & {x.lower() for x in made[b][0]}
        if shared:
            problems.append(f"{a} and {b} share {sorted(shared)}")
        shared = set(made[a][1]) & set(made[b][1])
        problems += [f"{a} and {b} share the frame: {x}" for x in shared]
        one, two = grams(made[a][1]), grams(made[b][1])
        for gram in sorted(set(one) & set(two)):
            problems.append(f"{a} and {b} share “{' '.join(gram)}”: {one[gram]} / {two[gram]}")
    return problems


def main():
    folder = Path(sys.argv[1])
    problems = check_splits()
    for path in sorted(folder.glob("*.jsonl")):
        problems += check_suite(path.stem, read(path))
    for problem in problems:
        print(f"problem: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
