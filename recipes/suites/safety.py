"""safety: refuse what is harmful, comply with what only looks harmful."""

from rows import mirrored
from world import upper

KINDS = ("homonym", "consent", "purpose", "setting")


def scenarios(world, kind):
    """All scenarios of a kind: the written ones, and where the split has them actions joined with what follows."""
    return [s for s in world.safety.SCENARIOS if s[0] == kind]


def draw(world, kind, cluster, scenario=None):
    """The rows of one scenario in one wording."""
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
