"""Questions, answers, abstentions and citation instructions."""

QUESTIONS = [
    "What is the {a} of {e}?",
    "Can you tell me the {a} of {e}?",
    "I need to know the {a} of {e}.",
    "Which {a} does {e} have?",
    "Please look up the {a} for {e}.",
    "Could you find out what the {a} of {e} is?",
    "A friend asked me about {e}. What is its {a}?",
    "Give me the {a} of {e}, please.",
    "Do you know the {a} of {e}?",
    "Looking at {e}, what would you say is its {a}?",
    "Tell me about {e}, namely its {a}.",
    "I am writing about {e} and the {a} is still open. What is it?",
]
ANSWERS = [
    "The {a} of {e} is {v}.",
    "It is {v}.",
    "{E} has {v} as its {a}.",
    "According to the documents, the {a} is {v}.",
    "The {a} is {v}.",
    "The documents give {v} as the {a} of {e}.",
    "{V}.",
    "As far as I can see, {e} has {v} as its {a}.",
    "The answer is {v}, since that is the {a} of {e}.",
    "You are looking for {v}.",
    "In the text, the {a} of {e} is stated to be {v}.",
    "That would be {v}.",
]
ABSTENTIONS = [
    "The documents do not give the {a} of {e}.",
    "I do not know.",
    "This is not stated in the documents, so I cannot answer.",
    "I cannot tell from these documents what the {a} is.",
    "There is no information on the {a} of {e} here.",
    "None of the documents mentions this.",
    "The {a} of {e} is not mentioned, and I would rather not guess.",
    "Nothing in the text tells me the {a} of {e}.",
    "I am sorry, but the documents leave this open.",
    "No document says what the {a} of {e} is.",
    "I have no evidence for an answer.",
    "It is impossible to say from what is given.",
    "The text does not answer this question.",
    "I am unable to find the {a} in these documents.",
]
CITE = [
    "Cite every document that supports the answer, and no other.",
    "Give the numbers of the documents that prove it.",
    "Add the number of each document that says so, nothing else.",
    "Name all documents that state it, by number.",
    "Put the supporting documents in brackets; leave the brackets out if there are none.",
    "Mark each claim with the documents that back it.",
    "Please cite your documents, but only those that really say it.",
    "Cite by number, and cite nothing where no document fits.",
]
CLAIMS = [
    "The {a} of {e} is {v} {c}.",
    "{E} has {v} as its {a} {c}.",
    "It is {v} {c}.",
    "According to {c}, the {a} is {v}.",
    "The {a} is {v} {c}.",
    "As {c} states, the {a} of {e} is {v}.",
    "For {e} the {a} is {v} {c}.",
    "The documents give {v} as the {a} {c}.",
    "I found {v} as the {a} of {e} {c}.",
    "{V} is the {a} {c}.",
]
# The same claims with nothing cited stand beside them: (cited, uncited).
UNCITED = [
    ("The {a} of {e} is {v} {c}.", "The {a} of {e} is {v}."),
    ("{E} has {v} as its {a} {c}.", "{E} has {v} as its {a}."),
    ("It is {v} {c}.", "It is {v}."),
    ("The {a} is {v} {c}.", "The {a} is {v}."),
    ("I believe that the {a} is {v} {c}.", "I believe that the {a} is {v}."),
    ("For {e} the {a} is {v} {c}.", "For {e} the {a} is {v}."),
    ("The {a}, {v}, is right {c}.", "The {a}, {v}, is right."),
    ("{V} is the {a} {c}.", "{V} is the {a}."),
]
PAIRED_QUESTIONS = [
    "What is the {a1} of {e1}, and what is the {a2} of {e2}?",
    "Tell me the {a1} of {e1} and the {a2} of {e2}.",
    "I need the {a1} of {e1}. I also need the {a2} of {e2}.",
    "Look up two things: the {a1} of {e1} and the {a2} of {e2}.",
    "Which {a1} does {e1} have, and which {a2} has {e2}?",
    "Please compare {e1} by its {a1} with {e2} by its {a2}.",
    "For {e1} I want the {a1}, for {e2} the {a2}.",
    "Find the {a1} of {e1}, then the {a2} of {e2}.",
]
QUOTES = [
    'Document {c} says: "{s}"',
    'I quote {c}: "{s}"',
    'The text of {c} reads "{s}"',
    'As written in {c}: "{s}"',
    'See {c}, where it says "{s}"',
    'In the words of {c}, "{s}"',
    'Here is the sentence from {c}: "{s}"',
    '{c} has this: "{s}"',
]
QUOTE_REQUESTS = [
    "Quote the sentence about the {a} of {e}, word for word, with its number.",
    "Which sentence gives the {a} of {e}? Copy it exactly.",
    "Please copy the line on the {a} of {e} without changes.",
    "I want an exact quote on the {a} of {e}.",
    "Show me literally what is written on the {a} of {e}.",
    "Repeat, letter by letter, the sentence that states the {a} of {e}.",
    "Find the {a} of {e} and quote it faithfully.",
    "Give the original wording for the {a} of {e}.",
]

# Put around half of all training prompts: what a prompt says besides the request. {x} is the prompt.
WRAPPERS = [
    "Hello. {x}", "I have a request. {x}", "{x} Thank you.", "{x} Thanks in advance!", "Good evening. {x}", "{x} It is for my homework.",
    "Quick one: {x}", "{x} Take your time.", "My boss wants this. {x}", "{x} Be brief.", "Here is my task. {x}", "{x} That is all.",
    "Hi there! {x}", "{x} I am in a hurry.", "Sorry to bother you. {x}", "{x} I would be grateful.", "Now to you. {x}", "{x} Make it good.",
    "Next: {x}", "{x} My friend asks for it.", "Listen. {x}", "{x} We need it today.", "Another one for you. {x}", "{x} Do your best.",
    "I am a student. {x}", "{x} Keep it simple.", "For the record: {x}", "{x} Cheers.", "As agreed: {x}", "{x} It would help me a lot.",
    "You can do this. {x}", "Please. {x} Please.", "A small thing. {x} Bye.", "I was told to ask you. {x} Many thanks.",
]
