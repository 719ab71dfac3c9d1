"""Whom a letter is for: one function, for the count in the composer, the sending, the page and the export."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from portal import access, names
from portal.access import Viewer
from portal.access.letters import receives_letters
from portal.access.pupils import is_family
from portal.domain.mail_trouble import takes_no_mail
from portal.domain.roster_lists import HOME
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import LetterAudience, LetterListMember
from portal.models.roster import Group, Guardianship, Membership, Pupil

SCHOOL, GROUP, YEAR, LIST, PUPIL, GUARDIAN = "school", "group", "year", "list", "pupil", "guardian"

_membership = aliased(Membership)
_member = aliased(LetterListMember)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of whom a letter is for, or not for: a kind and the number that goes with it.

    `number`: of the group, the list or the pupil, or the jaargroep itself; 0 for the whole school. `guardian`
    is the number of the one guardian of that pupil.
    """

    kind: str
    number: int = 0
    guardian: int = 0
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Unreached:
    """A child of whom no guardian gets the mail: none at all, or none with an address."""

    pupil_id: int
    name: str
    has_guardian: bool
    group_id: int = 0
    group: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """How many guardians of how many children a letter goes to, and whom the mail does not reach."""

    guardians: int
    pupils: int
    unreached: tuple[Unreached, ...]


def recipients(parts: Sequence[Part]) -> Select[int, int]:
    """Return the query of (guardian, pupil) to whom and about whom a letter for these parts goes.

    A guardian with several children in it is there several times and gets one letter. What is excluded wins:
    a group without one of its pupils, the school without one guardian.
    """
    meant = [_is_meant(part) for part in parts if not part.excluded]
    not_meant = [_is_meant(part) for part in parts if part.excluded]
    return (
        select(Guardianship.user_id, Guardianship.pupil_id)
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .where(
            Guardianship.revoked_at.is_(None),
            receives_letters(Guardianship.user_id, Guardianship.pupil_id),
            or_(false(), *meant),
            *(~condition for condition in not_meant),
        )
    )


def _is_meant(part: Part) -> ColumnElement[bool]:
    """Whether a guardianship beside a pupil belongs to a part."""
    about = _pupil_is_meant(part)
    if part.kind == GUARDIAN:
        return and_(about, Guardianship.user_id == part.guardian)
    if part.kind == LIST:
        return exists().where(
            _member.list_id == part.number,
            _member.pupil_id == Guardianship.pupil_id,
            or_(_member.user_id.is_(None), _member.user_id == Guardianship.user_id),
        )
    return about


def _pupil_is_meant(part: Part) -> ColumnElement[bool]:
    """Whether a pupil belongs to a part, whoever its guardians are."""
    if part.kind == SCHOOL:
        return Pupil.archived_at.is_(None)
    if part.kind == GROUP:
        return exists().where(
            _membership.pupil_id == Pupil.id,
            _membership.group_id == part.number,
            _membership.ended_on.is_(None),
        )
    if part.kind == YEAR:
        return Pupil.year_group == part.number
    if part.kind == LIST:
        return exists().where(_member.list_id == part.number, _member.pupil_id == Pupil.id)
    return Pupil.id == part.number


def reach(viewer: Viewer, parts: Sequence[Part]) -> Reach:
    """Count for the writer whom a letter would go to, and name the children that the mail does not reach.

    Only children whom the writer has at school are counted and named (`access.future_recipients_known_to`).
    """
    to = known_recipients(viewer, parts).subquery()
    counted = db.session.execute(
        select(func.count(distinct(to.c.user_id)), func.count(distinct(to.c.pupil_id)))
    ).one()
    return Reach(counted[0], counted[1], tuple(unreached(viewer, parts)))


def known_recipients(viewer: Viewer, parts: Sequence[Part]) -> Select[int, int]:
    """Return the query of those to whom a letter for these parts goes, as far as its writer may know."""
    return recipients(parts).where(access.future_recipients_known_to(viewer))


