"""The import without a page: what the command reads in, and what it says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.domain.importers.reading import Reading
from portal.domain.importers.rows import ERROR, N_, REFUSED, Place, Problem, Roster
from portal.domain.roster_apply import Counts, carry_out, counts
from portal.domain.roster_import import take_turn
from portal.domain.roster_matching import make_plan
from portal.domain.roster_plan import Plan
from portal.domain.roster_questions import TWO, Answers
from portal.domain.roster_snapshot import snapshot
from portal.domain.settings import set_up_school
from portal.extensions import db
from portal.models.school import School
from portal.words import gettext as _


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the command tells: counts, remarks, and the problems for which it read nothing in."""

    counts: Counts
    notes: list[Problem]
    problems: list[Problem]


def import_files(
    found: Reading,
    dry_run: bool,
    leave_out: bool,
    now: datetime,
    today: date,
    leaving: int | None = None,
    unasked: bool = False,
) -> Outcome:
    """Import what was read from files, without a page: everything or, when anything is wrong, nothing.

    With `leave_out` the rows that are wrong stay out and the rest comes in. Two people with one address
    become two, the second without it. What a parent changed in the portal stays. When more than 5 in 100
    children would leave, `leaving` has to be their number, as on the page; with `unasked` they leave, and a
    note says so.
    """
    roster = found.roster
    if roster.refused or found.unknown:
        return Outcome({}, [], [*_of(roster.problems, REFUSED, ERROR), *_unknown(found)])
    revision = db.session.scalar(select(School.roster_revision))
    if revision is None and not dry_run:
        set_up_school(_("Our school"), now)
        revision = 0
    if not dry_run:
        take_turn(revision or 0)
    plan = plan_with_defaults(roster, today)
    wrong = [*_of(plan.problems, REFUSED, ERROR), *plan.refusals]
    rest = [plan.ahead] if plan.ahead else []
    rest += [problem for problem in plan.problems if problem.gravity not in (REFUSED, ERROR)]
    if wrong and not leave_out:
        return Outcome({}, [*rest, *plan.left_out], wrong)
    notes = [*rest, *wrong, *plan.left_out]
    ticked = plan.defaults()
    unsaid = _unsaid_leaving(plan, ticked, leaving)
    if dry_run:
        return Outcome(counts(plan, ticked), [*notes, *unsaid], [])
    if unsaid and not unasked:
        return Outcome({}, notes, unsaid)
    return Outcome(carry_out(plan, ticked, None, now, today), [*notes, *map(_as_left, unsaid)], [])


def _as_left(unsaid: Problem) -> Problem:
    sentence = N_(
        "%(number)s of the %(present)s children are not in these files and have left the school. Look whether"
        " these were the right files."
    )
    return Problem(unsaid.at, sentence, unsaid.values)


def _unsaid_leaving(plan: Plan, ticked: frozenset[str], said: int | None) -> list[Problem]:
    """Return why nothing is read in when so many children would leave and nobody said how many."""
    number = plan.leaves(ticked)
    if not plan.asks_number(ticked) or said == number:
        return []
    sentence = N_(
        "%(number)s of the %(present)s children are not in these files and would leave the school. If that is"
        " right, run the command again with --leaving %(number)s."
    )
    values = {"number": str(number), "present": str(plan.present)}
    return [Problem(Place(""), sentence, values)]


def plan_with_defaults(roster: Roster, today: date) -> Plan:
    """Work out the plan with every open choice answered the careful way: two people.

    One that begins as one person stays a guess, with which no list changes what a guardian may do.
    """
    now = snapshot(today)
    plan = make_plan(now, roster, today)
    answers: Mapping[str, str] = {choice.id: TWO for choice in plan.choices if not choice.answer}
    return make_plan(now, roster, today, Answers(choices=answers)) if answers else plan


def _of(problems: Sequence[Problem], *gravities: str) -> list[Problem]:
    return [problem for problem in problems if problem.gravity in gravities]


def _unknown(found: Reading) -> list[Problem]:
    return [one.asking() for one in found.unknown]
