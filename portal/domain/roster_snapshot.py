"""The roster as it is now, in plain rows, read with a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from portal.domain.arrangement_history import BY_SCHOOL
from portal.domain.settings import school_year_around
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.arrangements import ArrangementEntry, Barring
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching
from portal.models.school import School, SchoolYear


@dataclass(frozen=True, slots=True)
class PupilNow:
    """A pupil, at school or archived, with the current groups."""

    id: int
    key: str | None
    given_name: str
    prefix: str
    surname: str
    birth_date: date | None
    year_group: int | None
    archived: bool
    home: int | None = None
    extra: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A group of any school year."""

    id: int
    school_year: str
    key: str | None
    name: str
    year_groups: str
    composite: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class AdultNow:
    """An adult; `role` is None for who is not on the staff now, `teaches` are group numbers."""

    id: int
    guardian_key: str | None
    given_name: str
    initials: str
    prefix: str
    surname: str
    email: str | None
    own_email: bool
    phone: str
    phone_e164: str
    own_phone: bool
    staff_key: str | None = None
    role: str | None = None
    teaches: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class GuardianshipNow:
    """An adult as guardian of a pupil, now."""

    id: int
    pupil_id: int
    user_id: int
    relation: str
    has_authority: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole roster at one moment; `revision` tells whether it is still that moment."""

    revision: int = 0
    school_year: str | None = None
    pupils: tuple[PupilNow, ...] = ()
    groups: tuple[GroupNow, ...] = ()
    adults: tuple[AdultNow, ...] = ()
    guardianships: tuple[GuardianshipNow, ...] = ()
    revoked: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    barred: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    """Pupil and adult who may have no contact, which no file undoes."""
    without: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    """Pupil and adult whose last place, which was ended, was without authority."""
    denied: frozenset[tuple[int, int]] = field(default_factory=frozenset)
    """Pupil and adult from whom school, and not a list, took the authority; no list gives it back unasked."""


def snapshot(today: date) -> Snapshot:
    """Read the roster as it is."""
    pairs = db.session.execute(
        select(
            Guardianship.id,
            Guardianship.pupil_id,
            Guardianship.user_id,
            Guardianship.relation,
            Guardianship.has_authority,
            Guardianship.revoked_at,
        ).order_by(Guardianship.pupil_id, Guardianship.seat)
    ).all()
    return Snapshot(
        revision=db.session.scalar(select(School.roster_revision)) or 0,
        school_year=_year_around(today),
        pupils=_pupils(),
        groups=_groups(),
        adults=_adults(),
        guardianships=tuple(GuardianshipNow(*row[:5]) for row in pairs if row.revoked_at is None),
        revoked=frozenset((row[1], row[2]) for row in pairs if row.revoked_at is not None),
        without=_last_without_authority(pairs),
        denied=_denied(),
        barred=frozenset(
            (row[0], row[1])
            for row in db.session.execute(
                select(Barring.pupil_id, Barring.user_id).where(Barring.lifted_at.is_(None))
            )
        ),
    )


def _last_without_authority(pairs: Sequence[Row[*tuple[Any, ...]]]) -> frozenset[tuple[int, int]]:
    ended = sorted((row for row in pairs if row.revoked_at is not None), key=lambda row: row.id)
    last = {(row.pupil_id, row.user_id): row.has_authority for row in ended}
    return frozenset(pair for pair, has_authority in last.items() if not has_authority)


def _denied() -> frozenset[tuple[int, int]]:
    newest = (
        select(func.max(ArrangementEntry.id))
        .where(ArrangementEntry.what.in_(BY_SCHOOL), ArrangementEntry.about.is_not(None))
        .group_by(ArrangementEntry.pupil_id, ArrangementEntry.about)
    )
    rows = db.session.execute(
        select(ArrangementEntry.pupil_id, ArrangementEntry.about).where(
            ArrangementEntry.id.in_(newest), ArrangementEntry.what == "no_authority"
        )
    )
    return frozenset((pupil_id, user_id) for pupil_id, user_id in rows if user_id is not None)


def _year_around(today: date) -> str:
    """Return the school year that runs, also when nobody has added it yet: last year's groups are not its."""
    running = select(SchoolYear.name).where(SchoolYear.first_day <= today, SchoolYear.last_day >= today)
    return db.session.scalar(running) or school_year_around(today).name


def _pupils() -> tuple[PupilNow, ...]:
    homes: dict[int, int] = {}
    extras: dict[int, set[int]] = {}
    for pupil_id, group_id, home in db.session.execute(
        select(Membership.pupil_id, Membership.group_id, Membership.home).where(Membership.ended_on.is_(None))
    ):
        if home:
            homes[pupil_id] = group_id
        else:
            extras.setdefault(pupil_id, set()).add(group_id)
    rows = db.session.execute(
        select(
            Pupil.id,
            Pupil.key,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.birth_date,
            Pupil.year_group,
            Pupil.archived_at,
        ).order_by(Pupil.sort_key, Pupil.id)
    )
    return tuple(
        PupilNow(*row[:7], row[7] is not None, homes.get(row[0]), frozenset(extras.get(row[0], ())))
        for row in rows
    )


def _groups() -> tuple[GroupNow, ...]:
    rows = db.session.execute(
        select(
            Group.id,
            SchoolYear.name,
            Group.key,
            Group.name,
            Group.year_groups,
            Group.composite,
            Group.closed_at,
        )
        .join(SchoolYear, SchoolYear.id == Group.school_year_id)
        .order_by(Group.id)
    )
    return tuple(GroupNow(*row[:6], row[6] is not None) for row in rows)


def _adults() -> tuple[AdultNow, ...]:
    teaches: dict[int, set[int]] = {}
    for user_id, group_id in db.session.execute(
        select(Teaching.user_id, Teaching.group_id).where(Teaching.ended_on.is_(None))
    ):
        teaches.setdefault(user_id, set()).add(group_id)
    rows = db.session.execute(
        select(
            User.id,
            User.guardian_key,
            User.given_name,
            User.initials,
            User.prefix,
            User.surname,
            User.email,
            User.email_changed_by_self_at,
            User.phone,
            User.phone_e164,
            User.phone_changed_by_self_at,
            StaffMember.staff_key,
            StaffMember.role,
            StaffMember.left_at,
        )
        .outerjoin(StaffMember, StaffMember.user_id == User.id)
        .order_by(User.id)
    )
    return tuple(
        AdultNow(
            *row[:7],
            row[7] is not None,
            *row[8:10],
            row[10] is not None,
            row[11],
            row[12] if row[13] is None else None,
            frozenset(teaches.get(row[0], ())),
        )
        for row in rows
    )
