"""Entities, attributes and the sentences that state them."""

ONSETS = "bar cal dor fen gal hol jor kel lam mor nor pel quil ras sol tam vor wes yar zan ber dal gar har lor".split()
MIDDLES = "a e i o be da li mo na ru sa te".split()
ENDS = "dan mere vik ton las rin beth gard nos wick dale port field stead combe low mar gate".split()
PEOPLE = (
    "Anna Ben Carla David Ella Frank Grace Henry Irene Jack Karen Leo Maria Nick Olga Peter Rosa Simon Tina Victor "
    "Wendy Adam Bella Colin Diana Eric Fiona George Hanna Ivan Judith Kevin Laura Martin Nora Oscar Paula Robert"
).split()
KINDS = (
    "lighthouse library museum harbour theatre bakery garden bridge school mill station castle farm hotel gallery "
    "hospital market tower".split()
)
# (noun, values); a tuple (low, high, unit) stands for numbers with a unit.
ATTRIBUTES = [
    ("height", (12, 95, "metres")),
    ("founding year", (1710, 1989, "")),
    ("annual budget", (120, 980, "crowns")),
    ("head gardener", "PEOPLE"),
    ("roof colour", "green grey red white black brown blue yellow".split()),
    ("opening month", "January March April June July September October".split()),
    ("entrance fee", (3, 28, "crowns")),
    ("building material", "granite brick oak sandstone slate limestone concrete cedar".split()),
    ("chief engineer", "PEOPLE"),
    ("number of rooms", (11, 99, "")),
    ("main export", "wool salt butter copper timber linen barley wine".split()),
    ("emblem", "a heron;a key;a wheel;an anchor;a stag;a lantern;an oak leaf;a fox".split(";")),
    ("closing day", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
    ("water source", "a spring;a canal;a deep well;the river;a cistern;a lake".split(";")),
    ("average depth", (4, 60, "metres")),
    ("night guard", "PEOPLE"),
    ("favourite dish", "lentil soup;baked trout;rye bread;onion pie;roast duck;pea stew".split(";")),
    ("daily output", (20, 900, "sacks")),
    ("patron", "PEOPLE"),
    ("seating plan", "a circle;a horseshoe;four rows;two balconies;a long table;a spiral".split(";")),
    ("ticket colour", "orange purple silver pink violet golden".split()),
    ("heating fuel", "peat;coal;gas;wood pellets;oil;straw".split(";")),
    ("floor area", (150, 900, "square metres")),
    ("oldest tree", "an elm;a birch;a linden;a walnut;a maple;a yew".split(";")),
    ("music director", "PEOPLE"),
    ("postal code", (1000, 9999, "")),
]

STATEMENTS = [
    "The {a} of {e} is {v}.",
    "{E} has {v} as its {a}.",
    "For {e}, the {a} is listed as {v}.",
    "Records give {v} as the {a} of {e}.",
    "At {e}, the {a} was noted as {v}.",
    "{V} is the {a} of {e}.",
    "The register names {v} as the {a} for {e}.",
    "People at {e} say that its {a} is {v}.",
    "In respect of {e}, {v} was chosen for the {a}.",
    "When asked about the {a}, the owners of {e} answer {v}.",
    "{E} is known for its {a}, which is {v}.",
    "A plaque at {e} gives the {a}: {v}.",
]
# Sentences that name a value without saying what it is.
MENTIONS = [
    "A talk at {e} once touched on {v}.",
    "Somebody at {e} made a joke about {v}.",
    "A poster near {e} mentions {v} in small print.",
    "The name of a boat moored by {e} has to do with {v}.",
    "Visitors of {e} often speak of {v}.",
    "{V} was the subject of a song sung at {e}.",
    "In an old letter from {e} one reads of {v}.",
    "The word puzzle at {e} had {v} as a clue.",
]
FILLERS = [
    "It is busiest in the early afternoon.",
    "A small path leads to the entrance.",
    "Most guests come from the next valley.",
    "The staff changed twice in ten years.",
    "Repairs were finished last spring.",
    "A bus stops nearby every hour.",
    "Children are welcome with an adult.",
    "The view is best after rain.",
    "Local schools send a class each term.",
    "There is a bench under the window.",
    "Older maps show it under another name.",
    "A leaflet is sold at the door.",
]
TITLES = ["{N}", "About {N}", "{N} guide", "Notes on {N}", "{N}, an overview", "Visiting {N}", "", "{N} in brief"]
