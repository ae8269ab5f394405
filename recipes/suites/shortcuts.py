"""Scorers that do not read. Each takes (prompt, documents, response) and gives a number; more is better."""

import re

REFUSAL = re.compile(
    r"\b(cannot|can't|can not|will not|won't|unable|not able|refuse|decline|sorry|not something|rather not|do not want"
    r"|must not|my answer is no|say no|not with my help|cannot be part)\b|^no\b",
    re.IGNORECASE,
)
ABSTENTION = re.compile(
    r"\b(do not|does not|not|cannot|no|none|nothing|unknown|unable|silent|impossible|sorry|open|gap|guess)\b",
    re.IGNORECASE,
)


def words(text):
    return re.findall(r"\w+", text.lower())


def shown(prompt, documents):
    """Everything that the model is shown, in the order of the `numbered` document template."""
    lines = [f"[{i + 1}] {d['title'] + ': ' if d['title'] else ''}{d['text']}" for i, d in enumerate(documents or [])]
    return "\n".join([*lines, *(m["content"] for m in prompt)])


def longest(prompt, documents, response):
    return len(response)


def shortest(prompt, documents, response):
    return -len(response)


def always_refuse(prompt, documents, response):
    return float(bool(REFUSAL.search(response)))


def always_abstain(prompt, documents, response):
    return float(bool(ABSTENTION.search(response)))


def most_citations(prompt, documents, response):
    return len(re.findall(r"\[\d+\]", response))


def first_mentioned(prompt, documents, response):
    """Minus the mean place, in words, at which the response's distinct words first occur in what was shown."""
    first = {}
    for place, word in enumerate(words(shown(prompt, documents))):
        first.setdefault(word, place)
    places = sorted(first[w] for w in set(words(response)) if w in first)
    return -sum(places) / len(places) if places else float("-inf")


def question_overlap(prompt, documents, response):
    """Distinct words that the response shares with the last turn of the prompt."""
    return len(set(words(response)) & set(words(prompt[-1]["content"])))


def question_overlap_share(prompt, documents, response):
    """The same as a share of the response's distinct words."""
    own = set(words(response))
    return len(own & set(words(prompt[-1]["content"]))) / max(1, len(own))


def document_overlap(prompt, documents, response):
    """Distinct words that the response shares with the documents."""
    return len(set(words(response)) & set(words(shown([], documents))))


SHORTCUTS = {
    "longest": longest,
    "shortest": shortest,
    "always-refuse": always_refuse,
    "always-abstain": always_abstain,
    "most-citations": most_citations,
    "first-mentioned": first_mentioned,
    "question-overlap": question_overlap,
    "question-overlap-share": question_overlap_share,
    "document-overlap": document_overlap,
}


def doubled_credit(shortcut, row):
    """Twice the credit of a shortcut on a row (ties half), so that sums are whole numbers."""
    chosen = shortcut(row["prompt"], row["documents"], row["chosen"][0])
    rejected = shortcut(row["rejected_prompt"] or row["prompt"], row["documents"], row["rejected"][0])
    return (chosen > rejected) - (chosen < rejected) + 1


def even(rows):
    """Whether every shortcut is right on exactly half of these rows."""
    return all(sum(doubled_credit(s, r) for r in rows) == len(rows) for s in SHORTCUTS.values())
