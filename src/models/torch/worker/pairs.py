"""PairRM (2306.02561): two responses in one input of an encoder, compared by the states of their markers."""

import torch

from protocol import number
from refusal import Refusal
from scorer import Model
from weights import read_tensors


def pair_head(folder, prefix, hidden):
    """
    Linear, tanh, linear: dropout stands before each in the published module, so they are numbers 1 and 4 of it.
    @raises Refusal where the checkpoint has other tensors there, or of other shapes.
    """
    found = read_tensors(folder, lambda name: name.startswith(f"{prefix}."))
    names = [f"{prefix}.{layer}.{part}" for layer in (1, 4) for part in ("weight", "bias")]
    if set(found) != set(names):
        there = ", ".join(sorted(found)) or "none of that name"
        raise Refusal(
            "model",
            f"{folder} has not the head of a pair ranker, {', '.join(names)}; it has {there}",
            "this checkpoint is not what the preset describes; take another preset, or none",
        )
    layers = []
    for layer in (1, 4):
        weight, bias = (found[f"{prefix}.{layer}.{part}"] for part in ("weight", "bias"))
        width = 2 * hidden if layer == 1 else layers[0].out_features
        if weight.dim() != 2 or weight.shape[1] != width or bias.shape != weight.shape[:1]:
            shape = "×".join(map(str, weight.shape))
            raise Refusal("model", f"{prefix}.{layer} of {folder} is {shape}, and {width} columns are needed")
        linear = torch.nn.Linear(width, len(weight))
        linear.weight.data, linear.bias.data = weight.float(), bias.float()
        layers.append(linear)
    return torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1])


class PairRanker(Model):
    """`reads` of an item are the places of its three markers: prompt, first and second response."""

    def __init__(self, body, head, config, device):
        body = body.eval().to(device)
        super().__init__(config, device, body.parameters())
        self.body = body
        self.head = head.eval().to(device)

    def score(self, items):
        longest = max(len(item["ids"]) for item in items)
        padded = lambda rows: torch.tensor([row + [0] * (longest - len(row)) for row in rows], device=self.device)
        ids = padded([item["ids"] for item in items])
        mask = padded([[1] * len(item["ids"]) for item in items])
        states = self.body(input_ids=ids, attention_mask=mask)[0]
        return [{"value": number(self.sign * self._compare(states[at, item["reads"]]))} for at, item in enumerate(items)]

    def _compare(self, markers):
        source, first, second = markers.float()
        # A column per task that it was trained on, of which the mean counts.
        return (self.head(torch.cat([source, first])) - self.head(torch.cat([source, second]))).mean()
