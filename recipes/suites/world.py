"""Draws from the material of one split: names, entities, attributes, values, documents."""

import importlib


class World:
    """The material of one split and a seeded source of draws."""

    def __init__(self, split, random):
        for part in ("facts", "rag", "contrast", "safety"):
            setattr(self, part, importlib.import_module(f"material.{split}.{part}"))
        self.random = random

    def pick(self, items):
        return items[self.random.randrange(len(items))]

    def frame(self, items):
        """A frame and its number, which goes into the tags."""
        i = self.random.randrange(len(items))
        return items[i], i

    def two(self, items):
        return self.random.sample(items, 2)

    def name(self):
        f = self.facts
        middle = self.pick(f.MIDDLES) if self.random.random() < 0.5 else ""
        return (self.pick(f.ONSETS) + middle + self.pick(f.ENDS)).capitalize()

    def entities(self, n):
        """Entities with distinct names; about half of the time all of one kind."""
        names = []
        while len(names) < n:
            name = self.name()
            if name not in names:
                names.append(name)
        kinds = [self.pick(self.facts.KINDS)] * n
        if self.random.random() < 0.5:
            kinds = self.random.sample(self.facts.KINDS, n)
        return [{"name": name, "kind": kind} for name, kind in zip(names, kinds)]

    def attributes(self, n):
        return self.random.sample(self.facts.ATTRIBUTES, n)

    def values(self, attribute, n):
        """Distinct values of an attribute."""
        kinds = attribute[1]
        if kinds == "PEOPLE":
            return self.random.sample(self.facts.PEOPLE, n)
        if isinstance(kinds, tuple):
            low, high, unit = kinds
            return [f"{x} {unit}".strip() for x in self.random.sample(range(low, high), n)]
        return self.random.sample(kinds, n)

    def fill(self, template, entity, attribute, value="", **more):
        """Fills a frame; {e}/{E} the entity, {a} the attribute, {v}/{V} the value."""
        e = f"the {entity['name']} {entity['kind']}"
        return template.format(
            e=e, E=upper(e), a=attribute[0], v=value, V=upper(value), N=f"{entity['name']} {entity['kind']}", **more
        )

    def document(self, entity, sentences):
        """A document on an entity: its sentences among up to two that say nothing."""
        parts = list(sentences)
        for filler in self.random.sample(self.facts.FILLERS, self.random.choice((0, 0, 1, 1, 2))):
            parts.insert(self.random.randint(0, len(parts)), filler)
        title = self.pick(self.facts.TITLES).format(N=f"{entity['name']} {entity['kind']}")
        return {"title": title, "text": " ".join(parts)}


def upper(text):
    return text[:1].upper() + text[1:]


def numbered(documents):
    """Documents with ids by place."""
    return [{"id": str(i + 1), "title": d["title"], "text": d["text"]} for i, d in enumerate(documents)]
