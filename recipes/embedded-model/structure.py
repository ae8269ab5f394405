"""What follows from token ids alone, without gradient: regions, sentences, documents, relations between tokens."""

import torch
from torch.nn import functional as F

PAD, UNK, CLS, SEP, USER, ASSISTANT, SYSTEM, NEWLINE, PARAGRAPH = range(9)
FIRST_MARKER, MARKERS = 9, 24  # [0] … [23]
SPECIALS = FIRST_MARKER + MARKERS


def shifted(x, dim, by):
    """x moved along dim by one place (by = 1: y[i] = x[i - 1]), zeros coming in. dim is -1 or -2."""
    size = x.shape[dim]
    pads = [0, 0] * (-1 - dim) + ([1, 0] if by == 1 else [0, 1])
    return F.pad(x, pads).narrow(dim, 0 if by == 1 else 1, size)


def any_of(ids, values):
    out = ids == values[0]
    for v in values[1:]:
        out = out | (ids == v)
    return out


class Structure:
    """What follows from the ids alone: regions, sentences, documents, relations. Floats, 0 or 1."""

    def __init__(self, ids, mask, config):
        m = mask.to(torch.float32)
        sep = (ids == SEP).to(torch.float32) * m
        role = any_of(ids, (USER, ASSISTANT, SYSTEM)).to(torch.float32)
        special = (ids < SPECIALS).to(torch.float32)
        after = torch.cumsum(sep, 1) - sep
        in_answer = (after > 0).to(torch.float32) * m
        in_prompt = (1 - in_answer) * m
        boundary = (role + (ids == PARAGRAPH).to(torch.float32)) * in_prompt
        block = torch.cumsum(boundary, 1)
        last = (block * in_prompt).amax(1, keepdim=True)
        marker = ((ids >= FIRST_MARKER) & (ids < SPECIALS)).to(torch.float32) * m
        starts = any_of(ids, (CLS, USER, ASSISTANT, SYSTEM, NEWLINE, PARAGRAPH)).to(torch.float32)
        question = in_prompt * (block == last).to(torch.float32)
        line_marker = marker * in_prompt * (1 - question) * shifted(starts, -1, 1)
        document = torch.cumsum(line_marker, 1) * in_prompt * (1 - question)
        content = (1 - special) * m
        end = any_of(ids, config["ends"] + [SEP, USER, ASSISTANT, SYSTEM, NEWLINE, PARAGRAPH]).to(torch.float32) * m
        sentence = torch.cumsum(end, 1) - end
        final = (sentence * question * content).amax(1, keepdim=True)
        both = m.unsqueeze(2) * m.unsqueeze(1)

        def same(x):
            return (x.unsqueeze(2) == x.unsqueeze(1)).to(torch.float32) * both

        self.mask, self.content, self.marker, self.line_marker = m, content, marker, line_marker
        self.question, self.answer = question * content, in_answer * content
        self.asking = self.question * (sentence == final).to(torch.float32)  # the last sentence of the question
        self.telling = self.question - self.asking
        self.in_document = (document > 0).to(torch.float32) * content
        self.answer_all = in_answer * (1 - sep) * m
        self.equal = same(ids) * content.unsqueeze(2) * content.unsqueeze(1)
        self.equal_marker = same(ids) * marker.unsqueeze(2) * marker.unsqueeze(1)
        self.same_sentence = same(sentence)
        has_document = (document > 0).to(torch.float32)
        self.same_document = same(document) * has_document.unsqueeze(2) * has_document.unsqueeze(1)
        region = question * 1 + has_document * 2 + in_answer * 3
        self.same_region = same(region)
        separator = any_of(ids, config["separators"] + [NEWLINE]).to(torch.float32) * in_answer
        self.ordinal = torch.cumsum(separator, 1) * in_answer
        self.separators = separator.sum(1)
        place = torch.cumsum(m, 1)
        gap = place.unsqueeze(2) - place.unsqueeze(1)
        self.gap, self.both, self.place = gap, both, place
