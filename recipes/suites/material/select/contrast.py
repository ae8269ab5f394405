"""Contrast sets: two close instructions, each with its own response."""

CATEGORIES = {
    "mammals": "otters badgers hares lynxes moles bats".split(),
    "hats": "beret bonnet fedora cap turban bowler".split(),
    "sweets": "toffee fudge nougat truffle caramel jelly".split(),
    "shoes": "boots sandals clogs slippers loafers pumps".split(),
}
COUNT_REQUESTS = ["Let me have {n} {x}.", "Pick {n} {x} at random.", "Say {n} {x} aloud.", "The answer should consist of {n} {x}."]
LIST_OPENINGS = ["", "Right: ", "As you wish: "]
FORMATS = [
    ("numbered", ["Turn some {x} into a list where numbers lead."], "dashed", ["Turn some {x} into a list where dashes lead."]),
    ("commas", ["Let commas divide the {x}."], "semicolons", ["Let semicolons divide the {x}."]),
    ("question", ["After the {x}, type a question mark."], "exclamation", ["After the {x}, type an exclamation mark."]),
    ("quotes", ["Wrap {x} one by one in quotation marks."], "brackets", ["Wrap {x} one by one in brackets."]),
]
TOPIC_FORWARD = ["Focus on the {p} of {e} and forget the {q}.", "The {p} of {e} is fine, the {q} is not needed.", "Concerning {e}: {p}, please, never mind the {q}."]
TOPIC_BACKWARD = ["Forget the {q} of {e} and focus on the {p}.", "The {q} of {e} is not needed, the {p} is.", "Concerning {e}: never mind the {q}, {p} please."]
TOPIC_RESPONSES = ["Here the {p} comes to {v}.", "{V}, as regards {p}.", "We read {v} for {p}."]
ROLE_FORWARD = ["Type a text message by {s} addressed to {r}.", "{S} is writing to {r}. Continue.", "Prepare a card: {s} congratulates {r}."]
ROLE_BACKWARD = ["Type a text message addressed to {r} by {s}.", "{R} is reading mail from {s}. Continue.", "Prepare a card: {r} is congratulated by {s}."]
ROLE_RESPONSES = ["Dear {r}, time flies, does it not? Faithfully, {s}", "Hey {r}, good luck! Cheers, {s}", "{R}, I will call later. Bye, {s}"]
THINGS = [
    ("parrot", "The parrot knows six words."), ("fountain", "The fountain was switched off."),
    ("circus", "The circus holds few people."), ("omelette", "The omelette got burnt."),
    ("puppet", "The puppet wears a cape."), ("meadow", "The meadow is cut in June."),
]
ORDER_FORWARD = ["Treat the {p} at the start and the {q} at the end.", "Line one is for the {p}, line two for the {q}.", "Put the {p} in front of the {q}."]
ORDER_BACKWARD = ["Treat the {q} at the end and the {p} at the start.", "Line two is for the {q}, line one for the {p}.", "Put the {q} behind the {p}."]
BIND_FACTS = ["{p} lost the {a} {o}. {q} lost the {b} {o}.", "Near {p} lies a {a} {o}. Near {q} lies a {b} {o}.", "{p} repaired the {a} {o}; {q} repaired the {b} {o}."]
BIND_QUESTIONS = ["The {a} {o} points to whom?", "Match the {a} {o} with a name.", "Who is meant by the {a} {o}?"]
BIND_RESPONSES = ["Probably {p}.", "We are talking about {p}.", "{p} is meant."]
BIND_OBJECTS = "wallet rake mirror pillow drone".split()
BIND_MARKS = "cheap golden dusty hollow modern slim".split()
