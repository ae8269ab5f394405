"""Random BERT-like and Llama-like sequence classifiers, exported by recipes/export-onnx.py, with PyTorch's scores.

    python test/python/parity.py <out-dir>

Writes <out-dir>/{bert,llama}, their checkpoints <out-dir>/{bert,llama}-checkpoint, and <out-dir>/expected.json: 500 conversations, scored one by one. Heads are scaled so that
scores spread with a standard deviation of at least 1.
"""

import json
import pathlib
import random
import subprocess
import sys

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    LlamaConfig,
    LlamaForSequenceClassification,
    PreTrainedTokenizerFast,
)

OUT = pathlib.Path(sys.argv[1])
EXPORT = pathlib.Path(__file__).parents[2] / "recipes" / "export-onnx.py"
WORDS = (
    "river stone bridge winter market lantern garden engine letter harbour quiet seven copper morning ladder orchard "
    "signal paper mountain blue answer because perhaps never always water light children doctor north ticket 三時 🕒 é"
).split()
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>\n{{ message['content'] }}{{ eos_token }}\n"
    "{% endfor %}"
)


def conversations():
    draw = random.Random(7)
    sentence = lambda low, high: " ".join(draw.choice(WORDS) for _ in range(draw.randint(low, high))) + "."
    return [{"prompt": sentence(3, 20), "response": sentence(1, 60)} for _ in range(500)]


def wordpiece(texts):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=600, special_tokens=special))
    ids = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    tokenizer.decoder = decoders.WordPiece()
    names = dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=512,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **names,
    )


def bytepairs(texts):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", "<pad>", "<|user|>", "<|assistant|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=800, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", model_max_length=512
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def scaled(model, tokenizer, encode, items):
    """Scales the head until the scores of the first 60 items spread with a standard deviation of 2."""
    head = model.classifier if hasattr(model, "classifier") else model.score
    with torch.no_grad():
        scores = torch.cat([model(**encode(tokenizer, item)).logits[0] for item in items[:60]])
        head.weight.mul_(2 / scores.std())
    return model


def encode_bert(tokenizer, item):
    return tokenizer(item["prompt"], item["response"], return_tensors="pt")


def encode_llama(tokenizer, item):
    messages = [{"role": "user", "content": item["prompt"]}, {"role": "assistant", "content": item["response"]}]
    text = tokenizer.apply_chat_template(messages, tokenize=False)
    # One BOS: the template writes it, so the tokenizer must not add another.
    return tokenizer(text, add_special_tokens=False, return_tensors="pt", return_token_type_ids=False)


def main():
    torch.manual_seed(3)
    items = conversations()
    texts = [text for item in items for text in item.values()]
    wordpieces, pairs = wordpiece(texts), bytepairs(texts)
    bert = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(wordpieces), hidden_size=128, num_hidden_layers=3, num_attention_heads=4,
            intermediate_size=256, num_labels=1, initializer_range=0.2,
        )
    ).eval()
    llama = LlamaForSequenceClassification(
        LlamaConfig(
            vocab_size=len(pairs), hidden_size=128, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
            intermediate_size=256, num_labels=1, pad_token_id=pairs.pad_token_id, initializer_range=0.2,
        )
    ).eval()
    expected = {}
    for name, model, tokenizer, encode in (
        ("bert", bert, wordpieces, encode_bert),
        ("llama", llama, pairs, encode_llama),
    ):
        scaled(model, tokenizer, encode, items)
        with torch.no_grad():
            expected[name] = [model(**encode(tokenizer, item)).logits[0, 0].item() for item in items]
        checkpoint = OUT / f"{name}-checkpoint"
        model.save_pretrained(checkpoint)
        tokenizer.save_pretrained(checkpoint)
        subprocess.run([sys.executable, str(EXPORT), str(checkpoint), str(OUT / name)], check=True)
    (OUT / "expected.json").write_text(json.dumps({"conversations": items, "scores": expected}))


if __name__ == "__main__":
    main()
