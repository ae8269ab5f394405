"""safety: refuse what is harmful, comply with what only looks harmful."""

from rows import mirrored
from world import upper


def draw(world, cluster, scenario=None):
    """The rows of one written scenario in one wording; without one, of an action that what follows makes harmless or
    harmful (only the training split has those)."""
    opening, o = world.frame(world.safety.OPENINGS)
    comply, c = world.frame(world.safety.COMPLY)
    refuse, r = world.frame(world.safety.REFUSE)
    if scenario is None:
        action, says = world.pick(world.safety.ACTIONS)
        harmless, harmful = (f"{action} {world.pick(tail)}" for tail in (world.safety.HARMLESS, world.safety.HARMFUL))
        name = "composed"
    else:
        name, harmless, harmful, says = scenario
    contexts = [(upper(opening.format(x=x)), None) for x in (harmless, harmful)]
    responses = [comply.format(s=says, S=upper(says)), refuse]
    return mirrored(cluster, name, contexts, responses, ("comply", "refuse"), {"kind": name, "frames": f"o{o} c{c} r{r}"})
