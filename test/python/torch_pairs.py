"""Tiny random models that compare two responses, with the tensors of known families.

    python test/python/torch_pairs.py <out-dir>

Writes <out-dir>/PairRM (a DeBERTa body and a head under the published names), <out-dir>/pair-preference (a Llama), broken
copies of them, and <out-dir>/items.json: conversations with two responses each.
"""

import json
import random
import shutil

import torch
from parity import OUT, WORDS, conversations
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
from torch import nn
from torch_heads import CONFIG, TOKENIZER
from transformers import DebertaV2Config, DebertaV2Model, LlamaForCausalLM, PreTrainedTokenizerFast

HIDDEN, TASKS = 32, 3
MARKERS = ["<|source|>", "<|candidate|>", "<|candidate1|>", "<|candidate2|>"]


def items():
    draw = random.Random(11)
    line = lambda count: " ".join(draw.choice(WORDS) for _ in range(count)) + "."
    user = lambda count: {"role": "user", "content": line(count)}
    plain = [{"prompt": [user(draw.randint(3, 20))], "responses": [line(draw.randint(1, 40)) for _ in "ab"]} for _ in range(8)]
    turns = [user(6), {"role": "assistant", "content": line(9)}, user(4)]
    several = [{"prompt": turns, "responses": [line(5), line(30)]}]
    # Beyond PairRM's budgets: of the prompt, of one response, of both, and of all three.
    lengths = [(1400, 20, 20), (10, 1500, 8), (300, 1100, 1200), (1500, 700, 650)]
    long = [{"prompt": [user(p)], "responses": [line(a), line(b)]} for p, a, b in lengths]
    return plain + several, long


def pair_ranker():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "[MASK]"]
    trainer = trainers.UnigramTrainer(vocab_size=400, special_tokens=special, unk_token="[UNK]")
    # What the contract asks too, whose probes would be a token a letter otherwise.
    probes = [f"Tell me something about it. Sentence {i} says a little more about it; a few words." for i in range(60)]
    tokenizer.train_from_iterator([*(text for item in conversations() for text in item.values()), *probes], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    names = dict(pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", unk_token="[UNK]", mask_token="[MASK]")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, additional_special_tokens=MARKERS, **names)
    ids = dict(zip(["source_prefix_id", "cand_prefix_id", "cand1_prefix_id", "cand2_prefix_id"], fast.convert_tokens_to_ids(MARKERS)))
    config = DebertaV2Config(
        vocab_size=len(fast), hidden_size=HIDDEN, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
        relative_attention=True, position_buckets=32, max_position_embeddings=64, position_biased_input=False,
        pos_att_type=["p2c", "c2p"], norm_rel_ebd="layer_norm", share_att_key=True, type_vocab_size=0,
        initializer_range=0.3, pad_token_id=0,
    )  # fmt: skip
    body = DebertaV2Model(config)
    head = nn.Sequential(nn.Dropout(0), nn.Linear(2 * HIDDEN, HIDDEN), nn.Tanh(), nn.Dropout(0), nn.Linear(HIDDEN, TASKS))
    head[4].weight.data.mul_(8)
    tensors = {f"pretrained_model.{name}": tensor for name, tensor in body.state_dict().items()}
    tensors |= {f"head_layer.{name}": tensor for name, tensor in head.state_dict().items()}
    folder = OUT / "PairRM"
    folder.mkdir(parents=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, str(folder / "model.safetensors"))
    own = {"architectures": ["DebertaV2PairRM"], "n_tasks": TASKS, "drop_out": 0.05, **ids}
    (folder / "config.json").write_text(json.dumps(config.to_dict() | own))
    fast.save_pretrained(folder)
    (folder / "rmbench.json").write_text(json.dumps({"preset": "PairRM"}))


def letters():
    model = LlamaForCausalLM(CONFIG)
    model.lm_head.weight.data.mul_(3)
    folder = OUT / "pair-preference"
    model.save_pretrained(folder)
    TOKENIZER.save_pretrained(folder)
    (folder / "rmbench.json").write_text(json.dumps({"preset": "pair-preference"}))


def changed(name, source, change):
    folder = OUT / name
    shutil.copytree(OUT / source, folder)
    file = str(folder / "model.safetensors")
    save_file(change(load_file(file)), file)


def main():
    torch.set_grad_enabled(False)
    torch.manual_seed(23)
    pair_ranker()
    letters()
    changed("head-lost", "PairRM", lambda tensors: {k: t for k, t in tensors.items() if not k.startswith("head_layer.4")})
    wrong = lambda tensors: tensors | {"head_layer.1.weight": torch.zeros(HIDDEN, HIDDEN)}
    changed("head-wrong", "PairRM", wrong)
    lost = lambda tensors: {k: t for k, t in tensors.items() if "layer.1.output.dense" not in k}
    changed("body-lost", "PairRM", lost)
    fits, long = items()
    (OUT / "items.json").write_text(json.dumps({"fits": fits, "long": long}))


if __name__ == "__main__":
    main()
