"""Tensors of a checkpoint by name, without the model's code."""

import json
import os

import torch

from refusal import Refusal


def weight_files(folder):
    """File by tensor name, or None as name where only the files themselves can tell."""
    for index in ("model.safetensors.index.json", "pytorch_model.bin.index.json"):
        path = os.path.join(folder, index)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return sorted({os.path.join(folder, name) for name in json.load(file)["weight_map"].values()})
    for name in ("model.safetensors", "pytorch_model.bin"):
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return [path]
    raise Refusal("model", f"{folder} has neither model.safetensors nor pytorch_model.bin, nor an index of several")


def read_tensors(folder, wanted):
    """The tensors whose names `wanted` accepts."""
    found = {}
    for path in weight_files(folder):
        if path.endswith(".safetensors"):
            from safetensors import safe_open

            with safe_open(path, framework="pt") as file:
                found |= {name: file.get_tensor(name) for name in file.keys() if wanted(name)}
        else:
            tensors = torch.load(path, map_location="cpu", weights_only=True)
            found |= {name: tensor for name, tensor in tensors.items() if wanted(name)}
    return found
