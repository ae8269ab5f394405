"""Entities, attributes and the sentences that state them."""

ONSETS = "ax bre chi dru eph fri gwe hyl isk jun kra lys myr nev oph pri sko thu uli vex".split()
MIDDLES = "a e i o u ya".split()
ENDS = "bra dolf fax glen hurst jek kirk mund nia phos quay sby thra vash xen zik".split()
PEOPLE = (
    "Agnes Bruno Cosima Dmitri Edith Felix Greta Hugo Ines Jonas Klara Lukas Mabel Nils Ottilie Pavel Renata Stefan "
    "Ursula Xaver Yvonne Zoltan"
).split()
KINDS = "observatory monastery shipyard vineyard aquarium brewery chapel quarry stadium orchard archive pier".split()
ATTRIBUTES = [
    ("visitor limit", (40, 700, "people")),
    ("lead architect", "PEOPLE"),
    ("door width", (90, 310, "centimetres")),
    ("festival date", "8 May;21 August;3 November;14 February;30 December;12 May".split(";")),
    ("window glass", "amber;frosted;tinted;clear;mirrored;turquoise".split(";")),
    ("main sponsor", "a ferry company;a tea merchant;the county bank;a glass maker;a print shop".split(";")),
    ("winter caretaker", "PEOPLE"),
    ("bell weight", (110, 890, "kilograms")),
    ("archive language", "Latin Basque Welsh Finnish Greek Maltese".split()),
    ("number of parking spaces", (15, 260, "")),
    ("house rule", "silence after ten;no photographs;shoes off;hats off;no umbrellas".split(";")),
    ("floor covering", "cork;marble;tiles;linoleum;carpet;terrazzo".split(";")),
    ("insurance value", (130, 960, "thousand francs")),
    ("souvenir", "a pewter spoon;a paper kite;a tin whistle;a clay mug;a woven belt".split(";")),
    ("audio guide voice", "PEOPLE"),
    ("flag pattern", "checks;diagonal stripes;three stars;a half moon;waves".split(";")),
]
STATEMENTS = [
    "As for {e}, its {a} is {v}.",
    "Whoever visits {e} learns that the {a} is {v}.",
    "{E} lists its {a} as {v}.",
    "The {a} recorded for {e} is {v}.",
    "{V}: this is the {a} of {e} on file.",
    "Since the renovation, {e} keeps {v} as {a}.",
    "The yearly report on {e} puts the {a} at {v}.",
    "Among other details, {e} mentions {v} under {a}.",
]
# Sentences that name a value without saying what it is.
MENTIONS = [
    "A guest of {e} dreamt of {v}.",
    "Somewhere in the diary of {e} there is talk of {v}.",
    "{V} featured in a sketch performed at {e}.",
    "A scrap of newspaper found at {e} refers to {v}.",
]
FILLERS = [
    "Trains run there twice a day.",
    "The shop sells postcards and maps.",
    "A storm damaged the fence once.",
    "Volunteers look after the grounds.",
    "Its cellar stays cool in summer.",
    "The nearest village is an hour away.",
    "Groups should book by phone.",
    "Painters liked the place a century ago.",
]
TITLES = ["Facts: {N}", "{N} (entry)", "A portrait of {N}", "{N} handbook", "", "Report: {N}"]
