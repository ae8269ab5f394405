"""Contrast sets: two close instructions, each with its own response."""

# Lists to count or to format. {x} is the category; the responses hold the items only.
CATEGORIES = {
    "fruits": "apples pears plums cherries grapes melons".split(),
    "tools": "hammers saws pliers files drills wrenches".split(),
    "metals": "iron copper zinc nickel tin cobalt".split(),
    "birds": "robins finches swallows owls herons wrens".split(),
    "drinks": "coffee cocoa cider lemonade milk juice".split(),
    "instruments": "violin flute harp trumpet cello drum".split(),
    "fish": "salmon perch carp eel herring cod".split(),
    "trees": "poplar spruce alder willow ash larch".split(),
    "vehicles": "tram truck bicycle scooter van ferry".split(),
    "fabrics": "silk velvet denim flannel satin felt".split(),
    "herbs": "basil thyme sage mint parsley dill".split(),
    "games": "chess dominoes darts marbles bridge bowls".split(),
    "rooms": "kitchen cellar attic hallway pantry study".split(),
    "insects": "beetles moths crickets wasps ants bees".split(),
    "colours": "ochre teal mauve lilac indigo coral".split(),
    "jobs": "baker nurse welder pilot clerk mason".split(),
}
COUNT_REQUESTS = [
    "Give me {n} {x}.",
    "List {n} {x}.",
    "Name {n} {x} for a poster.",
    "I need exactly {n} {x}.",
    "Could you write down {n} {x}?",
    "Think of {n} {x} and name them.",
    "My son wants to draw {n} {x}. Which ones?",
    "Which {n} {x} come to your mind?",
    "Please suggest {n} {x}, no more and no less.",
    "For a lesson I want {n} {x}.",
]
for _verb in ("Give me", "Show me", "Find", "Choose", "I want", "I need", "Think up", "Note down", "Tell me", "Write"):
    COUNT_REQUESTS += [f"{_verb} {{n}} {{x}} that you like.", f"{_verb} a list of {{n}} {{x}}.", f"{_verb} {{n}} different {{x}}.", f"{_verb} some {{x}}, {{n}} of them.", f"{_verb} {{n}} examples of {{x}}."]
LIST_OPENINGS = ["", "Here you are: ", "Sure: ", "How about these? ", "For example: ", "My list: ", "Of course. ", "These: "]
# (first format, its requests, second format, its requests); {x} category, format names are known to contrast.py.
FORMATS = [
    ("numbered", ["List some {x} with numbers in front.", "Give a few {x} as a numbered list.", "Number the {x} that you name.", "Write {x} down, one number before each."],
     "dashed", ["List some {x} with dashes in front.", "Give a few {x} as a dashed list.", "Use dashes for the {x} that you name.", "Write {x} down, one dash before each."]),
    ("commas", ["Name some {x}, separated by commas.", "Put a few {x} on one line with commas.", "I want {x} with a comma between them.", "Write {x} with commas."],
     "semicolons", ["Name some {x}, separated by semicolons.", "Put a few {x} on one line with semicolons.", "I want {x} with a semicolon between them.", "Write {x} with semicolons."]),
    ("question", ["Name some {x} and end with a question mark.", "Close a short list of {x} with a question mark.", "Write {x}, then a question mark.", "Let the {x} finish with a question mark."],
     "exclamation", ["Name some {x} and end with an exclamation mark.", "Close a short list of {x} with an exclamation mark.", "Write {x}, then an exclamation mark.", "Let the {x} finish with an exclamation mark."]),
    ("quotes", ["Put some {x} in quotation marks.", "Write a few {x}, each in quotation marks.", "Name {x} and use quotation marks around them.", "List {x} inside quotation marks."],
     "brackets", ["Put some {x} in brackets.", "Write a few {x}, each in brackets.", "Name {x} and use brackets around them.", "List {x} inside brackets."]),
]
# Include one, leave out the other. Forward frames name the wanted one first, backward frames last.
TOPIC_FORWARD = [
    "Tell me the {p} of {e}, but not the {q}.",
    "Give the {p} of {e} and leave out the {q}.",
    "I want the {p} of {e} rather than the {q}.",
    "Write about the {p} of {e} without the {q}.",
    "Only the {p} of {e} matters to me, not the {q}.",
    "Describe the {p} of {e} instead of the {q}.",
    "Please state the {p} of {e}; skip the {q}.",
    "Mention the {p} of {e} and ignore the {q}.",
]
TOPIC_BACKWARD = [
    "Leave out the {q} of {e} and give the {p}.",
    "I do not want the {q} of {e}, I want the {p}.",
    "Without the {q}, write about the {p} of {e}.",
    "Ignore the {q} of {e} and mention the {p}.",
    "Skip the {q} of {e}; please state the {p}.",
    "Instead of the {q} of {e}, describe the {p}.",
    "Not the {q} of {e}, only the {p} matters to me.",
    "Rather than the {q} of {e}, tell me the {p}.",
]
for _verb in ("Describe", "Explain", "Name", "Show me", "Discuss", "Report", "Note", "Look at", "Talk about", "Outline"):
    TOPIC_FORWARD += [
        f"{_verb} the {{p}} of {{e}}, not the {{q}}.", f"{_verb} the {{p}} of {{e}} and never the {{q}}.", f"{_verb} the {{p}} of {{e}}, no {{q}} please.",
        f"{_verb} the {{p}} of {{e}}, but nothing on the {{q}}.", f"{_verb} the {{p}} of {{e}}; the {{q}} does not interest me.", f"{_verb} the {{p}} of {{e}} while you strike the {{q}}.",
    ]
    TOPIC_BACKWARD += [
        f"Do not mention the {{q}} of {{e}}; {_verb.lower()} the {{p}}.", f"No {{q}} of {{e}}, please. {_verb} the {{p}}.", f"The {{q}} of {{e}} does not interest me. {_verb} the {{p}}.",
        f"Nothing on the {{q}} of {{e}}, but {_verb.lower()} the {{p}}.", f"Strike the {{q}} of {{e}} and {_verb.lower()} the {{p}}.", f"Never mind the {{q}} of {{e}}: {_verb.lower()} the {{p}}.",
    ]
