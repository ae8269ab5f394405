"""Entities, attributes and the sentences that state them."""

ONSETS = "bly cro dwa fle gri huf ivo jep klu mab nup ost plo ruk shi tri ubo wib yun zeg".split()
MIDDLES = "a e o u".split()
ENDS = "bant chup drin foss gorn hask jall keld lurg pang sott tenk wumm".split()
PEOPLE = "Albert Bridget Cedric Doris Edgar Flora Gilbert Hilda Isaac Joan Kurt Lydia Morris Nadia".split()
KINDS = "windmill cinema cathedral nursery arena workshop cottage dairy".split()
ATTRIBUTES = [
    ("ceiling height", (210, 890, "millimetres")),
    ("warden", "PEOPLE"),
    ("fence paint", "beige;crimson;navy;olive;ivory".split(";")),
    ("guest book", "leather bound;digital;lost;handwritten;sealed".split(";")),
    ("staircase type", "spiral iron;straight;folding;rope ladder;double".split(";")),
    ("lift capacity", (2, 40, "persons")),
    ("alarm tone", "a gong;a buzzer;a chime;a horn;a rattle".split(";")),
    ("neighbouring shop", "a cobbler;a florist;a grocer;a tailor;a saddler".split(";")),
]
STATEMENTS = [
    "Ask about the {a} of {e} and you will hear {v}.",
    "Its owners describe the {a} of {e} as {v}.",
    "{E}, by contrast, shows {v} for {a}.",
    "On {e}, the column {a} holds {v}.",
    "Inspectors found {v} when they checked {a} in {e}.",
]
# Sentences that name a value without saying what it is.
MENTIONS = [
    "A parrot at {e} keeps repeating {v}.",
    "Graffiti outside {e} alludes to {v}.",
    "Over coffee at {e} they discussed {v}.",
]
FILLERS = [
    "Rain is common on that side.",
    "A cat lives in the yard.",
    "Photographs hang along the wall.",
    "The door sticks a little.",
    "Lunch is served at noon.",
]
TITLES = ["Sheet for {N}", "{N} at a glance", "", "File {N}"]