def unreached(viewer: Viewer, parts: Sequence[Part]) -> list[Unreached]:
    """Return the children of these parts whom the mail does not reach, of whom the writer may know.

    Of the own child one is a guardian, who is not told whom else the mail reaches.
    """
    to = known_recipients(viewer, parts).subquery()
    mailed = (
        exists()
        .where(to.c.pupil_id == Pupil.id, to.c.user_id == User.id)
        .where(~takes_no_mail(), User.disabled_at.is_(None))
    )
    has_guardian = exists().where(to.c.pupil_id == Pupil.id)
    meant = [_pupil_is_meant(part) for part in parts if not part.excluded and part.kind != GUARDIAN]
    not_meant = [_pupil_is_meant(part) for part in parts if part.excluded and part.kind != GUARDIAN]
    rows = db.session.execute(
        select(
            *(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname),
            *(has_guardian, Group.id.label("group_id"), Group.name),
        )
        .outerjoin(Membership, HOME)
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(
            access.pupils_of_school(viewer),
            Pupil.archived_at.is_(None),
            ~is_family(viewer.id, Pupil.id),
            or_(has_guardian, false(), *meant),
            *(~condition for condition in not_meant),
            ~mailed,
        )
        .order_by(Pupil.sort_key, Pupil.id)
    )
    return [Unreached(row[0], names.full(*row[1:4]), bool(row[4]), row[5] or 0, row[6] or "") for row in rows]


def reaches_whole_school(parts: Sequence[Part]) -> bool:
    """Whether a letter for these parts is one to the whole school, in whatever way they were chosen.

    That is one for 'the whole school', whoever is excepted, and one that in every group is about more than
    half of the children.
    """
    chosen = [part for part in parts if not part.excluded]
    if not chosen or any(part.kind == SCHOOL for part in chosen):
        return bool(chosen)
    left_out = [_pupil_is_meant(part) for part in parts if part.excluded and part.kind != GUARDIAN]
    is_meant = and_(or_(*map(_pupil_is_meant, chosen)), *(~condition for condition in left_out))
    meant = func.sum(case((is_meant, 1), else_=0))
    groups = (
        select(func.count().label("pupils"), meant.label("meant"))
        .select_from(Pupil)
        .join(Membership, HOME)
        .where(Pupil.archived_at.is_(None))
        .group_by(Membership.group_id)
        .subquery()
    )
    missed = func.sum(case((groups.c.meant * 2 <= groups.c.pupils, 1), else_=0))
    return bool(db.session.scalar(select(missed == 0).select_from(groups)))


def groups_left_out_in_vain(parts: Sequence[Part]) -> list[str]:
    """Return the names of the excepted groups in which no child is any more: they leave nobody out.

    The children who were meant are in another group since, in which the letter would reach them.
    """
    numbers = [part.number for part in parts if part.excluded and part.kind == GROUP]
    if not numbers:
        return []
    has_child = exists().where(Membership.group_id == Group.id, Membership.ended_on.is_(None))
    emptied = select(Group.name).where(Group.id.in_(numbers), ~has_child)
    return list(db.session.scalars(emptied.order_by(Group.sort_key, Group.id)))


def parts_of(letter_id: int) -> list[Part]:
    """Return whom a letter is for, as it was chosen."""
    rows = db.session.scalars(
        select(LetterAudience).where(LetterAudience.letter_id == letter_id).order_by(LetterAudience.id)
    )
    return [Part(row.kind, _number(row), row.user_id or 0, row.excluded) for row in rows]


def _number(row: LetterAudience) -> int:
    known: Any = {
        GROUP: row.group_id,
        YEAR: row.year_group,
        LIST: row.list_id,
        PUPIL: row.pupil_id,
        GUARDIAN: row.pupil_id,
    }.get(row.kind, 0)
    return int(known)


def row_of(letter_id: int, part: Part) -> LetterAudience:
    """Return the row that keeps a part."""
    number = part.number
    return LetterAudience(
        letter_id=letter_id,
        kind=part.kind,
        group_id=number if part.kind == GROUP else None,
        year_group=number if part.kind == YEAR else None,
        list_id=number if part.kind == LIST else None,
        pupil_id=number if part.kind in (PUPIL, GUARDIAN) else None,
        user_id=part.guardian if part.kind == GUARDIAN else None,
        excluded=part.excluded,
    )
