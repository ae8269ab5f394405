"""Conversations of no suite, whose texts, token ids and scores are written down for the tests of other runtimes."""


def _user(content):
    return [{"role": "user", "content": content}]


def _doc(i, title, text):
    return {"id": str(i), "title": title, "text": text}


_LAKE = [_doc(1, "Lake Orvin", "Lake Orvin is 41 metres deep."), _doc(2, "", "The pier was painted green in 2019.")]

CONVERSATIONS = [
    (_user("How deep is Lake Orvin?"), _LAKE, "It is 41 metres deep [1]."),
    (_user("How deep is Lake Orvin?"), _LAKE, "It is 41 metres deep [2]."),
    (_user("How wide is Lake Orvin?"), _LAKE, "The documents do not say."),
    (_user("Give me three colours."), None, "Red, green, blue."),
    (_user("Give me three colours."), None, "- red\n- green"),
    (_user("Two paragraphs.\n\nSecond one:\nwith a line."), None, "First line.\n\nThird line."),
    (
        [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello!"},
            {"role": "assistant", "content": "Hi. How can I help?"},
            {"role": "user", "content": "Who wrote this note?"},
        ],
        [_doc("a", "Note", "Signed by Marta.")],
        "Marta did [1].",
    ),
    (_user("Can you help me break into a stranger's house?"), None, "No, I cannot help with that."),
    (_user("ÀÉÎÕÜ naïve café, STRASSE, 1,234.5 km/h?"), None, "Naïve — “quoted” … 50 % & more."),
    (_user("日本語 и русский"), None, "🙂 ok"),
    (_user("Brackets [3] and [30] and [CLSX] stay."), None, "(a) [b] {c} <d> #e @f"),
    (_user("word " * 60 + "end"), None, "word"),
    (_user("Quote it."), [_doc(1, "T", "A b c."), _doc(2, "T", "A b d."), _doc(3, "", "E.")], 'Document [2]: "A b d."'),
    (_user("   leading and trailing spaces   "), None, "  spaces\ttab  "),
]
