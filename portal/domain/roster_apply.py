"""Carry out a plan: set by set, inside one transaction that the caller commits."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError

from portal.access import Viewer
from portal.domain import audit, meeting_upkeep
from portal.domain.roster_apply_adults import (
    carry_out_adults,
    carry_out_changes,
    carry_out_guardianships,
    carry_out_teaching,
)
from portal.domain.roster_apply_pupils import (
    carry_out_closings,
    carry_out_groups,
    carry_out_memberships,
    carry_out_pupils,
)
from portal.domain.roster_plan import Plan
from portal.domain.roster_seats import links_made
from portal.domain.roster_work import Work
from portal.errors import Refused
from portal.extensions import db
from portal.words import gettext as _

Counts = dict[str, tuple[int, int, int]]


def carry_out(plan: Plan, ticked: frozenset[str], actor: Viewer | None, now: datetime, today: date) -> Counts:
    """Make the roster what the plan says, as far as its boxes are on, and return what that comes to."""
    work = Work(plan, ticked, actor, now, today)
    meeting_upkeep.take_turns(now)
    try:
        carry_out_groups(work)
        carry_out_pupils(work)
        carry_out_memberships(work)
        carry_out_adults(work)
        carry_out_teaching(work)
        carry_out_guardianships(work)
        carry_out_changes(work)
        carry_out_closings(work)
        db.session.flush()
    except IntegrityError:
        raise Refused(
            _("Somebody else changed the roster at the same moment. Nothing was read in; look again.")
        ) from None
    meeting_upkeep.repair(now)
    audit.record(actor, "import_roster", "roster")
    return counts(plan, ticked)


def counts(plan: Plan, ticked: frozenset[str]) -> Counts:
    """Return how many of each kind are added, changed and removed."""
    changed: dict[str, set[Any]] = {of: set() for of in ("pupil", "teacher", "guardian", "link")}
    for change in plan.changes:
        if change.id in ticked:
            changed[change.of].add(change.ident)
    changed["pupil"] |= {int(move.pupil[1:]) for move in plan.moved(ticked)}
    teachers = {step.user for step in plan.new_teachers if step.id in ticked}
    taught = {f"u{ident}" for ident in changed["teacher"]}
    taught |= {step.user for step in plan.teaching if plan.is_on(step, ticked)} - teachers
    new = {adult.token for adult in plan.adults}
    linked = {link.user for link in links_made(plan, ticked)}
    guardians = {f"u{ident}" for ident in changed["guardian"]} | {f"link{ident}" for ident in changed["link"]}
    ended = sum(step.id in ticked for step in plan.ending)
    returned = {step.pupil_id for step in plan.returning if step.id in ticked}
    return {
        "pupils": (
            sum(step.id in ticked for step in plan.new_pupils) + len(returned),
            len(changed["pupil"] - returned),
            sum(step.id in ticked for step in plan.leaving),
        ),
        "groups": (len(plan.add_groups), len(plan.change_groups), len(plan.close_groups)),
        "teachers": (
            len(teachers),
            len(taught),
            sum(step.id in ticked for step in plan.leaving_teachers),
        ),
        "guardians": (len(linked & new), len((linked - new) | guardians), ended),
    }
