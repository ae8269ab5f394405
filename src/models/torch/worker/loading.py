"""Loads a checkpoint for a head that is known, and refuses one whose head would be random."""

import json
import os

import torch
import transformers

from refusal import Refusal

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def device_of(name):
    """@raises Refusal where the device cannot be had."""
    if name == "cuda" and not torch.cuda.is_available():
        raise Refusal("machine", "--device cuda: PyTorch sees no CUDA device", _wheel())
    if name == "mps" and not torch.backends.mps.is_available():
        raise Refusal("machine", "--device mps: PyTorch sees no Metal device", "use --device cpu")
    return torch.device("cuda:0" if name == "cuda" else name)


def _wheel():
    return f"torch {torch.__version__} stands for {torch.version.cuda or 'CPU only'}: check the driver and the wheel, or use --device cpu"


def report(device, dtype):
    """What really runs, for the report."""
    if device.type == "cuda":
        driver = f"{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}"
    else:
        driver = torch.backends.cpu.get_cpu_capability() if device.type == "cpu" else None
    runtime = f"torch {torch.__version__}, transformers {transformers.__version__}"
    return {"used": str(device), "dtype": dtype, "runtime": runtime, "driver": driver}


def read_config(folder):
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        return json.load(file)


def load(loader, config, rename=None):
    """A pretrained model of a transformers class. @raises Refusal naming every weight that the checkpoint lacks."""
    folder, trust = config["dir"], bool(config.get("trustRemoteCode"))
    architecture = (read_config(folder).get("architectures") or ["no architecture"])[0]
    try:
        model, info = loader.from_pretrained(
            folder,
            dtype=DTYPES[config["dtype"]],
            trust_remote_code=trust,
            local_files_only=True,
            output_loading_info=True,
            **({"key_mapping": rename} if rename else {}),
            **({"attn_implementation": config["attention"]} if config.get("attention") else {}),
        )
    except (ValueError, ImportError, OSError, KeyError) as error:
        raise _unloadable(loader, folder, architecture, trust, error) from error
    except RuntimeError as error:
        if "size mismatch" not in str(error):
            raise
        raise Refusal("model", f"the weights of {folder} have other shapes than its config.json says: {_short(error)}") from error
    lacking = sorted(map(str, [*info["missing_keys"], *info["mismatched_keys"]]))
    return model, architecture, lacking, sorted(map(str, info["unexpected_keys"]))


def refuse_lacking(folder, architecture, lacking, unexpected):
    if not lacking:
        return
    there = f"; it has {_listed(unexpected)} instead" if unexpected else ""
    raise Refusal(
        "model",
        f"{folder} ({architecture}) lacks {_listed(lacking)}{there}, so its reward would be random",
        'is it a reward model? One of a known family needs its preset: {"preset": "…"} in rmbench.json',
    )


def refuse_unexpected(folder, unexpected, heads):
    """Of a body that is loaded apart from its head: what neither of them reads would be missing in the score."""
    known = (*heads, "lm_head.", "score.")
    strange = [name for name in unexpected if not name.startswith(known) and not name.endswith(("inv_freq", "position_ids"))]
    if strange:
        raise Refusal("model", f"{folder} has weights that nothing reads: {_listed(strange)}")


def _unloadable(loader, folder, architecture, trust, error):
    text = str(error)
    if "trust_remote_code" in text or ("does not recognize this architecture" in text and not trust):
        return Refusal(
            "model",
            f"{folder} ({architecture}) runs code of its own, which transformers does not have",
            "read that code, then allow it with --trust-remote-code",
        )
    if "flash_attn" in text or "FlashAttention" in text or "attn_implementation" in text or "attention implementation" in text:
        return Refusal("machine", f"--attention cannot be had: {_short(error)}", "install it, or use --attention sdpa")
    if "Unrecognized configuration class" in text:
        hint = "a language model has no reward head; one that is asked as a judge or for log-probabilities is another adapter's"
        if loader is transformers.AutoModelForCausalLM:
            return Refusal("model", f"{folder} ({architecture}) is no causal language model")
        return Refusal("model", f"{folder} ({architecture}) is of a kind that has no sequence classifier", hint)
    return Refusal("model", f"cannot load {folder} ({architecture}): {_short(error)}")


def _listed(names):
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _short(error):
    return " ".join(str(error).split())[:400]
