"""Contrast sets: two close instructions, each with its own response."""

CATEGORIES = {
    "vegetables": "leeks turnips radishes carrots beans onions".split(),
    "planets": "Mercury Venus Mars Jupiter Saturn Uranus".split(),
    "dances": "waltz tango polka rumba samba foxtrot".split(),
    "gemstones": "ruby topaz opal garnet jade onyx".split(),
    "spices": "cumin saffron nutmeg cloves paprika ginger".split(),
    "sports": "rowing fencing tennis judo archery curling".split(),
    "flowers": "tulips asters poppies dahlias irises lupins".split(),
    "cheeses": "gouda brie feta cheddar emmental ricotta".split(),
}
COUNT_REQUESTS = [
    "Kindly provide {n} {x}.",
    "What are {n} {x} worth knowing?",
    "A crossword asks for {n} {x}; help me.",
    "Make it {n} {x}, whichever you like.",
    "Recommend {n} {x} to a beginner.",
    "We are short of {n} {x} on our sheet.",
]
LIST_OPENINGS = ["", "With pleasure: ", "Let me think. ", "Some that fit: ", "Take these: "]
FORMATS = [
    ("numbered", ["Show {x} as a list in which each entry has a number.", "Make the {x} easy to count: numbers at the left.", "Entries for {x}, please, with numbers ahead of them."],
     "dashed", ["Show {x} as a list in which each entry has a dash.", "Make the {x} easy to scan: dashes at the left.", "Entries for {x}, please, with dashes ahead of them."]),
    ("commas", ["Separate {x} by means of commas, all in a row.", "Commas belong between the {x}.", "Join several {x}; the glue is a comma."],
     "semicolons", ["Separate {x} by means of semicolons, all in a row.", "Semicolons belong between the {x}.", "Join several {x}; the glue is a semicolon."]),
    ("question", ["Your row of {x} ought to close on a question mark.", "Some {x}, and as the last character a question mark."],
     "exclamation", ["Your row of {x} ought to close on an exclamation mark.", "Some {x}, and as the last character an exclamation mark."]),
    ("quotes", ["Every one of the {x} goes between quotation marks.", "Present {x} so that quotation marks enclose each."],
     "brackets", ["Every one of the {x} goes between brackets.", "Present {x} so that brackets enclose each."]),
]
TOPIC_FORWARD = [
    "Report on {e}: the {p}, yes; the {q}, no.",
    "What I am after is the {p} of {e}, so drop the {q}.",
    "Cover the {p} of {e} while omitting the {q}.",
    "Say how things stand with the {p} of {e}, not with the {q}.",
]
TOPIC_BACKWARD = [
    "Omit the {q} of {e} and cover the {p}.",
    "Drop the {q} of {e}; what I am after is the {p}.",
    "No word on the {q} of {e}, but one on the {p}.",
    "It is not the {q} of {e} that I ask about but the {p}.",
]
TOPIC_RESPONSES = ["On the {p}: {v}.", "{V} is what we have under {p}.", "You will find that the {p} is {v}.", "In brief, {v} for the {p}."]
ROLE_FORWARD = [
    "Compose a line in which {s} thanks {r}.",
    "{S} would like to apologise to {r}. Put it into words.",
    "Imagine that {s} leaves a message for {r}.",
    "Phrase an e-mail going from {s} to {r}.",
]
ROLE_BACKWARD = [
    "Compose a line in which {r} is thanked by {s}.",
    "{R} should have an apology from {s}. Put it into words.",
    "Imagine a message for {r}, left by {s}.",
    "Phrase an e-mail going to {r} from {s}.",
]
ROLE_RESPONSES = [
    "Dear {r}, I wanted to get in touch at last. Sincerely, {s}",
    "Hello {r}, you have been on my mind. Cordially, {s}",
    "{R}, a quick word to say that I care. As ever, {s}",
    "For {r}, with my warmest thoughts. From {s}",
]
THINGS = [
    ("lagoon", "The lagoon freezes every other year."), ("sawmill", "The sawmill lost a sail."),
    ("tavern", "The tavern serves cold plates."), ("glacier", "The glacier shrinks by a metre."),
    ("tunnel", "The tunnel smells of damp earth."), ("balcony", "The balcony faces the square."),
    ("juggler", "The juggler drops nothing."), ("carousel", "The carousel plays one tune."),
    ("pasta", "The pasta takes nine minutes."), ("pudding", "The pudding wobbles a lot."),
    ("canoe", "The canoe leaks at the stern."), ("telescope", "The telescope needs a new lens."),
]
ORDER_FORWARD = [
    "Open on the {p} and close on the {q}.",
    "Two sentences: the {p} leads, the {q} trails.",
    "Deal with the {p} ahead of the {q}.",
    "Your text turns to the {p} first, later to the {q}.",
]
ORDER_BACKWARD = [
    "Close on the {q} and open on the {p}.",
    "Two sentences: the {q} trails, the {p} leads.",
    "Deal with the {q} once the {p} is done.",
    "Your text turns to the {q} last, to the {p} first.",
]
BIND_FACTS = [
    "{p} rents a {a} {o}. {q} rents a {b} {o}.",
    "A {a} {o} was handed to {p}. A {b} {o} was handed to {q}.",
    "{p} arrived with her {a} {o}, later {q} arrived with her {b} {o}.",
    "Somebody sold {p} a {a} {o}. Somebody sold {q} a {b} {o}.",
]
BIND_QUESTIONS = [
    "The {a} {o} is whose?", "Find the holder of the {a} {o}.", "Who can be linked to the {a} {o}?", "Who came by a {a} {o}?",
]
BIND_RESPONSES = ["This would be {p}.", "{p}, clearly.", "From the text, {p}.", "I name {p}."]
BIND_OBJECTS = "tent guitar ladder sleigh basket kayak trombone suitcase".split()
BIND_MARKS = "plastic square pale folding rusty elegant foreign velvet crooked tall".split()
