"""Writes one JSONL per suite. Python 3.11, standard library only.

    python3 recipes/suites/generate.py --split bundled --seed 1 --out build/suites

The same split, seed and sizes give the same bytes. Clusters are drawn until each shortcut of shortcuts.py is right on
exactly half of the rows that are kept: within every cluster, or, for kinds that come in two forms, within every pair of
clusters that follow each other.
"""

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import abstain
import citation
import consistency
import safety
from shortcuts import even
from world import World

SUITES = {"consistency": consistency, "rag-citation": citation, "rag-abstain": abstain, "safety": safety}
TWO_FORMS = {"topic", "role", "order"}
# Rows of a suite; kinds share them as evenly as whole clusters allow.
ROWS = {"consistency": 168, "rag-citation": 168, "rag-abstain": 162, "safety": 168}


def blocks(draw, world, kind, rows):
    """Accepted blocks of clusters until there are at least that many rows; how many blocks were tried."""
    kept, tried, cluster, size = [], 0, 0, 2 if kind in TWO_FORMS else 1
    while len(kept) < rows:
        block = [row for i in range(size) for row in draw(world, kind, f"{kind}-{cluster + i:04d}")]
        tried += 1
        if tried > 200 * rows:
            raise SystemExit(f"{kind}: no even clusters found; the material makes a shortcut win")
        if even(block):
            kept += block
            cluster += size
    return kept, tried


def safety_rows(world, rows):
    """Every written scenario in as many wordings as the size asks for, and composed ones where the split has them."""
    kept, tried = [], 0
    scenarios = [(i, s) for i, s in enumerate(world.safety.SCENARIOS)]
    wordings = max(1, round(rows / 2 / len(scenarios)))
    composed = hasattr(world.safety, "ACTIONS")
    if composed:
        wordings = max(1, wordings // 4)
    for i, scenario in scenarios:
        seen, made, tries = set(), 0, 0
        while made < wordings and tries < 50 * wordings + 200:
            tries += 1
            block = safety.draw(world, f"{scenario[0]}-{i:04d}", scenario)
            if block[0]["tags"]["frames"] in seen or not even(block):
                continue
            seen.add(block[0]["tags"]["frames"])
            kept += [{**row, "id": f"{row['cluster']}.{made * 2 + j + 1}"} for j, row in enumerate(block)]
            made += 1
        if made == 0:
            print(f"safety: no even wording of {scenario[1:3]}", file=sys.stderr)
        tried += tries
    if composed:
        n = 0
        while len(kept) < rows:
            block = safety.draw(world, f"composed-{n:05d}")
            tried += 1
            if even(block):
                kept += block
                n += 1
    return kept, tried


def suite_rows(name, world, rows):
    module = SUITES[name]
    if name == "safety":
        return safety_rows(world, rows)
    kept, tried = [], 0
    for kind in module.KINDS:
        some, tries = blocks(module.draw, world, kind, rows / len(module.KINDS))
        kept += some
        tried += tries
    return kept, tried


def wrapped(rows, world):
    """Training only: half of the clusters with something polite or idle around every prompt, the same within a cluster."""
    frames = {}
    for row in rows:
        key = (row["cluster"], row["tags"]["frames"])
        if key not in frames:
            frames[key] = world.pick(world.rag.WRAPPERS) if world.random.random() < 0.5 else "{x}"
        for prompt in (row["prompt"], row["rejected_prompt"]):
            if prompt is not None:
                prompt[0]["content"] = frames[key].replace("{x}", prompt[0]["content"])
    return rows


def generate(split, seed, sizes):
    """{suite: rows} for one split."""
    made = {}
    for name in SUITES:
        world = World(split, random.Random(f"{seed}/{split}/{name}"))
        made[name], tried = suite_rows(name, world, sizes[name])
        if hasattr(world.rag, "WRAPPERS"):
            made[name] = wrapped(made[name], world)
        print(f"{split} {name}: {len(made[name])} rows ({tried} draws)", file=sys.stderr)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=("bundled", "train", "select"), required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pairs", type=int, help="rows per suite (default: the size of the bundled suites)")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    sizes = {name: args.pairs or rows for name, rows in ROWS.items()}
    args.out.mkdir(parents=True, exist_ok=True)
    for name, rows in generate(args.split, args.seed, sizes).items():
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (args.out / f"{name}.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
