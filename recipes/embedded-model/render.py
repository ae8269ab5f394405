"""From a conversation to token ids, exactly as rmbench does it: documents, chat template, tokenizer."""

import json
from collections import Counter
from pathlib import Path

from jinja2 import Environment
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from structure import FIRST_MARKER, MARKERS

MAX_LENGTH = 512
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[USER]", "[ASSISTANT]", "[SYSTEM]", "[NL]", "[PARA]"]
SPECIALS += [f"[{i}]" for i in range(MARKERS)]
# The tokenizer drops line breaks, so the template writes them as tokens.
TEMPLATE = (
    "[CLS]{% for message in messages %}{% if loop.last %}[SEP]{% elif message.role == 'user' %}[USER]"
    "{% elif message.role == 'assistant' %}[ASSISTANT]{% else %}[SYSTEM]{% endif %}"
    "{{ message.content | replace('\\n\\n', ' [PARA] ') | replace('\\n', ' [NL] ') }}{% endfor %}[SEP]"
)
_template = Environment().from_string(TEMPLATE)


def with_documents(prompt, documents):
    """The `numbered` document template: a line `[i] title: text` for each, a blank line, then the last user turn."""
    if not documents:
        return prompt
    lines = [f"[{i + 1}] {d['title'] + ': ' if d['title'] else ''}{d['text']}" for i, d in enumerate(documents)]
    last = max(i for i, m in enumerate(prompt) if m["role"] == "user")
    turn = {"role": "user", "content": "\n".join(lines) + "\n\n" + prompt[last]["content"]}
    return [*prompt[:last], turn, *prompt[last + 1 :]]


def render(prompt, documents, response):
    return _template.render(messages=[*with_documents(prompt, documents), {"role": "assistant", "content": response}])


def conversations(row):
    """The chosen and the rejected conversation of a row of a suite."""
    chosen = render(row["prompt"], row["documents"], row["chosen"][0])
    return chosen, render(row["rejected_prompt"] or row["prompt"], row["documents"], row["rejected"][0])


def train_tokenizer(texts, size):
    """Lower-casing WordPiece; a word has the same ids wherever it stands, and every letter has a piece.

    The vocabulary is counted here because the library's own trainer breaks ties at random: every word of the texts that
    occurs, then the most frequent beginnings and continuations of two to four letters, ties by spelling.
    """
    normalizer, splitter = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
    words, parts = Counter(), Counter()
    for text in texts:
        words.update(word for word, _ in splitter.pre_tokenize_str(normalizer.normalize_str(text)))
    for word in words:
        for n in (2, 3, 4):
            parts.update(("##" if i else "") + word[i : i + n] for i in range(len(word) - n + 1))
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    marks = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~£€°–—‘’“”…"
    pieces = [*SPECIALS, *marks, *letters, *(f"##{x}" for x in letters)]
    for counts in (words, parts):
        pieces += [piece for piece, _ in sorted(counts.items(), key=lambda x: (-x[1], x[0]))]
    vocabulary = {piece: i for i, piece in enumerate(list(dict.fromkeys(pieces))[:size])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizer, splitter
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in SPECIALS])
    assert tokenizer.token_to_id("[0]") == FIRST_MARKER
    return tokenizer


def encode(tokenizer, texts):
    """Token ids; the template has written the special tokens, so none are added."""
    return [e.ids[:MAX_LENGTH] for e in tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def read_rows(path):
    with Path(path).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