TOPIC_RESPONSES = ["The {p} is {v}.", "Its {p} is {v}.", "{E} has {v} as its {p}.", "For the {p} I have {v}.", "{V} is the {p}.", "As to the {p}, it is {v}."]
# Who writes to whom.
ROLE_FORWARD = [  # the sender is named first
    "Write a note from {s} to {r}.",
    "{S} wants to invite {r}. Write the message.",
    "What could {s} write to {r}?",
    "Draft a short letter that {s} sends to {r}.",
    "{S} owes {r} an answer. Write it.",
    "Help {s} to greet {r}.",
    "Write what {s} tells {r}.",
    "A postcard from {s} for {r}, please.",
]
ROLE_BACKWARD = [
    "Write a note to {r} from {s}.",
    "{R} gets an invitation from {s}. Write the message.",
    "What could be written to {r} by {s}?",
    "Draft a short letter that {r} receives from {s}.",
    "{R} waits for an answer from {s}. Write it.",
    "Greet {r} in the name of {s}.",
    "Write what {r} hears from {s}.",
    "A postcard for {r} from {s}, please.",
]
for _kind in ("note", "letter", "postcard", "short message", "memo", "thank-you card", "few lines", "poem", "telegram", "warning"):
    for _verb in ("Write a", "Draft a", "I need a", "Could you do a", "Make up a"):
        ROLE_FORWARD.append(f"{_verb} {_kind} from {{s}} to {{r}}.")
        ROLE_FORWARD.append(f"{_verb} {_kind} by {{s}} for {{r}}.")
        ROLE_BACKWARD.append(f"{_verb} {_kind} to {{r}} from {{s}}.")
        ROLE_BACKWARD.append(f"{_verb} {_kind} for {{r}} by {{s}}.")
for _verb in ("greets", "warns", "invites", "answers", "congratulates", "reminds", "praises", "asks", "comforts", "informs"):
    for _start in ("Write how {x}.", "Show that {x}.", "A letter in which {x}.", "{x}: put that on paper.", "Here {x}. Go on.", "Imagine: {x}."):
        ROLE_FORWARD.append(_start.format(x=f"{{s}} {_verb} {{r}}"))
        _done = {"greets": "greeted", "warns": "warned", "invites": "invited", "answers": "answered", "asks": "asked"}.get(_verb, _verb[:-1] + "ed")
        _done = {"congratulates": "congratulated", "praises": "praised"}.get(_verb, _done)
        ROLE_BACKWARD.append(_start.format(x=f"{{r}} is {_done} by {{s}}"))
