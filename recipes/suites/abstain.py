"""rag-abstain: the same question with and without the evidence.

Both contexts hold the same value, so that looking for the answer's words in the documents decides nothing; what counts
is whether a document says it of the entity and the attribute that are asked about.
"""

from rows import mirrored
from world import numbered

KINDS = ("crossed", "sibling", "noise")


def draw(world, kind, cluster):
    """The rows of one cluster."""
    attribute, other = world.attributes(2)
    entity, second, third = world.entities(3)
    value, wrong = world.values(attribute, 2)
    aside = world.values(other, 1)[0]
    statement, s = world.frame(world.facts.STATEMENTS)
    side, _ = world.frame(world.facts.STATEMENTS)
    question, q = world.frame(world.rag.QUESTIONS)
    answer, a = world.frame(world.rag.ANSWERS)
    abstention, b = world.frame(world.rag.ABSTENTIONS)

    fill = world.fill
    if kind == "crossed":
        # The same two attributes and values, told of each other's entity.
        facts = lambda e1, e2: [
            (e1, fill(statement, e1, attribute, value)),
            (e2, fill(side, e2, other, aside)),
        ]
        with_evidence, without = facts(entity, second), facts(second, entity)
    elif kind == "sibling":
        # Another entity has the attribute; the one asked about is not there, or only with another attribute.
        extra = (second, fill(side, second, attribute, wrong))
        with_evidence = [(entity, fill(statement, entity, attribute, value)), extra]
        without = [(third, fill(statement, third, attribute, value)), extra]
    else:
        # Noise: documents from somewhere else, one of which happens to name the value.
        noise = (second, fill(side, second, other, aside))
        with_evidence = [(entity, fill(statement, entity, attribute, value)), noise]
        without = [(third, fill(world.pick(world.facts.MENTIONS), third, attribute, value)), noise]
    documents = []
    order = world.random.sample(range(2), 2)
    state = world.random.getstate()
    for facts in (with_evidence, without):
        # The same titles' frames and fillers in both contexts.
        world.random.setstate(state)
        made = [world.document(e, [text]) for e, text in facts]
        documents.append(numbered([made[i] for i in order]))
    prompt = fill(question, entity, attribute)
    tags = {"kind": kind, "frames": f"s{s} q{q} a{a} b{b}"}
    return mirrored(
        cluster,
        kind,
        [(prompt, documents[0]), (prompt, documents[1])],
        [fill(answer, entity, attribute, value), fill(abstention, entity, attribute)],
        ("answer", "abstain"),
        tags,
    )
