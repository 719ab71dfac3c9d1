"""The short list of who at school may read a pupil's care information (R15)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, exists, select
from sqlalchemy.exc import IntegrityError

from portal import access, names
from portal.access import Viewer
from portal.domain import audit
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.pupils import CareReader
from portal.models.roster import Group, Membership, Pupil, Teaching
from portal.words import gettext as _


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody on the list. `id` is the number of the naming, None for a teacher of the home group."""

    id: int | None
    user_id: int
    name: str
    called: str


def readers_of(pupil: Pupil) -> list[Reader]:
    """Return who may read a pupil's care information: the teachers of the home group, then who was named.

    A teacher who is a guardian of the pupil reads as that, and is not on school's list.
    """
    teaches = exists().where(
        Teaching.user_id == User.id,
        Teaching.ended_on.is_(None),
        Membership.group_id == Teaching.group_id,
        Membership.pupil_id == pupil.id,
        Membership.home,
        Membership.ended_on.is_(None),
    )
    rows = db.session.execute(
        select(
            CareReader.id,
            User.id.label("user_id"),
            User.given_name,
            User.prefix,
            User.surname,
            StaffMember.called,
            teaches.label("teaches"),
        )
        .join(StaffMember, and_(StaffMember.user_id == User.id, StaffMember.left_at.is_(None)))
        .outerjoin(CareReader, and_(CareReader.user_id == User.id, CareReader.pupil_id == pupil.id))
        .where(
            teaches | CareReader.id.is_not(None),
            User.id.not_in(access.family_of(pupil.id)),
        )
        .order_by(User.sort_key, User.id)
    ).all()
    readers = [
        Reader(
            None if row.teaches else row.id,
            row.user_id,
            name := names.full(row.given_name, row.prefix, row.surname),
            row.called or name,
        )
        for row in rows
    ]
    return sorted(readers, key=lambda reader: reader.id is not None)


@dataclass(frozen=True, slots=True)
class NamedFor:
    """A pupil on whose list the reader was put."""

    id: int
    full_name: str
    group: str


def pupils_named_for(viewer: Viewer) -> list[NamedFor]:
    """Return for which pupils somebody at school was named, in the order of the school's list."""
    rows = db.session.execute(
        select(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname, Group.name)
        .join(CareReader, and_(CareReader.pupil_id == Pupil.id, CareReader.user_id == viewer.id))
        .outerjoin(
            Membership,
            and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None)),
        )
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(access.reads_care_as_school(viewer, Pupil.id))
        .order_by(Pupil.sort_key, Pupil.id)
    )
    return [NamedFor(row[0], names.full(*row[1:4]), row[4] or "") for row in rows]


def staff_to_name(pupil: Pupil) -> list[tuple[int, str]]:
    """Return who works here and is not on the list yet, by number and name."""
    present = {reader.user_id for reader in readers_of(pupil)}
    rows = db.session.execute(
        select(User.id, User.given_name, User.prefix, User.surname)
        .join(StaffMember, and_(StaffMember.user_id == User.id, StaffMember.left_at.is_(None)))
        .where(User.id.not_in(access.family_of(pupil.id)))
        .order_by(User.sort_key, User.id)
    )
    return [(row[0], names.full(*row[1:4])) for row in rows if row[0] not in present]


def name_reader(pupil: Pupil, user_id: int, actor: Viewer, now: datetime) -> None:
    """Let one more person at school read a pupil's care information; guardians see the name on the list.

    `user_id` is one of `staff_to_name`. Raises Refused when a colleague was just earlier.
    """
    db.session.add(CareReader(pupil_id=pupil.id, user_id=user_id, named_by=actor.id, named_at=now))
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(_("This colleague is on the list already."), "user") from None
    audit.record(actor, "name_care_reader", "pupil", pupil.id)


def drop_reader(reader: CareReader, actor: Viewer) -> None:
    """Take somebody off the list, at once."""
    audit.record(actor, "drop_care_reader", "pupil", reader.pupil_id)
    db.session.delete(reader)


def drop_from_all_lists(user_id: int) -> None:
    """Take somebody who leaves the school off every list, so that coming back opens nothing."""
    db.session.execute(delete(CareReader).where(CareReader.user_id == user_id))
