"""consistency: contrast sets. Two close instructions, each with its own response.

Topic, role and order come in two forms, with what is wanted named first or last; the generator balances them.
"""

from rows import contrast
from world import upper

KINDS = ("count", "format", "topic", "role", "order", "binding")
NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def draw(world, kind, cluster):
    """The rows of one cluster."""
    return DRAWS[kind](world, kind, cluster)


def written(items, style):
    """Items in a named format."""
    if style == "numbered":
        return "\n".join(f"{i + 1}. {x}" for i, x in enumerate(items))
    if style == "dashed":
        return "\n".join(f"- {x}" for x in items)
    if style == "quotes":
        return ", ".join(f'"{x}"' for x in items)
    if style == "brackets":
        return ", ".join(f"({x})" for x in items)
    if style == "semicolons":
        return "; ".join(items) + "."
    return ", ".join(items) + {"question": "?", "exclamation": "!"}.get(style, ".")


def _count(world, kind, cluster):
    request, q = world.frame(world.contrast.COUNT_REQUESTS)
    category = world.pick(sorted(world.contrast.CATEGORIES))
    opening = world.pick(world.contrast.LIST_OPENINGS)
    style = world.pick(("commas", "commas", "dashed", "semicolons"))
    low, high = sorted(world.two(list(NUMBERS)))
    digits = world.random.random() < 0.3
    instructions, responses = [], []
    for n in world.random.sample((low, high), 2):
        instructions.append(upper(request.format(n=n if digits else NUMBERS[n], x=category)))
        items = world.random.sample(world.contrast.CATEGORIES[category], n)
        responses.append(opening.rstrip(" ") + ("\n" if style == "dashed" and opening else " " if opening else "") + written(items, style))
    return contrast(cluster, kind, instructions, responses, {"kind": kind, "frames": f"q{q}", "gap": str(high - low)})


def _format(world, kind, cluster):
    name1, requests1, name2, requests2 = world.pick(world.contrast.FORMATS)
    i = world.random.randrange(len(requests1))
    category = world.pick(sorted(world.contrast.CATEGORIES))
    items = world.random.sample(world.contrast.CATEGORIES[category], world.random.randint(3, 5))
    instructions = [upper(r[i].format(x=category)) for r in (requests1, requests2)]
    responses = [written(items, name) for name in (name1, name2)]
    return contrast(cluster, kind, instructions, responses, {"kind": kind, "frames": f"{name1} q{i}"})


def _two_forms(world, form, prefix):
    frames = getattr(world.contrast, f"{prefix}_{form}")
    return world.frame(frames)


def _topic(world, kind, cluster, form):
    frame, q = _two_forms(world, form, "TOPIC")
    entity = world.entities(1)[0]
    wanted = world.attributes(2)
    response, r = world.frame(world.contrast.TOPIC_RESPONSES)
    fill = lambda p, other: upper(world.fill(frame, entity, p, p=p[0], q=other[0]))
    instructions = [fill(*wanted), fill(*wanted[::-1])]
    responses = [upper(world.fill(response, entity, p, world.values(p, 1)[0], p=p[0])) for p in wanted]
    return contrast(cluster, kind, instructions, responses, {"kind": kind, "frames": f"{form.lower()} q{q} r{r}"})


def _role(world, kind, cluster, form):
    frame, q = _two_forms(world, form, "ROLE")
    s, r = world.two(world.facts.PEOPLE)
    letter, i = world.frame(world.contrast.ROLE_RESPONSES)
    fill = lambda template, s, r: template.format(s=s, S=s, r=r, R=r)
    instructions = [fill(frame, s, r), fill(frame, r, s)]
    responses = [fill(letter, s, r), fill(letter, r, s)]
    return contrast(cluster, kind, instructions, responses, {"kind": kind, "frames": f"{form.lower()} q{q} r{i}"})


def _order(world, kind, cluster, form):
    frame, q = _two_forms(world, form, "ORDER")
    (p, about_p), (o, about_o) = world.two(world.contrast.THINGS)
    instructions = [frame.format(p=p, q=o), frame.format(p=o, q=p)]
    responses = [f"{about_p} {about_o}", f"{about_o} {about_p}"]
    return contrast(cluster, kind, instructions, responses, {"kind": kind, "frames": f"{form.lower()} q{q}"})


def _binding(world, kind, cluster):
    facts, f = world.frame(world.contrast.BIND_FACTS)
    question, q = world.frame(world.contrast.BIND_QUESTIONS)
    response, r = world.frame(world.contrast.BIND_RESPONSES)
    p, o = world.two(world.facts.PEOPLE)
    a, b = world.two(world.contrast.BIND_MARKS)
    thing = world.pick(world.contrast.BIND_OBJECTS)
    told = facts.format(p=p, q=o, a=a, b=b, o=thing)
    instructions = [f"{told} {question.format(a=mark, o=thing)}" for mark in (a, b)]
    responses = [response.format(p=x) for x in (p, o)]
    return contrast(cluster, kind, instructions, responses, {"kind": kind, "frames": f"f{f} q{q} r{r}"})


def _both_forms(one):
    """Alternates the two forms by the cluster's number."""
    return lambda world, kind, cluster: one(world, kind, cluster, "FORWARD" if int(cluster[-4:]) % 2 == 0 else "BACKWARD")


DRAWS = {
    "count": _count,
    "format": _format,
    "topic": _both_forms(_topic),
    "role": _both_forms(_role),
    "order": _both_forms(_order),
    "binding": _binding,
}
