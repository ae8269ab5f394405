"""Tiny random causal language models, and the log-probabilities of responses by transformers' own logits.

    python test/python/implicit_lm.py <out-dir>

Writes <out-dir>/{policy,reference,gemma2,cohere,stranger}: language models; <out-dir>/classifier: a reward model; and
<out-dir>/expected.json: texts with the log-probability of each token from the response's first on, by model, computed one
text at a time from whole forward passes. All but `stranger` share a tokenizer.
"""

import json
import pathlib
import random
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    CohereConfig,
    CohereForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    PreTrainedTokenizerFast,
)

OUT = pathlib.Path(sys.argv[1])
WORDS = "river stone bridge amber lantern hollow quiet seven candle meadow drift iron saffron the of under between".split()
CHATML = (
    "{{ bos_token }}{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
torch.set_num_threads(1)


def texts():
    draw = random.Random(5)
    line = lambda most: " ".join(draw.choice(WORDS) for _ in range(draw.randint(3, most)))
    # Prompts are long, so that what two responses share is worth computing once.
    prompts = [" ".join(line(9) for _ in range(6)) for _ in range(5)]
    return [{"prompt": prompt, "response": line(size)} for prompt in prompts for size in (4, 12, 30)]


def make_tokenizer(seed_words, template):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", "<pad>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=360, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([" ".join(seed_words)] * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>")
    fast.chat_template = template
    return fast


TOKENIZER = make_tokenizer(WORDS, CHATML)
SIZES = dict(
    vocab_size=len(TOKENIZER), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=512, initializer_range=0.3, bos_token_id=0, eos_token_id=1,
    pad_token_id=2,
)  # fmt: skip


def save(name, model, tokenizer=TOKENIZER):
    folder = OUT / name
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return model


@torch.no_grad()
def logprobs(model, item):
    prompt = [{"role": "user", "content": item["prompt"]}]
    whole = [*prompt, {"role": "assistant", "content": item["response"]}]
    encode = lambda text: TOKENIZER(text, add_special_tokens=False).input_ids
    before = encode(TOKENIZER.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True))
    ids = encode(TOKENIZER.apply_chat_template(whole, tokenize=False))
    assert ids[: len(before)] == before
    all_of_them = torch.log_softmax(model(input_ids=torch.tensor([ids])).logits[0].double(), dim=-1)
    return [all_of_them[at - 1, ids[at]].item() for at in range(len(before), len(ids))]


def main():
    items = texts()
    built = {}
    for seed, (name, model) in enumerate(
        {
            "policy": lambda: LlamaForCausalLM(LlamaConfig(**SIZES)),
            "reference": lambda: LlamaForCausalLM(LlamaConfig(**SIZES)),
            "gemma2": lambda: Gemma2ForCausalLM(Gemma2Config(**SIZES, head_dim=8, final_logit_softcapping=2.0)),
            "cohere": lambda: CohereForCausalLM(CohereConfig(**SIZES, logit_scale=0.25)),
        }.items()
    ):
        torch.manual_seed(seed)
        built[name] = save(name, model())
    stranger = make_tokenizer(WORDS[::-1] + ["riverstone", "bridgework"], CHATML)
    save("stranger", LlamaForCausalLM(LlamaConfig(**SIZES)), stranger)
    save("classifier", LlamaForSequenceClassification(LlamaConfig(**SIZES, num_labels=1)))
    scores = {name: [logprobs(model, item) for item in items] for name, model in built.items()}
    (OUT / "expected.json").write_text(json.dumps({"texts": items, "logprobs": scores}))


main()
