"""The school's own lists that letters go to: the choir, the parents' council."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.exc import IntegrityError

from portal import access, names
from portal.access import Viewer
from portal.access.directory import unknown_as_staff
from portal.domain import audit
from portal.domain.letter_audience import GUARDIAN, PUPIL, Part
from portal.domain.letter_choices import check
from portal.errors import Refused
from portal.extensions import db, insert_into
from portal.models.accounts import User
from portal.models.letters import LetterList, LetterListMember
from portal.models.roster import Pupil
from portal.words import gettext

NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list with the number of its members."""

    id: int
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Member:
    """Who is on a list: a child with all its guardians, or with one of them, `guardian`."""

    id: int
    pupil: str
    guardian: str


def all_lists(viewer: Viewer) -> list[ListLine]:
    """Return the lists by name, each with the number of members that its page shows the viewer (R22)."""
    is_member = and_(LetterListMember.list_id == LetterList.id, _is_known_to(viewer))
    rows = db.session.execute(
        select(LetterList.id, LetterList.name, func.count(LetterListMember.id))
        .outerjoin(LetterListMember, is_member)
        .where(access.lists_of_school(viewer))
        .group_by(LetterList.id, LetterList.name)
        .order_by(func.lower(LetterList.name), LetterList.id)
    )
    return [ListLine(*row) for row in rows]


def _is_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """The members whom the viewer may write to: nobody of the own family, nor who is kept from the viewer."""
    pupils = select(Pupil.id).where(access.pupils_written_about_by(viewer))
    adult = LetterListMember.user_id
    return and_(
        LetterListMember.pupil_id.in_(pupils), or_(adult.is_(None), ~unknown_as_staff(viewer.id, adult))
    )


def members_of(own_list: LetterList, viewer: Viewer) -> list[Member]:
    """Return who is on a list, by the children's names; nobody of the viewer's own family (R22)."""
    rows = db.session.execute(
        select(
            LetterListMember.id,
            *(Pupil.given_name, Pupil.prefix, Pupil.surname),
            *(User.given_name, User.prefix, User.surname),
        )
        .join(Pupil, Pupil.id == LetterListMember.pupil_id)
        .outerjoin(User, User.id == LetterListMember.user_id)
        .where(LetterListMember.list_id == own_list.id, _is_known_to(viewer))
        .order_by(Pupil.sort_key, Pupil.id, LetterListMember.id)
    )
    return [
        Member(row[0], names.full(*row[1:4]), names.full(*(part or "" for part in row[4:7]))) for row in rows
    ]


def make_list(name: str, actor: Viewer, now: datetime) -> LetterList:
    """Begin a list. Raises Refused when there is one of that name."""
    own_list = LetterList(name=name, made_by=actor.id, made_at=now)
    db.session.add(own_list)
    _flush_name()
    audit.record(actor, "make_letter_list", "letter_list", own_list.id)
    return own_list


def rename_list(own_list: LetterList, name: str, actor: Viewer) -> None:
    """Give a list another name. Raises Refused when another list has it."""
    own_list.name = name
    _flush_name()
    audit.record(actor, "rename_letter_list", "letter_list", own_list.id)


def _flush_name() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(gettext("There is a list with this name. Choose another."), "name") from None


def add_member(own_list: LetterList, part: Part, actor: Viewer) -> None:
    """Put a pupil, or one guardian of a pupil, on a list; who is on it stays once.

    Raises Refused for whom the actor may not write to.
    """
    if part.kind not in (PUPIL, GUARDIAN):
        raise Refused(gettext("Choose a pupil or a guardian."))
    check(actor, [part])
    row = {"list_id": own_list.id, "pupil_id": part.number, "user_id": part.guardian or None}
    db.session.execute(insert_into(LetterListMember).values(row).on_conflict_do_nothing())
    audit.record(actor, "add_to_letter_list", "letter_list", own_list.id)


def remove_member(own_list: LetterList, member_id: int, actor: Viewer) -> None:
    """Take somebody off a list."""
    db.session.execute(
        delete(LetterListMember).where(
            LetterListMember.id == member_id, LetterListMember.list_id == own_list.id
        )
    )
    audit.record(actor, "remove_from_letter_list", "letter_list", own_list.id)


def remove_list(own_list: LetterList, actor: Viewer, now: datetime) -> None:
    """Take a list away; letters that went to it stay as they are, and its name is free again."""
    own_list.name = f"{own_list.name[:40]} ({own_list.id}, {now:%Y-%m-%d})"
    own_list.removed_at = now
    audit.record(actor, "remove_letter_list", "letter_list", own_list.id)
    db.session.flush()
