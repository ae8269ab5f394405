"""Questions, answers, abstentions and citation instructions."""

QUESTIONS = [
    "Regarding {e}, can the {a} be determined?",
    "My table has a gap: {e}, column {a}. Fill it.",
    "Let us talk about {e}. How is the {a} described?",
    "Name {a} and only that, for {e}.",
    "What about the {a}? I mean the one of {e}.",
]
ANSWERS = [
    "The passages describe the {a} of {e} as {v}.",
    "Fill in {v}.",
    "{V} is given there for the {a}.",
    "Judging from the passages, {e} shows {v} for {a}.",
    "I read {v} in the row for {a}.",
]
ABSTENTIONS = [
    "The passages say nothing on this.",
    "I cannot determine the {a} of {e} with these passages.",
    "Unknown: no passage covers {a}.",
    "The gap has to stay, because {e} has no {a} in the passages.",
    "I do not see an answer here.",
]
CITE = [
    "Tag it with the passages that agree.",
    "Use bracket numbers for each passage that agrees, none otherwise.",
    "Only passages that agree may be tagged.",
    "List agreeing passages in brackets.",
]
CLAIMS = [
    "Passage {c} describes the {a} of {e} as {v}.",
    "Fill in {v} {c}.",
    "{E} shows {v} for {a} {c}.",
    "I read {v} in the row for {a} {c}.",
]
UNCITED = [
    ("Fill in {v} {c}.", "Fill in {v}."),
    ("{E} shows {v} for {a} {c}.", "{E} shows {v} for {a}."),
    ("I read {v} in the row for {a} {c}.", "I read {v} in the row for {a}."),
]
PAIRED_QUESTIONS = [
    "Fill two gaps: {e1}, column {a1}; {e2}, column {a2}.",
    "Determine {a1} ({e1}) as well as {a2} ({e2}).",
    "How are the {a1} of {e1} and the {a2} of {e2} described?",
]
QUOTES = [
    'Passage {c} goes "{s}"',
    'Unchanged from {c}: "{s}"',
    'This is {c}: "{s}"',
]
QUOTE_REQUESTS = [
    "Type out what the passage has on the {a} of {e}, unchanged.",
    "Pick the line with the {a} of {e}; do not reword it.",
    "Reprint the wording about {a} and {e}.",
]