ROLE_RESPONSES = [
    "Dear {r}, I hope that you are well. Yours, {s}",
    "Hello {r}, see you soon. Regards, {s}",
    "Hi {r}, thank you for everything. Love, {s}",
    "{R}, please come on Sunday. Best wishes, {s}",
    "To {r}: all is fine here. From {s}",
    "Dear {r}, the weather is lovely. Your friend {s}",
    "Good morning {r}, it was nice to see you. Greetings from {s}",
    "{R}, let us talk tomorrow. Signed, {s}",
]
# What comes first. (noun, sentence)
THINGS = [
    ("harbour", "The harbour is quiet in winter."), ("market", "The market opens at eight."),
    ("church", "The church has a new roof."), ("river", "The river is slow and wide."),
    ("school", "The school stands on a hill."), ("forest", "The forest is full of deer."),
    ("station", "The station has two platforms."), ("castle", "The castle was rebuilt twice."),
    ("bakery", "The bakery sells warm rolls."), ("museum", "The museum shows old clocks."),
    ("park", "The park closes after dark."), ("bridge", "The bridge is made of stone."),
    ("soup", "The soup needs more salt."), ("bread", "The bread is still warm."),
    ("engine", "The engine runs on diesel."), ("garden", "The garden has a small pond."),
    ("cat", "The cat sleeps all day."), ("dog", "The dog guards the yard."),
    ("teacher", "The teacher likes old songs."), ("doctor", "The doctor works at night."),
]
ORDER_FORWARD = [
    "Write about the {p} first and the {q} second.",
    "Start with the {p} and end with the {q}.",
    "First the {p}, then the {q}: one sentence each.",
    "Describe the {p} and after that the {q}.",
    "Begin with the {p}, followed by the {q}.",
    "The {p} should come before the {q} in your text.",
    "Mention the {p} before you mention the {q}.",
    "Say something on the {p}, and only then on the {q}.",
]
ORDER_BACKWARD = [
    "Write about the {q} second and the {p} first.",
    "End with the {q} and start with the {p}.",
    "The {q} last, the {p} first: one sentence each.",
    "Describe the {q}, but before that the {p}.",
    "The {q} should follow the {p}.",
    "The {q} should come after the {p} in your text.",
    "Mention the {q} after you mention the {p}.",
    "Before you turn to the {q}, say something on the {p}.",
]
for _verb in ("Write on", "Talk about", "Deal with", "Speak of", "Turn to", "Cover", "Bring up", "Present", "Sketch", "Report"):
    ORDER_FORWARD += [
        f"{_verb} the {{p}} first, then the {{q}}.", f"First {_verb.lower()} the {{p}}, next the {{q}}.", f"{_verb} the {{p}} to begin with and the {{q}} later.",
        f"{_verb} the {{p}} before the {{q}}.", f"{_verb} the {{p}}, and the {{q}} afterwards.", f"{_verb} the {{p}} now and the {{q}} to finish.",
    ]
    ORDER_BACKWARD += [
        f"{_verb} the {{q}} last, the {{p}} first.", f"{_verb} the {{q}} after the {{p}}.", f"{_verb} the {{q}} later and the {{p}} to begin with.",
        f"Before the {{q}}, {_verb.lower()} the {{p}}.", f"{_verb} the {{q}} to finish and the {{p}} now.", f"After the {{p}}, {_verb.lower()} the {{q}}.",
    ]
# Who has which. Facts and a question about one of them.
BIND_FACTS = [
    "{p} has the {a} {o}. {q} has the {b} {o}.",
    "The {a} {o} belongs to {p}. The {b} {o} belongs to {q}.",
    "{p} bought the {a} {o}. {q} bought the {b} {o}.",
    "{p} carries the {a} {o}, and {q} carries the {b} {o}.",
    "We gave the {a} {o} to {p}. We gave the {b} {o} to {q}.",
    "On the left stands {p} with the {a} {o}. On the right stands {q} with the {b} {o}.",
    "{p} painted a {a} {o}, while {q} painted a {b} {o}.",
    "The {o} of {p} is {a}. The {o} of {q} is {b}.",
]
BIND_QUESTIONS = [
    "Who has the {a} {o}?", "Whose {o} is {a}?", "Which person goes with the {a} {o}?", "Name the one with the {a} {o}.",
    "Tell me who the {a} {o} belongs to.", "To whom does the {a} {o} belong?", "The {a} {o}: who is it with?", "Who is the person with the {a} {o}?",
]
BIND_RESPONSES = ["{p} does.", "It is {p}.", "{p}.", "The answer is {p}.", "That must be {p}.", "I would say {p}.", "Here it is {p}.", "The person is {p}."]
BIND_OBJECTS = "cup hat bag coat bicycle lamp chair umbrella book scarf boat kettle".split()
BIND_MARKS = "red blue green old new small large wooden round heavy striped broken yellow narrow".split()
