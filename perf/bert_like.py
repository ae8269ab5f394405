"""A BERT-like sequence classifier of MiniLM's size (6 layers, 384 hidden, 512 positions) with random weights, to measure
speed with: `python perf/bert_like.py <folder with a tokenizer.json> <out-dir>`, then recipes/export-onnx.py.

The head is scaled so that scores spread: equal means between plans then say something.
"""

import pathlib
import sys

import torch
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

source, out = map(pathlib.Path, sys.argv[1:])
names = dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(source / "tokenizer.json"), model_max_length=512, model_input_names=["input_ids", "token_type_ids", "attention_mask"], **names)
tokenizer.save_pretrained(out)
torch.manual_seed(1)
config = BertConfig(
    vocab_size=len(tokenizer), hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
    max_position_embeddings=512, num_labels=1, pad_token_id=tokenizer.pad_token_id, initializer_range=0.05,
)
model = BertForSequenceClassification(config).eval()
with torch.no_grad():
    model.classifier.weight *= 20
model.save_pretrained(out)
