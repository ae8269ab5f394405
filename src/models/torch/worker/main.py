"""Entry of rmbench's PyTorch worker: `python main.py`, or `python main.py probe` to say what is installed."""

import json
import sys
from importlib import metadata


def probe(devices):
    """Versions, and where `devices` is asked for the best device that PyTorch sees, which takes seconds."""
    found = {"python": sys.version.split()[0]}
    for name in ("torch", "transformers", "tokenizers", "safetensors"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    if devices and found["torch"]:
        import torch

        found["device"] = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    print(json.dumps(found))


def convert(source, target):
    """Writes tokenizer.json for a checkpoint that has only a slow tokenizer."""
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(source, use_fast=True, local_files_only=True).save_pretrained(target)


if __name__ == "__main__":
    what = sys.argv[1:2]
    if what == ["probe"]:
        probe("devices" in sys.argv)
    elif what == ["convert"]:
        convert(sys.argv[2], sys.argv[3])
    else:
        from protocol import serve

        def open_model(config):
            from scorer import open_model

            return open_model(config)

        serve(open_model)
