"""rag-citation: which documents does a claim rest on? Each kind stands beside items in which the opposite is right."""

from rows import mirrored
from world import numbered, upper

KINDS = ("wrong-id", "irrelevant", "missing", "over-citation", "quote", "exchanged")


def draw(world, kind, cluster):
    """The rows of one cluster."""
    return DRAWS[kind](world, kind, cluster)


def _setting(world):
    entity, second, third = world.entities(3)
    attribute, other = world.attributes(2)
    value, wrong = world.values(attribute, 2)
    return entity, second, third, attribute, other, value, wrong


def _state(world, entity, attribute, value):
    return world.fill(world.pick(world.facts.STATEMENTS), entity, attribute, value)


def _prompt(world, entity, attribute):
    question, q = world.frame(world.rag.QUESTIONS)
    cite, c = world.frame(world.rag.CITE)
    return world.fill(question, entity, attribute) + " " + cite, f"q{q} c{c}"


def _exchange(world, kind, cluster):
    """One document supports the claim, the other does not; the contexts have them in opposite order."""
    entity, second, third, attribute, other, value, wrong = _setting(world)
    right = world.document(entity, [_state(world, entity, attribute, value)])
    if kind == "irrelevant":
        distractor = world.document(second, [_state(world, second, other, world.values(other, 1)[0])])
    elif world.random.random() < 0.5:
        distractor = world.document(second, [_state(world, second, attribute, wrong)])
    else:
        distractor = world.document(entity, [_state(world, entity, other, world.values(other, 1)[0])])
    rest = []
    if world.random.random() < 0.4:
        a = world.pick(world.facts.ATTRIBUTES)
        rest = [world.document(third, [_state(world, third, a, world.values(a, 1)[0])])]
    prompt, frames = _prompt(world, entity, attribute)
    claim, f = world.frame(world.rag.CLAIMS)
    cited = [world.fill(claim, entity, attribute, value, c=f"[{i}]") for i in (1, 2)]
    contexts = [(prompt, numbered([right, distractor, *rest])), (prompt, numbered([distractor, right, *rest]))]
    return mirrored(cluster, kind, contexts, cited, (None, None), {"kind": kind, "frames": f"{frames} r{f}"})


def _missing(world, kind, cluster):
    """A claim with a citation and without: right is the first where the document supports it, the second where none does."""
    entity, second, third, attribute, other, value, wrong = _setting(world)
    statement = world.pick(world.facts.STATEMENTS)
    aside = world.document(second, [_state(world, second, attribute, wrong)])
    state = world.random.getstate()
    right = world.document(entity, [world.fill(statement, entity, attribute, value)])
    world.random.setstate(state)
    if world.random.random() < 0.5:
        unrelated = world.document(third, [world.fill(statement, third, attribute, value)])
    else:
        unrelated = world.document(entity, [world.fill(world.pick(world.facts.MENTIONS), entity, attribute, value)])
    place = world.random.randrange(2)
    order = lambda d: numbered([d, aside] if place == 0 else [aside, d])
    prompt, frames = _prompt(world, entity, attribute)
    (cited, plain), f = world.frame(world.rag.UNCITED)
    responses = [
        world.fill(cited, entity, attribute, value, c=f"[{place + 1}]"),
        world.fill(plain, entity, attribute, value),
    ]
    contexts = [(prompt, order(right)), (prompt, order(unrelated))]
    return mirrored(cluster, kind, contexts, responses, (None, None), {"kind": kind, "frames": f"{frames} r{f}"})


def _over(world, kind, cluster):
    """One citation or two: right is the first where one document supports the claim, the second where two do."""
    entity, second, third, attribute, other, value, wrong = _setting(world)
    first = world.document(entity, [_state(world, entity, attribute, value)])
    statement = world.pick(world.facts.STATEMENTS)
    state = world.random.getstate()
    supports = world.document(entity, [world.fill(statement, entity, attribute, value)])
    world.random.setstate(state)
    if world.random.random() < 0.5:
        not_it = world.document(second, [world.fill(statement, second, attribute, wrong)])
    else:
        not_it = world.document(entity, [world.fill(statement, entity, other, world.values(other, 1)[0])])
    place = world.random.randrange(2)
    order = lambda d: numbered([first, d] if place == 0 else [d, first])
    prompt, frames = _prompt(world, entity, attribute)
    (claim, _), f = world.frame(world.rag.UNCITED)
    responses = [world.fill(claim, entity, attribute, value, c=c) for c in (f"[{place + 1}]", "[1][2]")]
    contexts = [(prompt, order(not_it)), (prompt, order(supports))]
    return mirrored(cluster, kind, contexts, responses, (None, None), {"kind": kind, "frames": f"{frames} r{f}"})


def _quote(world, kind, cluster):
    """A quote that is exact beside one with a value changed. Four rows: the quoted document stands first or second."""
    entity, second, third, attribute, other, value, wrong = _setting(world)
    statement = world.pick(world.facts.STATEMENTS)
    side = world.pick(world.facts.STATEMENTS)
    request, q = world.frame(world.rag.QUOTE_REQUESTS)
    quote, f = world.frame(world.rag.QUOTES)
    prompt = world.fill(request, entity, attribute)
    sentences = [world.fill(statement, entity, attribute, v) for v in (value, wrong)]
    state = world.random.getstate()
    documents = []
    for i, v in enumerate((wrong, value)):
        world.random.setstate(state)
        documents.append([world.document(entity, [sentences[i]]), world.document(second, [world.fill(side, second, attribute, v)])])
    rows = []
    for place in (0, 1):
        contexts = [(prompt, numbered(d if place == 0 else d[::-1])) for d in documents]
        responses = [quote.format(c=f"[{place + 1}]", s=s) for s in sentences]
        made = mirrored(cluster, kind, contexts, responses, (None, None), {"kind": kind, "frames": f"q{q} r{f}"})
        rows += [{**r, "id": f"{cluster}.{place * 2 + i + 1}"} for i, r in enumerate(made)]
    return rows


def _exchanged(world, kind, cluster):
    """Two claims whose citations are right, or each other's."""
    e1, e2 = world.entities(2)
    a1, a2 = world.attributes(2)
    if world.random.random() < 0.3:
        a2 = a1
    v1, v2 = world.values(a1, 2) if a1 is a2 else (world.values(a1, 1)[0], world.values(a2, 1)[0])
    documents = [world.document(e1, [_state(world, e1, a1, v1)]), world.document(e2, [_state(world, e2, a2, v2)])]
    frame, q = world.frame(world.rag.PAIRED_QUESTIONS)
    n1, n2 = (f"the {e['name']} {e['kind']}" for e in (e1, e2))
    prompt = frame.format(e1=n1, E1=upper(n1), a1=a1[0], e2=n2, a2=a2[0])
    cite, c = world.frame(world.rag.CITE)
    (claim, _), f = world.frame(world.rag.UNCITED)
    told = lambda i, j: f"{world.fill(claim, e1, a1, v1, c=f'[{i}]')} {world.fill(claim, e2, a2, v2, c=f'[{j}]')}"
    contexts = [(f"{prompt} {cite}", numbered(d)) for d in (documents, documents[::-1])]
    tags = {"kind": kind, "frames": f"q{q} c{c} r{f}"}
    return mirrored(cluster, kind, contexts, [told(1, 2), told(2, 1)], (None, None), tags)


DRAWS = {
    "wrong-id": _exchange,
    "irrelevant": _exchange,
    "missing": _missing,
    "over-citation": _over,
    "quote": _quote,
    "exchanged": _exchanged,
}
