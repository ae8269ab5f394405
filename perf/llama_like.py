"""A Llama-like sequence classifier (6 layers, 384 hidden, 4,096 positions) with random weights and a tokenizer of one
token a word, to measure speed with: `python perf/llama_like.py <out-dir>`.

The head is scaled so that scores spread: equal means between plans then say something.
"""

import sys

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import LlamaConfig, LlamaForSequenceClassification, PreTrainedTokenizerFast

out = sys.argv[1]
words = ["<s>", "</s>", "<pad>", "<unk>", *(f"w{number}" for number in range(1000))]
tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
fast = PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>",
    model_max_length=4096,
)
fast.chat_template = "{% for message in messages %}{{ message['content'] }} {{ eos_token }} {% endfor %}"
fast.save_pretrained(out)
torch.manual_seed(1)
config = LlamaConfig(
    vocab_size=len(words), hidden_size=384, num_hidden_layers=6, num_attention_heads=6, num_key_value_heads=3,
    intermediate_size=1024, max_position_embeddings=4096, num_labels=1, pad_token_id=2, bos_token_id=0, eos_token_id=1,
    initializer_range=0.05,
)
model = LlamaForSequenceClassification(config).eval()
with torch.no_grad():
    model.score.weight *= 20
model.save_pretrained(out)
