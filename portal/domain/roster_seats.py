"""Who of an import gets a place beside a child: two guardians at most, whatever is ticked. Pure."""

from collections import Counter
from dataclasses import dataclass

from portal.domain.roster_plan import Link, Plan

SEATS = 2


@dataclass(frozen=True, slots=True)
class Crowd:
    """A child that would have more guardians than there are places, and who they would be."""

    pupil: str
    guardians: tuple[str, ...]


def links_made(plan: Plan, ticked: frozenset[str]) -> list[Link]:
    """Return the guardians who get a place; a third one only where the access of another is ended.

    Nobody becomes guardian of a child that had left and is not taken back, nor of a new one that is not
    ticked, whatever was answered about them. Whose own access was ended is never let in by that of
    another: it comes back by its own box or not at all.
    """
    freed = Counter(step.pupil for step in plan.ending if step.id in ticked)
    free = {pupil: SEATS - len(seated) + freed[pupil] for pupil, seated in plan.seated.items()}
    free |= dict.fromkeys(plan.away(ticked), 0)
    made: set[str] = set()
    for blocked in (False, True):
        for link in plan.links:
            if link.blocked is not blocked or free[link.pupil] <= 0 or not _is_wanted(link, ticked, freed):
                continue
            free[link.pupil] -= 1
            freed[link.pupil] -= blocked
            made.add(link.id)
    return [link for link in plan.links if link.id in made]


def _is_wanted(link: Link, ticked: frozenset[str], freed: Counter[str]) -> bool:
    if link.blocked:
        return freed[link.pupil] > 0 and not link.was_ended
    if link.follows:
        return link.follows in ticked
    return link.answered or link.id in ticked


def crowded(plan: Plan, ticked: frozenset[str]) -> Crowd | None:
    """Return the first child for whom more guardians are ticked than there are places."""
    ended = {step.guardianship_id for step in plan.ending if step.id in ticked}
    away = plan.away(ticked)
    wanted: dict[str, list[Link]] = {}
    for link in plan.links:
        if not link.blocked and link.pupil not in away and _is_wanted(link, ticked, Counter()):
            wanted.setdefault(link.pupil, []).append(link)
    for pupil, links in wanted.items():
        stay = [name for number, name in plan.seated[pupil].items() if number not in ended]
        if len(stay) + len(links) > SEATS:
            return Crowd(links[0].name, (*stay, *(link.guardian for link in links)))
    return None
