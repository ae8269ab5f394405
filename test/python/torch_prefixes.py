"""Rewards with shared prefixes beside rewards of whole texts, in fp32, on random causal models.

    python test/python/torch_prefixes.py

Prints a JSON object: per model the largest difference of each case, and the standard deviation of the scores.
"""

import json
import pathlib
import random
import sys

import torch
from transformers import AutoModel, GPT2Config, Gemma2Config, LlamaConfig, MistralConfig, Qwen2Config

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "src" / "models" / "torch" / "worker"))
from body import CausalBody  # noqa: E402
from prefixes import Group, group  # noqa: E402

SIZES = dict(vocab_size=300, hidden_size=64, num_hidden_layers=3, num_attention_heads=4, initializer_range=0.3)
WIDE = dict(SIZES, num_key_value_heads=2, intermediate_size=128)
CONFIGS = {
    "llama": LlamaConfig(**WIDE),
    "qwen2": Qwen2Config(**WIDE),
    "gpt2": GPT2Config(vocab_size=300, n_embd=64, n_layer=3, n_head=4, initializer_range=0.3),
    "gemma2": Gemma2Config(**WIDE, head_dim=16, sliding_window=4096),
    "mistral, window 16": MistralConfig(**WIDE, sliding_window=16),
    "gemma2, window 16": Gemma2Config(**WIDE, head_dim=16, sliding_window=16),
}


def cases(draw):
    """Name, rows and groups. `None`: the groups that the worker chooses itself."""
    text = lambda length: [draw.randint(1, 299) for _ in range(length)]
    prompt, other = text(120), text(90)
    yield "no common prefix", [text(50), text(70), text(60)], None
    yield "a prefix of one token", [[5, *text(40)], [5, *text(30)]], [Group([0, 1], 1)]
    yield "a group of one", [text(40)], [Group([0], 20)]
    yield "the whole text", [prompt, [*prompt, *text(30)]], None
    yield "equal texts", [prompt, list(prompt)], None
    yield "a group of five", [[*prompt, *text(length)] for length in (40, 1, 25, 9, 60)], None
    yield "two groups and a single", [
        *([*prompt, *text(length)] for length in (30, 12, 20)),
        *([*other, *text(length)] for length in (44, 3)),
        text(80),
    ], None


def main():
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    results = {}
    for name, config in CONFIGS.items():
        torch.manual_seed(5)
        model = AutoModel.from_config(config).eval()
        body = CausalBody(model)
        assert body.causal and body.shares, name
        head = torch.randn(model.config.hidden_size)
        differences, everything = {}, []
        for case, rows, groups in cases(random.Random(11)):
            reads = [[len(row) // 2, len(row) - 1] for row in rows]
            # Each text alone, by the model itself.
            expected = [model(torch.tensor([row]), use_cache=False)[0][0, read] @ head for row, read in zip(rows, reads)]
            body.computed = 0
            found = body.hidden(rows, reads) if groups is None else body.shared(rows, reads, groups)
            shares = groups is not None or body.computed < len(rows) * max(map(len, rows))
            assert shares == (case != "no common prefix"), (name, case, body.computed)
            found = [states @ head for states in found]
            everything += [value.item() for values in expected for value in values]
            differences[case] = max((a - b).abs().max().item() for a, b in zip(expected, found))
        results[name] = {"differences": differences, "deviation": torch.tensor(everything).std().item()}
    prompt = list(range(100))
    chosen = group([[*prompt, 1, 2], [*prompt, 3, 4], [200, 7], [200, 8]])
    print(json.dumps({"models": results, "groups": [[each.rows, each.length] for each in chosen]}))


if __name__ == "__main__":
    main()
