"""The embedded reward model: a small transformer that is told, inside its graph, which tokens are equal.

A model of this size learns no word meanings worth having. What it can learn is to compare: whether the words of an
answer stand in the document that it cites, whether one sentence holds everything that was asked for, in which order
things were named. So everything of that sort is computed from `input_ids` by equality, without gradient: sentences,
documents, the question and the answer from marker tokens and cumulative sums, the relations between tokens as
[B, T, T] matrices. They enter as attention biases (one learnt weight per layer, head and relation), as token features,
and as features of the whole text beside the pooled states.
"""

import torch
from torch import nn
from torch.nn import functional as F
from structure import Structure, shifted

RELATIONS = 18
TOKEN_FEATURES = 16
TEXT_FEATURES = 52


def highest(x, where, dim):
    """Maximum over places where `where` is 1, 0 if there is none; x is in [0, 1]."""
    return (x * where).amax(dim)


def lowest(x, where, dim):
    """Minimum over places where `where` is 1, 1 if there is none."""
    return 1 - ((1 - x) * where).amax(dim)


class RewardModel(nn.Module):
    def __init__(self, vocabulary, config, width=96, layers=3, heads=4, inner=2, dropout=0.1):
        super().__init__()
        self.config, self.layers, self.heads, self.width = config, layers, heads, width
        self.embed = nn.Embedding(vocabulary, width)
        nn.init.normal_(self.embed.weight, std=0.3)
        self.weight = nn.Embedding(vocabulary, 1)
        nn.init.zeros_(self.weight.weight)
        self.region = nn.Embedding(4, width)
        self.ordinal = nn.Embedding(10, width)
        self.features = nn.Linear(TOKEN_FEATURES, width)
        self.enter = nn.LayerNorm(width)
        self.bias = nn.Parameter(torch.zeros(RELATIONS, layers * heads))
        with torch.no_grad():
            for layer in range(layers):
                for head, relation, value in ((0, 0, 3.0), (1, 6, 2.0), (2, 1, 3.0), (3, 9, 3.0)):
                    self.bias[relation, layer * heads + head] = value
        self.attend = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(layers))
        self.project = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.before = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.between = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.widen = nn.ModuleList(nn.Linear(width, inner * width) for _ in range(layers))
        self.narrow = nn.ModuleList(nn.Linear(inner * width, width) for _ in range(layers))
        self.drop = nn.Dropout(dropout)
        self.norm = nn.LayerNorm(5 * width)
        self.read = nn.Linear(5 * width, 64)
        self.left, self.right = nn.Linear(width, 64), nn.Linear(width, 64)
        self.mine, self.theirs = nn.Linear(width, 64), nn.Linear(width, 64)
        self.compare = nn.Linear(TEXT_FEATURES, 64)
        # Bags of words of question and answer that meet in a product: which answers suit which questions.
        self.asked_bag, self.answer_bag = nn.Embedding(vocabulary, 32), nn.Embedding(vocabulary, 32)
        self.count_bag = nn.Embedding(10, 32)
        for table in (self.asked_bag, self.answer_bag, self.count_bag):
            nn.init.normal_(table.weight, std=0.5)
        self.final = nn.LayerNorm(width)
        self.mix = nn.Linear(288, 64)
        self.score = nn.Linear(64, 1)

    def overlaps(self, s, w):
        """Weighted overlaps. w [B, T]: how much a token counts, learnt, in (0, 1)."""
        eps = 1e-4
        equal, same_sentence, q, a = s.equal, s.same_sentence, s.question, s.answer
        wq, wa = w * q, w * a
        asked = (equal * q.unsqueeze(1)).amax(2)  # the token stands in the question
        told = (equal * s.in_document.unsqueeze(1)).amax(2)
        answered = (equal * a.unsqueeze(1)).amax(2)
        novel = a * (1 - asked)
        wn = w * novel
        in_sentence = (same_sentence @ equal).clamp(max=1)  # [i, t]: token t occurs in the sentence of i
        in_document = (s.same_document @ equal).clamp(max=1)
        doc = s.in_document
        nq, nn_, na = (x.sum(1, keepdim=True) + eps for x in (wq, wn, wa))
        seen = (wq * told).sum(1, keepdim=True) + eps
        by_question = in_sentence @ wq.unsqueeze(2)
        qc = (by_question / nq.unsqueeze(1)).squeeze(2)  # share of the question that the sentence of i holds
        qr = (by_question / seen.unsqueeze(1)).squeeze(2).clamp(max=1)
        an = ((in_sentence @ wn.unsqueeze(2)) / nn_.unsqueeze(1)).squeeze(2)
        qd = ((in_document @ wq.unsqueeze(2)) / nq.unsqueeze(1)).squeeze(2)

        # The share of j's sentence that the sentence, or the document, of i holds; all words, and those not asked.
        size = (same_sentence @ w.unsqueeze(2)).transpose(1, 2) + eps
        size_new = (same_sentence @ wn.unsqueeze(2)).transpose(1, 2) + eps
        covers = ((in_sentence * w.unsqueeze(1)) @ same_sentence) / size
        covers_new = ((in_sentence * wn.unsqueeze(1)) @ same_sentence) / size_new
        held = ((in_document * w.unsqueeze(1)) @ same_sentence) / size
        held_new = ((in_document * wn.unsqueeze(1)) @ same_sentence) / size_new

        # Citations: rows are the documents' markers, columns the answer's tokens (by sentence).
        cited = ((s.equal_marker * s.answer_all.unsqueeze(1)) @ same_sentence).clamp(max=1)
        row = s.line_marker.unsqueeze(2)
        rows_cited, rows_free = row * cited, row * (1 - cited)
        answer = s.answer_all
        length = answer.sum(1, keepdim=True) + eps
        text, token = [], []
        for support in (held_new, held, held_new * qd.unsqueeze(2), qd.unsqueeze(2) + 0 * held):
            best, worst, free = highest(support, rows_cited, 1), lowest(support, rows_cited, 1), highest(support, rows_free, 1)
            for x in (best, worst, free):
                text += [(x * answer).sum(1, keepdim=True) / length, lowest(x, answer, 1).unsqueeze(1)]
            token += [best, worst, free]
        count = (s.marker * answer).sum(1, keepdim=True)
        citing = (((s.marker * answer).unsqueeze(1) @ same_sentence).squeeze(1).clamp(max=1) * answer).sum(1, keepdim=True)
        documents = s.line_marker.sum(1, keepdim=True)

        # Order: where in the question the answer's words stand, against where they stand in the answer.
        found = equal * q.unsqueeze(1)
        matches = found.sum(2)
        at = (found @ s.place.unsqueeze(2)).squeeze(2) / (matches + eps)
        hit = wa * (matches > 0).to(w.dtype)
        hits = hit.sum(1, keepdim=True) + eps
        centred = (at - (at * hit).sum(1, keepdim=True) / hits) * hit
        centred_place = (s.place - (s.place * hit).sum(1, keepdim=True) / hits) * hit
        order = (centred * centred_place).sum(1, keepdim=True) / (
            ((centred**2).sum(1, keepdim=True) * (centred_place**2).sum(1, keepdim=True) + eps).sqrt()
        )
        both = qc * an
        # Facts told in the question itself: the sentence closest to the last one, and what of the answer it holds.
        wl, wo = w * s.asking, wa * asked
        near = ((in_sentence @ wl.unsqueeze(2)).squeeze(2) / (wl.sum(1, keepdim=True) + eps)) * s.telling
        holds = (in_sentence @ wo.unsqueeze(2)).squeeze(2) / (wo.sum(1, keepdim=True) + eps)
        closest = near.amax(1, keepdim=True)
        text += [near.amax(1, keepdim=True), (near * holds).amax(1, keepdim=True)]
        text += [(near * (1 - holds)).amax(1, keepdim=True), closest - (near * holds).amax(1, keepdim=True)]
        text += [
            highest(x, doc, 1).unsqueeze(1) for x in (qc, qr, an, both, qr * an, qd)
        ] + [
            (wn * told).sum(1, keepdim=True) / nn_,
            (wa * asked).sum(1, keepdim=True) / na,
            (wq * answered).sum(1, keepdim=True) / nq,
            (wq * told).sum(1, keepdim=True) / nq,
            count.clamp(max=4) / 4,
            (count > 0).to(w.dtype),
            (count > 1).to(w.dtype),
            citing / length,
            (documents > 0).to(w.dtype),
            order,
            s.separators.unsqueeze(1).clamp(max=8) / 8,
            (nn_ > 0.2).to(w.dtype),
            (highest(qr, doc, 1).unsqueeze(1) - highest(qr * an, doc, 1).unsqueeze(1)),
            (highest(qc, doc, 1).unsqueeze(1) - highest(both, doc, 1).unsqueeze(1)),
            highest(an, s.question, 1).unsqueeze(1),
            highest(covers_new * row.new_ones(1), s.in_document.unsqueeze(2) * answer.unsqueeze(1), 1).sum(1, keepdim=True) / length,
        ]
        token = [asked, told, answered, w, qc * doc, qr * doc, an, both * doc] + token[:6] + [at / 64, matches.clamp(max=3) / 3]
        text = torch.cat(text, 1)
        text = F.pad(text, (0, TEXT_FEATURES - text.shape[1]))
        return torch.stack(token, 2), text, covers, covers_new

    def relations(self, s, covers, covers_new, w):
        e, gap, both = s.equal, s.gap, s.both
        cross = e * (1 - s.same_region)
        previous = (gap == 1).to(e.dtype) * both
        following = (gap == -1).to(e.dtype) * both
        e_before = shifted(e, -2, 1)  # my previous token is that token
        e_after = shifted(e, -1, 1)  # that token's previous token is me
        bigram = e * shifted(e_before, -1, 1)
        first = (s.place.unsqueeze(1) == 1).to(e.dtype) * both
        return torch.stack(
            [
                e,
                cross,
                bigram,
                e_before,
                e_after,
                cross * w.unsqueeze(1),
                s.same_sentence,
                s.same_document,
                s.same_region,
                previous,
                following,
                (gap == 2).to(e.dtype) * both,
                (gap == -2).to(e.dtype) * both,
                torch.log1p(gap.abs()) * both,
                first,
                covers,
                covers_new,
                s.equal_marker,
            ],
            3,
        )

    def forward(self, input_ids, attention_mask):
        """Token ids and mask [B, T] to logits [B, 1]."""
        with torch.no_grad():
            s = Structure(input_ids, attention_mask, self.config)
        w = torch.sigmoid(self.weight(input_ids).squeeze(2)) * s.content
        token, text, covers, covers_new = self.overlaps(s, w)
        relations = self.relations(s, covers, covers_new, w)
        region = (s.question + 2 * s.in_document + 3 * s.answer_all).clamp(max=3).long()
        x = self.embed(input_ids) + self.region(region) + self.features(token)
        x = self.drop(self.enter(x + self.ordinal(s.ordinal.clamp(max=9).long())))
        b, t = input_ids.shape
        hidden = (1 - s.mask).unsqueeze(1).unsqueeze(1) * -1e4
        bias = (relations @ self.bias).permute(0, 3, 1, 2)
        size = self.width // self.heads
        for i in range(self.layers):
            qkv = self.attend[i](self.before[i](x)).reshape(b, t, 3, self.heads, size).permute(2, 0, 3, 1, 4)
            logits = qkv[0] @ qkv[1].transpose(2, 3) * size**-0.5
            logits = logits + bias[:, i * self.heads : (i + 1) * self.heads] + hidden
            mixed = (torch.softmax(logits, 3) @ qkv[2]).permute(0, 2, 1, 3).reshape(b, t, self.width)
            x = x + self.drop(self.project[i](mixed))
            x = x + self.drop(self.narrow[i](F.gelu(self.widen[i](self.between[i](x)))))
        x = self.final(x)
        answer = s.answer_all.unsqueeze(2)
        question = s.question.unsqueeze(2)
        asked_bag = (self.asked_bag(input_ids) * question).sum(1) / (question.sum(1) + 1).sqrt()
        answer_bag = (self.answer_bag(input_ids) * answer).sum(1) / (answer.sum(1) + 1).sqrt()
        answer_bag = answer_bag + self.count_bag(s.separators.clamp(max=9).long())
        mean_answer = (x * answer).sum(1) / (answer.sum(1) + 1e-4)
        mean_question = (x * question).sum(1) / (question.sum(1) + 1e-4)
        # Words of the answer that the question has too: their states there, and those against their states here.
        matched = s.equal * s.answer.unsqueeze(2) * s.question.unsqueeze(1)
        times = matched.sum(2, keepdim=True)
        there = (matched @ x) / (times + 1e-4)
        hit = (w.unsqueeze(2) * times.clamp(max=1)) * answer
        hits = hit.sum(1) + 1e-3
        pooled = torch.cat(
            [
                x[:, 0],
                mean_answer,
                (x * answer - 1e4 * (1 - answer)).amax(1).clamp(min=-1e3),
                mean_question,
                (there * hit).sum(1) / hits,
            ],
            1,
        )
        state = torch.cat(
            [
                F.gelu(self.read(self.drop(self.norm(pooled)))),
                F.gelu(self.compare(text)),
                self.left(mean_question) * self.right(mean_answer),
                (self.mine(x) * self.theirs(there) * hit).sum(1) / hits,
                asked_bag * answer_bag,
            ],
            1,
        )
        return self.score(F.gelu(self.mix(self.drop(state))))
