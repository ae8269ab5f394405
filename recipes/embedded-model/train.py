"""Trains the embedded reward model on the generator's training split and writes it, exported, to a folder.

    python recipes/embedded-model/train.py --out fixtures/models/tiny

One thread and one seed: the same commands give the same model up to float noise.
"""

import argparse
import math
import random
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "suites")]

import data
import generate
from model import RewardModel
from structure import PAD
from render import encode, render, train_tokenizer


# Rows of a suite for each row of --pairs: what is learnt slowly gets more.
SHARES = {"consistency": 2.0, "rag-citation": 0.6, "rag-abstain": 0.6, "safety": 1.4}

# Word order decides these. In the mixture they stay at chance for long: additive scores are a saddle point.
SLOW = ("topic", "role", "order")


def strings(x):
    """All strings in nested material."""
    if isinstance(x, str):
        yield x
    elif isinstance(x, dict):
        for k, v in x.items():
            yield from strings(k)
            yield from strings(v)
    elif isinstance(x, (list, tuple)):
        for v in x:
            yield from strings(v)


def material(world):
    parts = (world.facts, world.rag, world.contrast, world.safety)
    return [s for part in parts for name, value in sorted(vars(part).items()) if name.isupper() for s in strings(value)]


def padded(rows):
    length = max(map(len, rows))
    ids = torch.tensor([r + [PAD] * (length - len(r)) for r in rows])
    mask = torch.tensor([[1] * len(r) + [0] * (length - len(r)) for r in rows])
    return ids, mask


def score(model, rows):
    """Scores of token id rows, one by one in sorted order of length, as a list."""
    model.eval()
    out = [0.0] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    with torch.no_grad():
        for start in range(0, len(order), 16):
            some = order[start : start + 16]
            for i, s in zip(some, model(*padded([rows[i] for i in some]))[:, 0].tolist()):
                out[i] = s
    return out


def accuracy(model, tokenizer, suites):
    """{suite: {kind: accuracy}}, ties half, of rows as rmbench asks for them."""
    from render import conversations

    result = {}
    for suite, rows in suites.items():
        texts = [t for row in rows for t in conversations(row)]
        s = score(model, encode(tokenizer, texts))
        kinds = {}
        for i, row in enumerate(rows):
            credit = (s[2 * i] > s[2 * i + 1]) + 0.5 * (s[2 * i] == s[2 * i + 1])
            kinds.setdefault(row["subset"], []).append(credit)
        result[suite] = {k: sum(v) / len(v) for k, v in kinds.items()}
        every = [c for v in kinds.values() for c in v]
        result[suite]["all"] = sum(every) / len(every)
    return result


def shown(result):
    return " | ".join(f"{suite} " + " ".join(f"{k} {v:.2f}" for k, v in kinds.items()) for suite, kinds in result.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=int, default=8000, help="training rows per suite")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--head-start", type=int, default=600, help="steps on the kinds that are learnt slowly alone")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vocabulary", type=int, default=5000)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--tokens", type=int, default=2500, help="tokens in a step")
    args = parser.parse_args()

    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    sizes = lambda n: {name: n for name in generate.SUITES}
    train = generate.generate("train", args.seed, {name: round(args.pairs * SHARES[name]) for name in generate.SUITES})
    select = generate.generate("select", args.seed, sizes(240))
    seen = generate.generate("train", args.seed + 1, sizes(160))
    world = generate.World("train", rng)
    tokenizer = train_tokenizer(material(world), args.vocabulary)
    config = {"ends": [tokenizer.token_to_id(x) for x in ".!?"], "separators": [tokenizer.token_to_id(x) for x in ",;"]}
    model = RewardModel(tokenizer.get_vocab_size(), config, width=args.width)
    with torch.no_grad():
        # How much a token counts starts from how rare it is: function words little, unseen pieces in the middle.
        counts = torch.zeros(tokenizer.get_vocab_size())
        for suite in train.values():
            for row in suite[:: max(1, len(suite) // 1000)]:
                counts[list(set(encode(tokenizer, [render(row["prompt"], row["documents"], row["chosen"][0])])[0]))] += 1
        model.weight.weight[:, 0] = (1.0 - 1.2 * torch.log10(1 + counts)).clamp(min=-3)
        for mark in ".,;:!?'\"()[]-":
            model.weight.weight[tokenizer.token_to_id(mark), 0] = -4
    scrambler = data.Scrambler(tokenizer)
    items = data.clusters(train, tokenizer)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{parameters} parameters, {tokenizer.get_vocab_size()} pieces, {len(items)} clusters, "
          f"{len(scrambler.words)} + {len(scrambler.pieces)} pieces scrambled", flush=True)  # fmt: skip

    decay = [p for n, p in model.named_parameters() if p.dim() > 1 and n not in ("bias", "weight.weight")]
    rest = [p for n, p in model.named_parameters() if not (p.dim() > 1 and n not in ("bias", "weight.weight"))]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": rest, "weight_decay": 0.0}], lr=args.rate)
    step, spent, running = 0, time.process_time(), []
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(args.out / "tokenizer.json"))
    best, done = -1.0, False

    def save(step, macro):
        torch.save({"state": model.state_dict(), "config": config, "width": args.width, "vocabulary": tokenizer.get_vocab_size(),
                    "train": vars(args) | {"out": None}, "steps": step, "cpu": time.process_time() - spent, "select": macro,
                    "parameters": parameters}, args.out / "checkpoint.pt")  # fmt: skip

    while not done:
        early = step < args.head_start
        for batch in data.batches([c for c in items if not early or c.kind in SLOW], args.tokens, rng):
            if early and step >= args.head_start:
                break
            passed = step / args.steps
            if passed >= 1:
                done = True
                break
            rate = args.rate * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * passed)))
            for group in optimizer.param_groups:
                group["lr"] = rate
            model.train()
            rows, pairs = data.collate(batch, scrambler, rng)
            s = model(*padded(rows))[:, 0]
            chosen, rejected = torch.tensor(pairs).unbind(1)
            loss = F.softplus(s[rejected] - s[chosen]).mean() + 5e-3 * (s**2).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            running.append(loss.item())
            step += 1
            if step % 250 == 0:
                result = accuracy(model, tokenizer, select)
                macro = sum(r["all"] for r in result.values()) / len(result)
                print(f"step {step} loss {sum(running[-250:]) / 250:.3f} cpu {time.process_time() - spent:.0f}s "
                      f"select {macro:.3f} {shown(result)} ## train frames {shown(accuracy(model, tokenizer, seen))}", flush=True)  # fmt: skip
                if macro >= best:
                    best = macro
                    save(step, best)


if __name__ == "__main__":
    main()
