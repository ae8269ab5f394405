"""
From hidden states to a reward. A head is called with the states at the positions that it reads, [positions, hidden], in
fp32 whatever the body's dtype is, so that two near rewards do not become one number.
"""

import re

import torch

from protocol import number
from refusal import Refusal
from weights import read_tensors


class Layers(torch.nn.Module):
    """Linear layers with ReLU between them, built from a checkpoint's tensors."""

    def __init__(self, tensors, where):
        super().__init__()
        names = sorted({name.rpartition(".")[0] for name in tensors}, key=lambda name: [int(n) for n in re.findall(r"\d+", name)])
        self.steps = torch.nn.ModuleList()
        for name in names:
            weight = tensors.get(f"{name}.weight" if name else "weight")
            bias = tensors.get(f"{name}.bias" if name else "bias")
            mean = tensors.get(f"{name}.running_mean")
            if weight is None or weight.dim() not in (1, 2) or (weight.dim() == 1) != (mean is not None):
                raise Refusal("model", f"{where}{name} is neither a linear layer nor a batch normalisation")
            if mean is not None:
                step = torch.nn.BatchNorm1d(len(weight))
                step.running_mean, step.running_var = mean.float(), tensors[f"{name}.running_var"].float()
                step.weight.data, step.bias.data = weight.float(), bias.float()
            else:
                step = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
                step.weight.data = weight.float()
                if bias is not None:
                    step.bias.data = bias.float()
            self.steps.append(step)
        self.normalised = any(isinstance(step, torch.nn.BatchNorm1d) for step in self.steps)
        self.width = [step for step in self.steps if isinstance(step, torch.nn.Linear)][-1].out_features

    def forward(self, states):
        last = len(self.steps) - 1
        for at, step in enumerate(self.steps):
            states = step(states)
            if at < last and isinstance(step, torch.nn.Linear):
                states = torch.relu(states)
        return states


def layers_at(folder, prefix):
    """The layers under `prefix`: `score`, `v_head.summary`, … @raises Refusal where the checkpoint has none."""
    tensors = read_tensors(folder, lambda name: name.startswith(f"{prefix}."))
    if not tensors:
        raise Refusal(
            "model",
            f"{folder} has no tensors named {prefix}.…, so its reward head is missing",
            "this checkpoint is not what the preset describes; take another preset, or none",
        )
    return Layers({name[len(prefix) + 1 :]: tensor for name, tensor in tensors.items()}, f"{prefix}.")


class LinearHead(torch.nn.Module):
    """One or several columns at each position; `column` says which is the reward."""

    def __init__(self, layers, column, normalise=None):
        super().__init__()
        self.layers = layers
        self.column = column
        self.normalise = normalise

    def forward(self, states):
        values = self.layers(states)
        if self.normalise is not None:
            values = self.normalise(values)
        return self.column(values)


class VocabularyHead(torch.nn.Module):
    """Logits of some vocabulary entries: rows of the output embedding."""

    def __init__(self, rows, bias, softcap, column):
        super().__init__()
        self.rows = torch.nn.Parameter(rows.float())
        self.bias = None if bias is None else torch.nn.Parameter(bias.float())
        self.softcap = softcap
        self.column = column

    def forward(self, states):
        logits = torch.nn.functional.linear(states, self.rows, self.bias)
        if self.softcap is not None:
            logits = self.softcap * torch.tanh(logits / self.softcap)
        return self.column(logits)


class GatedHead(torch.nn.Module):
    """
    ArmoRM (2406.12845) and QRM (2409.10164): rewards of several objectives at the last position, weighted by a gate that
    reads the end of the prompt. QRM gives quantiles of each objective, of which the mean counts.
    """

    def __init__(self, folder, config, names):
        super().__init__()
        tensors = read_tensors(
            folder, lambda name: name.startswith(("regression_layer.", "gating.")) or name == "reward_transform_matrix"
        )
        missing = {"regression_layer.weight", "reward_transform_matrix", "gating.logit_scale"} - set(tensors)
        if missing:
            raise Refusal("model", f"{folder} lacks {', '.join(sorted(missing))}, which its reward is computed from")
        self.regression = torch.nn.Parameter(tensors["regression_layer.weight"].float())
        self.transform = torch.nn.Parameter(tensors["reward_transform_matrix"].float())
        self.scale = torch.nn.Parameter(tensors["gating.logit_scale"].float())
        layers = {name[len("gating.layers.") :]: t for name, t in tensors.items() if name.startswith("gating.layers.")}
        self.gate = Layers(layers, "gating.layers.").eval()
        self.temperature = float(getattr(config, "gating_temperature", 10))
        objectives = len(self.transform)
        if len(self.regression) % objectives or self.gate.width != objectives:
            shapes = f"{len(self.regression)} rewards, {self.gate.width} gates"
            raise Refusal("model", f"the heads of {folder} do not fit together: {shapes}, {objectives} objectives")
        self.quantiles = len(self.regression) // objectives
        self.names = names if len(names) == objectives else [f"objective {at}" for at in range(objectives)]

    def forward(self, states):
        prompt, last = states[0:1], states[-1:]
        rewards = torch.nn.functional.linear(last, self.regression)
        rewards = rewards.reshape(-1, len(self.transform), self.quantiles).mean(2) @ self.transform
        gate = torch.softmax(self.gate(prompt) / self.temperature, dim=1) * self.scale[0]
        attributes = {name: number(value) for name, value in zip(self.names, rewards[0])}
        return {"value": (gate * rewards).sum(1), "attributes": attributes}


def columns(rule, width, labels, where):
    """Reads one value of `width` columns, as rmbench.json says. @raises Refusal where it does not say."""
    index, reduction = rule.get("index"), rule.get("reduction")
    if reduction == "softmax":
        if width != 2:
            raise Refusal("model", f"{where} gives {width} values, and a probability needs two")
        return lambda values: torch.softmax(values, dim=-1)[..., int(rule["of"])]
    if reduction == "sigmoid":
        return lambda values: torch.sigmoid(values[..., 0])
    if reduction == "mean":
        return lambda values: values.mean(-1)
    if reduction == "difference":
        if width != 2:
            raise Refusal("model", f"{where} gives {width} values, and `difference` needs two")
        return lambda values: values[..., 1] - values[..., 0]
    if reduction is not None:
        raise Refusal("model", f"`{reduction}` is no way to read a classifier: use scoreIndex, mean or difference")
    if index is None and width > 1:
        raise Refusal(
            "model",
            f"{where} gives {width} values a text, and which of them is the reward is not said",
            'write {"scoreIndex": …} (or a reduction) into rmbench.json beside the model; labels: ' + ", ".join(labels),
        )
    if isinstance(index, str):
        if index not in labels:
            raise Refusal("model", f"rmbench.json names the score {index!r}, but the labels are {', '.join(labels)}")
        index = labels.index(index)
    column = index or 0
    if column >= width:
        raise Refusal("model", f"rmbench.json names the score {column}, but {where} gives {width} values")
    return lambda values: values[..., column]
