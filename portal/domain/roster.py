"""Pupils: who is at school, and in which groups."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from portal import names
from portal.access import Viewer
from portal.domain import audit, meeting_upkeep
from portal.domain.holding import hold, refuse_overtaken, version_of
from portal.errors import Refused
from portal.extensions import db
from portal.models.roster import Group, Membership, Pupil
from portal.models.school import School
from portal.words import gettext as _


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in the three parts that it is kept in; one of them is enough (R38)."""

    given_name: str = ""
    prefix: str = ""
    surname: str = ""

    @property
    def full(self) -> str:
        """The name as it is read: 'Sanne van der Berg'."""
        return names.full(self.given_name, self.prefix, self.surname)

    @property
    def sort_key(self) -> str:
        """What lists are ordered by."""
        return names.sort_key(self.given_name, self.prefix, self.surname)


def take_roster() -> None:
    """Take the turn to change the roster, and note that it changes.

    Every verb begins with it. The school's row stays locked until the commit, so that changes of the roster
    come one after the other on Postgres too, and a preview made before knows that it is out of date.
    """
    db.session.execute(
        update(School).values(roster_revision=School.roster_revision + 1),
        execution_options={"synchronize_session": False},
    )


def add_pupil(
    name: PersonName,
    birth_date: date | None,
    year_group: int | None,
    group: Group | None,
    actor: Viewer | None,
    now: datetime,
    today: date,
) -> Pupil:
    """Add a child to the school. Raises Refused when the same child is in the list already."""
    take_roster()
    _refuse_double(name, birth_date)
    pupil = Pupil(
        given_name=name.given_name,
        prefix=name.prefix,
        surname=name.surname,
        sort_key=name.sort_key,
        birth_date=birth_date,
        year_group=year_group,
        created_at=now,
    )
    db.session.add(pupil)
    db.session.flush()
    if group:
        _join(pupil, group, today, home=True)
    audit.record(actor, "add_pupil", "pupil", pupil.id)
    return pupil


def _refuse_double(name: PersonName, birth_date: date | None) -> None:
    same_day = Pupil.birth_date.is_(None) if birth_date is None else Pupil.birth_date == birth_date
    found = db.session.scalars(
        select(Pupil)
        .where(Pupil.sort_key == name.sort_key, same_day)
        .order_by(Pupil.archived_at.is_not(None))
    ).first()
    if found is None:
        return
    if found.archived_at:
        raise Refused(
            _(
                "%(name)s was at this school before. Find the child under 'Left' and take it back.",
                name=name.full,
            ),
            "surname",
        )
    if birth_date is None:
        raise Refused(
            _(
                "%(name)s is in the list already. If this is another child, fill in the date of birth.",
                name=name.full,
            ),
            "birth_date",
        )
    raise Refused(_("%(name)s with this date of birth is in the list already.", name=name.full), "surname")


def version_of_pupil(pupil: Pupil) -> str:
    """Return what tells what is known of a child from what was or will be."""
    return version_of(pupil.given_name, pupil.prefix, pupil.surname, pupil.birth_date, pupil.year_group)


def edit_pupil(
    pupil: Pupil,
    name: PersonName,
    birth_date: date | None,
    year_group: int | None,
    version: str,
    actor: Viewer | None,
) -> None:
    """Change what is known of the child itself. Raises Overtaken when that is not this `version` any more."""
    take_roster()
    hold(pupil)
    refuse_overtaken(version, version_of_pupil(pupil))
    rewrite_pupil(pupil, name, birth_date, year_group, actor)


def rewrite_pupil(
    pupil: Pupil, name: PersonName, birth_date: date | None, year_group: int | None, actor: Viewer | None
) -> None:
    """Do what `edit_pupil` does, for a verb that has taken the turn and holds the child's row already."""
    pupil.given_name, pupil.prefix, pupil.surname = name.given_name, name.prefix, name.surname
    pupil.sort_key = name.sort_key
    pupil.birth_date = birth_date
    pupil.year_group = year_group
    audit.record(actor, "edit_pupil", "pupil", pupil.id)


def move_pupil(
    pupil: Pupil, home: Group | None, extra: Iterable[Group], actor: Viewer | None, now: datetime, today: date
) -> None:
    """Put the child in this home group and exactly these other groups from today on."""
    take_roster()
    if pupil.archived_at:
        raise Refused(_("This child has left the school. Take it back first."))
    wanted = {group.id: group for group in extra}
    if home:
        wanted[home.id] = home
    home_id = home.id if home else None
    for membership in current_memberships(pupil):
        if membership.group_id in wanted and membership.home == (membership.group_id == home_id):
            del wanted[membership.group_id]
        else:
            _leave(membership, today)
    db.session.flush()
    for group in wanted.values():
        _join(pupil, group, today, home=group.id == home_id)
    audit.record(actor, "move_pupil", "pupil", pupil.id)
    meeting_upkeep.follow_roster([pupil.id], now)


def current_memberships(pupil: Pupil) -> list[Membership]:
    """Return the groups that the child is in now."""
    return list(
        db.session.scalars(
            select(Membership).where(Membership.pupil_id == pupil.id, Membership.ended_on.is_(None))
        )
    )


def _join(pupil: Pupil, group: Group, today: date, home: bool) -> None:
    if group.closed_at or (home and group.composite):
        raise Refused(
            _("%(group)s is no home group that a child can join now. Choose another.", group=group.name),
            "home",
        )
    db.session.add(Membership(pupil_id=pupil.id, group_id=group.id, home=home, started_on=today))
    db.session.flush()


def _leave(membership: Membership, today: date) -> None:
    """End a membership; one that began today was a slip and leaves no trace."""
    if membership.started_on >= today:
        db.session.delete(membership)
    else:
        membership.ended_on = today


def archive_pupil(pupil: Pupil, left_on: date, actor: Viewer | None, now: datetime, today: date) -> None:
    """Let the child leave the school: out of every list, with its history kept for as long as R18 says."""
    take_roster()
    if pupil.archived_at:
        return
    for membership in current_memberships(pupil):
        _leave(membership, today)
    pupil.archived_at = now
    pupil.left_on = left_on
    audit.record(actor, "archive_pupil", "pupil", pupil.id)
    meeting_upkeep.follow_roster([pupil.id], now)


def return_pupil(pupil: Pupil, actor: Viewer | None, now: datetime) -> None:
    """Take a child back that had left, with the guardians it had; a group is the next step."""
    take_roster()
    if not pupil.archived_at:
        return
    pupil.archived_at = None
    pupil.left_on = None
    audit.record(actor, "return_pupil", "pupil", pupil.id)
    meeting_upkeep.follow_roster([pupil.id], now)
