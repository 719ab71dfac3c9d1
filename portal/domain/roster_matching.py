"""From rows and the roster as it is to a plan. Pure: the same rows and roster always give the same plan."""

from dataclasses import replace
from datetime import date

from portal.domain.importers.rows import N_, NOTE, Place, Problem, Roster
from portal.domain.roster_guardian_matching import plan_guardians
from portal.domain.roster_plan import Plan
from portal.domain.roster_pupil_steps import Pupils
from portal.domain.roster_questions import Answers
from portal.domain.roster_snapshot import Snapshot
from portal.domain.roster_teacher_matching import plan_teachers


def make_plan(now: Snapshot, roster: Roster, today: date, answers: Answers | None = None) -> Plan:
    """Return what importing these rows would do to this roster."""
    plan = Plan(now.revision, roster.school_year or now.school_year)
    plan.present = sum(not pupil.archived for pupil in now.pupils)
    plan.problems.extend(roster.problems)
    if roster.school_year and now.school_year and roster.school_year < now.school_year:
        plan.problems.append(_older_year(roster))
    if roster.school_year and now.school_year and roster.school_year > now.school_year:
        plan.ahead = _year_to_come(roster)
    pupils = Pupils(now, roster, today, plan)
    pupils.match()
    teachers = plan_teachers(now, roster, plan, pupils.groups.tokens, pupils.groups.name_of)
    plan_guardians(now, roster, plan, pupils.children(), teachers, answers or Answers())
    pupils.finish()
    return plan


def _year_to_come(roster: Roster) -> Problem:
    sentence = N_(
        "This file is of school year %(year)s, which has not begun yet. Who moves, comes or leaves by it does"
        " so at the moment that you read it in. Wait until the holidays if that is too early."
    )
    return Problem(_place_of(roster), sentence, {"year": roster.school_year or ""}, NOTE)


def _older_year(roster: Roster) -> Problem:
    sentence = N_(
        "This file is of school year %(year)s, which is over. Its groups come in as groups of that year."
    )
    return Problem(_place_of(roster), sentence, {"year": roster.school_year or ""}, NOTE)


def _place_of(roster: Roster) -> Place:
    places = [one.at for one in roster.pupils] + [one.at for one in roster.groups]
    places += [one.at for one in roster.teachers] + [one.at for one in roster.problems]
    return replace(next(iter(places), Place("")), line=0)
