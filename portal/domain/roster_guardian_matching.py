"""From the guardians' rows of a file to who becomes whose guardian. Pure."""

from collections import Counter
from collections.abc import Sequence

from portal.domain.importers.rows import N_, NOTE, ChildRef, GuardianRow, Place, Problem, Roster
from portal.domain.roster_adult_matching import Adults
from portal.domain.roster_child_matching import Child, Children
from portal.domain.roster_guardian_links import Wish, plan_links
from portal.domain.roster_plan import Plan
from portal.domain.roster_questions import Answers
from portal.domain.roster_snapshot import Snapshot


def plan_guardians(
    now: Snapshot,
    roster: Roster,
    plan: Plan,
    children: Sequence[Child],
    teachers: set[int],
    answers: Answers,
) -> None:
    """Match the guardians with adults and children, and note who becomes whose guardian."""
    _put_beside(now, children)
    adults = {adult.id: adult for adult in now.adults}
    wanted: dict[str, dict[str, Wish]] = {}
    found = Adults(adults, roster.guardians, plan, answers, teachers, wanted)
    for child in children:
        for pair in () if child.gone else child.guardians:
            found.families.add(adults[pair.user_id], child.names, f"u{pair.user_id}", child.name)
    known = Children(children, plan, answers)
    left_out = [row for index, row in enumerate(roster.guardians) if _match(index, row, known, found, wanted)]
    plan.problems.extend(_of_who_left(left_out))
    found.finish()
    for token, wishes in wanted.items():
        plan_links(now, plan, adults, known.by_token[token], wishes)


def _put_beside(now: Snapshot, children: Sequence[Child]) -> None:
    """Give each child the guardians that it has, and those who are kept away from it."""
    by_pupil = {child.pupil.id: child for child in children if child.pupil}
    for pair in now.guardianships:
        if child := by_pupil.get(pair.pupil_id):
            child.guardians = (*child.guardians, pair)
    for pupil_id, user_id in sorted(now.barred):
        if child := by_pupil.get(pupil_id):
            child.barred = (*child.barred, user_id)


def _of_who_left(rows: Sequence[GuardianRow]) -> list[Problem]:
    """Say of each file how many guardians were left out with their children."""
    sentence = N_(
        "%(file)s: guardians whose child had left the school: %(number)s. Nothing was done with them."
    )
    return [
        Problem(Place(file), sentence, {"file": file, "number": str(number)}, NOTE)
        for file, number in Counter(row.at.file for row in rows).items()
    ]


def _match(
    index: int, row: GuardianRow, children: Children, adults: Adults, wanted: dict[str, dict[str, Wish]]
) -> bool:
    """Note whose guardian a row makes somebody; return whether it is only about who had left."""
    gone = False
    found: dict[Child, ChildRef] = {}
    answered: set[Child] = set()
    for number, ref in enumerate(row.children):
        child = children.find(ref)
        if child is None:
            child = children.ask(f"who-{index}-{number}", row, ref)
            answered |= {child} if child else set()
        gone = gone or (child is not None and child.gone)
        if child is not None and not child.leaves:
            found[child] = found[child].joined(ref) if child in found else ref
    token = adults.find(index, row, list(found)) if found else None
    if token is None:
        return gone and not found
    for child, ref in found.items():
        wishes = wanted.setdefault(child.token, {})
        first = wishes.get(token)
        wish = Wish(row, ref, child in answered, index in adults.chosen, index in adults.guessed)
        wishes[token] = wish if first is None else first.joined(wish)
        adults.families.add(row, child.names, token, child.name)
    return False
