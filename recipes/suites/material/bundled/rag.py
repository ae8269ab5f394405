"""Questions, answers, abstentions and citation instructions."""

QUESTIONS = [
    "{E}: what is known about the {a}?",
    "Somebody wants the {a} of {e}. What should I reply?",
    "How would you fill in the {a} on a form for {e}?",
    "Would you check which {a} {e} has?",
    "What do the sources say about the {a} of {e}?",
    "My notes on {e} lack the {a}. What goes there?",
    "Help me with a quiz: the {a} of {e} is wanted.",
    "With regard to {e}, state the {a}.",
]
ANSWERS = [
    "On the {a} of {e}, the sources say {v}.",
    "{V}, to judge by the sources.",
    "The sources put the {a} of {e} at {v}.",
    "For the {a}, write {v}.",
    "Going by the text, {e} has a clear entry for its {a}: {v}.",
    "Take {v} for the {a} of {e}.",
    "Reply that the {a} is {v}.",
    "One finds {v} under {a}.",
]
ABSTENTIONS = [
    "The sources are silent on the {a} of {e}.",
    "Nothing here answers that, so the {a} stays unknown.",
    "I could not find the {a} of {e} in what was provided.",
    "That cannot be answered from the sources alone.",
    "I would have to guess, because the {a} of {e} does not appear.",
    "My sources do not cover this, and making something up would be wrong.",
    "There is not enough here to say which {a} {e} has.",
    "Sorry, no source mentions such a {a}.",
]
CITE = [
    "Reference whatever sources confirm this, and leave out the rest.",
    "Attach the number of any source that confirms it.",
    "Where sources confirm it, list them all by number.",
    "References only where a source truly confirms the point.",
    "Add bracketed references, as many as are justified.",
    "Sources that do not confirm it must not be referenced.",
]
CLAIMS = [
    "On the {a} of {e}, the entry is {v} {c}.",
    "For the {a}, write {v} {c}.",
    "{V} is what stands under {a} for {e} {c}.",
    "Source {c} puts the {a} of {e} at {v}.",
    "One finds {v} under {a} {c}.",
    "Going by {c}, {e} lists {v} as {a}.",
]
UNCITED = [
    ("On the {a} of {e}, the entry is {v} {c}.", "On the {a} of {e}, the entry is {v}."),
    ("For the {a}, write {v} {c}.", "For the {a}, write {v}."),
    ("One finds {v} under {a} {c}.", "One finds {v} under {a}."),
    ("{E} should have {v} for {a} {c}.", "{E} should have {v} for {a}."),
    ("I would put down {v} {c}.", "I would put down {v}."),
]
PAIRED_QUESTIONS = [
    "Two entries are wanted: {a1} for {e1}, and {a2} for {e2}.",
    "State the {a1} of {e1}, followed by {a2} in the case of {e2}.",
    "What would you note for {e1} under {a1}, and for {e2} under {a2}?",
    "{E1} interests me for its {a1}, {e2} for its {a2}.",
    "My form asks for {a1} ({e1}) and {a2} ({e2}).",
]
QUOTES = [
    'Source {c} puts it like this: "{s}"',
    'Verbatim, from {c}: "{s}"',
    'One reads in {c}: "{s}"',
    'The passage in {c} runs: "{s}"',
    '{c} contains the passage "{s}"',
]
QUOTE_REQUESTS = [
    "Reproduce the passage on the {a} of {e} verbatim.",
    "What does the source say, verbatim, on the {a} of {e}?",
    "I need the passage that covers the {a} of {e}, unaltered.",
    "Cite the passage about {e} and its {a} as it stands.",
    "For my footnote: the exact passage with the {a} of {e}.",
]
