"""Clusters of rows as token ids, in batches of like length, with the scrambling of the vocabulary."""

from structure import SPECIALS
from render import conversations, encode
from words import FUNCTION_WORDS

SCRAMBLED = {
    "rag-citation": 0.7, "rag-abstain": 0.7, "count": 0.4, "format": 0.4, "topic": 0.3, "role": 0.2, "order": 0.2,
    "binding": 0.7,
}  # fmt: skip


class Scrambler:
    """Renames all words that carry content, consistently over a cluster, so that relations are learnt and not words."""

    def __init__(self, tokenizer):
        self.words, self.pieces, self.function = [], [], []
        keep = set(FUNCTION_WORDS)
        for word, i in sorted(tokenizer.get_vocab().items(), key=lambda x: x[1]):
            if i < SPECIALS or not word.removeprefix("##").isalnum() or len(word.removeprefix("##")) < 2:
                continue
            (self.function if word in keep else self.pieces if word.startswith("##") else self.words).append(i)

    def renaming(self, rng):
        """A random renaming of content words and pieces, and of a tenth of the function words into content words."""
        names = {}
        for group in (self.words, self.pieces):
            names.update(zip(group, rng.sample(group, len(group))))
        for i in rng.sample(self.function, len(self.function) // 10):
            names[i] = rng.choice(self.words)
        return names


class Cluster:
    """Distinct conversations of a cluster and the rows as (chosen, rejected) indices into them."""

    def __init__(self, suite, rows, tokenizer):
        texts, pairs = {}, []
        for row in rows:
            pairs.append(tuple(texts.setdefault(t, len(texts)) for t in conversations(row)))
        self.suite, self.kind, self.pairs = suite, rows[0]["subset"], pairs
        self.ids = encode(tokenizer, texts)
        self.length = max(map(len, self.ids))
        if len(pairs) == 2 and len(texts) == 4:
            # A mirrored cluster: for each response, the context that makes it right is better than the other.
            (a, b), (c, d) = pairs
            self.pairs = pairs + [(a, d), (c, b)]


def clusters(suites, tokenizer):
    made = []
    for suite, rows in suites.items():
        groups = {}
        for row in rows:
            groups.setdefault(row["id"].rsplit(".", 1)[0] if suite != "safety" else (row["cluster"], row["tags"]["frames"]), []).append(row)
        made += [Cluster(suite, group, tokenizer) for group in groups.values()]
    return made


def batches(items, tokens, rng):
    """Batches of about that many tokens, clusters of like length together, in random order."""
    items = sorted(items, key=lambda c: c.length + rng.random() * 12)
    out, batch, n = [], [], 0
    for c in items:
        batch.append(c)
        n += len(c.ids) * c.length
        if n >= tokens:
            out.append(batch)
            batch, n = [], 0
    if batch:
        out.append(batch)
    rng.shuffle(out)
    return out


def collate(batch, scrambler=None, rng=None):
    """Padded ids and (chosen, rejected) row indices into them; with a scrambler some clusters are renamed."""
    rows, pairs = [], []
    for c in batch:
        share = SCRAMBLED.get(c.suite, SCRAMBLED.get(c.kind, 0)) if scrambler else 0
        names = scrambler.renaming(rng) if share and rng.random() < share else {}
        pairs += [(a + len(rows), b + len(rows)) for a, b in c.pairs]
        rows += [[names.get(i, i) for i in ids] for ids in c.ids]
    return rows, pairs
