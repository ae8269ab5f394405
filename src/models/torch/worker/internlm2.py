"""
InternLM2's body as the Llama model that it is under other names, so that none of its own code has to run. `wqkv` holds,
for each key-value head, its query heads, then one key and one value.
"""

import re

from transformers import LlamaConfig, LlamaModel

from refusal import Refusal
from weights import read_tensors

NAMES = {
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w3": "mlp.up_proj",
    "feed_forward.w2": "mlp.down_proj",
}


def load_internlm2(folder, config, dtype, attention):
    scaling = config.get("rope_scaling")
    llama = LlamaConfig(
        vocab_size=config["vocab_size"],
        hidden_size=config["hidden_size"],
        intermediate_size=config["intermediate_size"],
        num_hidden_layers=config["num_hidden_layers"],
        num_attention_heads=config["num_attention_heads"],
        num_key_value_heads=config.get("num_key_value_heads") or config["num_attention_heads"],
        max_position_embeddings=config["max_position_embeddings"],
        rms_norm_eps=config["rms_norm_eps"],
        attention_bias=bool(config.get("bias", False)),
        hidden_act=config.get("hidden_act", "silu"),
        # Dynamic scaling begins beyond max_position_embeddings, and longer texts are never sent.
        rope_parameters={"rope_type": "default", "rope_theta": float(config.get("rope_theta", 10000))},
    )
    if scaling is not None and scaling.get("type") not in (None, "dynamic"):
        raise Refusal("model", f"InternLM2 with rope_scaling {scaling} is not supported")
    if attention is not None:
        llama._attn_implementation = attention
    model = LlamaModel(llama)
    state = {}
    for name, tensor in read_tensors(folder, lambda name: name.startswith("model.") and not name.endswith("inv_freq")).items():
        state |= _renamed(name.removeprefix("model."), tensor, llama)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if missing or unexpected:
        listed = ", ".join(sorted([*missing, *unexpected])[:8])
        raise Refusal("model", f"{folder} is not an InternLM2 body: missing or unknown {listed}")
    return model.to(dtype)


def _renamed(name, tensor, config):
    if name.startswith("tok_embeddings."):
        return {f"embed_tokens.{name.removeprefix('tok_embeddings.')}": tensor}
    layer = re.match(r"layers\.(\d+)\.(.+)\.(weight|bias)$", name)
    if layer is None:
        return {name: tensor}
    number, part, kind = layer.groups()
    at = f"layers.{number}"
    if part != "attention.wqkv":
        return {f"{at}.{NAMES.get(part, part)}.{kind}": tensor}
    heads, width = config.num_key_value_heads, config.hidden_size // config.num_attention_heads
    queries = config.num_attention_heads // heads
    grouped = tensor.reshape(heads, queries + 2, width, *tensor.shape[1:])
    parts = {"q_proj": grouped[:, :queries], "k_proj": grouped[:, queries : queries + 1], "v_proj": grouped[:, queries + 1 :]}
    return {f"{at}.self_attn.{name}.{kind}": part.reshape(-1, *tensor.shape[1:]) for name, part in parts.items()}
