"""Who works at school, and as what."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, select

from portal.access import LEADING_ROLES, Viewer, own_place_at_school
from portal.domain import audit
from portal.domain.care_readers import drop_from_all_lists
from portal.domain.conversations import drop_from_all
from portal.domain.holding import hold, refuse_overtaken, version_of
from portal.domain.letter_stops import stop_all_of, stop_beyond_role
from portal.domain.roster import take_roster
from portal.domain.roster_groups import end_teaching
from portal.domain.roster_guardians import end_access_without_role, full_name
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.roster import Teaching
from portal.words import gettext as _

ROLES = ("teacher", "office", "head", "admin")
REACH_LENGTH = 160


@dataclass(frozen=True, slots=True)
class Reach:
    """How the parents of the own groups reach a member of staff."""

    work_email: str
    reach: str


def reach_of(viewer: Viewer) -> Reach | None:
    """Return what the viewer lets parents see; None for who does not work here."""
    row = db.session.execute(
        select(StaffMember.work_email, StaffMember.reach).where(own_place_at_school(viewer))
    ).one_or_none()
    return Reach(row.work_email or "", row.reach or "") if row else None


def change_own_reach(viewer: Viewer, work_email: str | None, reach: str | None) -> None:
    """Let the parents of the own groups see this of the viewer, and nothing of what is empty."""
    member = db.session.scalars(select(StaffMember).where(own_place_at_school(viewer))).one()
    change_reach(member, work_email, reach, viewer)


def change_reach(
    member: StaffMember, work_email: str | None, reach: str | None, actor: Viewer | None
) -> None:
    """Let the parents of a member of staff's groups see this, and nothing of what is empty."""
    if (member.work_email, member.reach) == (work_email, reach):
        return
    member.work_email, member.reach = work_email, reach
    db.session.flush()
    audit.record(actor, "change_reach", "user", member.user_id)


def add_staff(person: User, role: str, called: str, actor: Viewer | None) -> StaffMember:
    """Let an adult work at school: somebody new, or a guardian, who stays one person with one login."""
    take_roster()
    member = db.session.get(StaffMember, person.id)
    if member and member.left_at is None:
        raise Refused(_("%(name)s works at this school already.", name=full_name(person)), "email")
    if member is None:
        member = StaffMember(user_id=person.id)
        db.session.add(member)
    member.role, member.called, member.left_at = role, called, None
    db.session.flush()
    audit.record(actor, "add_staff", "user", person.id)
    return member


def works_here(person: User) -> bool:
    """Whether somebody works at school now."""
    member = db.session.get(StaffMember, person.id)
    return member is not None and member.left_at is None


def somebody_leads() -> bool:
    """Whether somebody works at school now who can let others in."""
    found = exists().where(StaffMember.role.in_(LEADING_ROLES), StaffMember.left_at.is_(None))
    return bool(db.session.scalar(select(found)))


def member_of(person: User) -> StaffMember:
    """Return somebody as a member of staff, now or in the past."""
    return db.session.get_one(StaffMember, person.id)


def version_of_member(member: StaffMember) -> str:
    """Return what tells what a member of staff is and how one reaches them from what was or will be."""
    return version_of(member.role, member.called, member.work_email, member.reach)


def edit_staff(member: StaffMember, role: str, called: str, version: str, actor: Viewer | None) -> None:
    """Change what somebody does at school and how the children call them.

    Raises Overtaken when that is not this `version` any more, and Refused when nobody would lead.
    """
    take_roster()
    hold(member)
    refuse_overtaken(version, version_of_member(member))
    if role not in LEADING_ROLES:
        _refuse_leaderless(member)
    member.role, member.called = role, called
    stop_beyond_role(member.user_id, role)
    audit.record(actor, "edit_staff", "user", member.user_id)


def is_called_like_another(member: StaffMember) -> bool:
    """Whether somebody else who works at school is called the same: parents cannot tell them apart."""
    another = exists().where(
        StaffMember.called == member.called,
        StaffMember.user_id != member.user_id,
        StaffMember.left_at.is_(None),
    )
    return member.called != "" and bool(db.session.scalar(select(another)))


def end_staff(member: StaffMember, actor: Viewer | None, now: datetime, today: date) -> None:
    """Let somebody leave the school: no access as staff from this moment, and no group any more."""
    take_roster()
    if member.left_at:
        return
    _refuse_leaderless(member)
    for teaching in db.session.scalars(
        select(Teaching).where(Teaching.user_id == member.user_id, Teaching.ended_on.is_(None))
    ):
        end_teaching(teaching, today)
    stop_all_of(member.user_id)
    drop_from_all_lists(member.user_id)
    drop_from_all(member.user_id)
    member.left_at = now
    db.session.flush()
    audit.record(actor, "end_staff", "user", member.user_id)
    end_access_without_role(member.user_id, now)


def _refuse_leaderless(member: StaffMember) -> None:
    """Keep one head or administrator, or nobody could let anybody in any more."""
    if member.role not in LEADING_ROLES:
        return
    others = db.session.scalar(
        select(func.count()).where(
            StaffMember.role.in_(LEADING_ROLES),
            StaffMember.left_at.is_(None),
            StaffMember.user_id != member.user_id,
        )
    )
    if not others:
        raise Refused(
            _("Somebody must be head or administrator. Give another person that role first."), "role"
        )
