"""'Past het?': how many times each table has for how many talks, in a set-up and while booking runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from portal import names
from portal.access import Viewer, pupils_arranged_by
from portal.domain.meeting_invitees import families_at
from portal.domain.meeting_setup import Setup, Stretch, Table
from portal.domain.meeting_slots import places_on, weekdays_in, working
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.meetings import Booking, Invitee, Slot
from portal.models.roster import Group, Pupil, Teaching

MOST_TALKS = 2
"""About one child at one table: one of each guardian (R19)."""
MARGIN, SHARE = 2, 0.1
"""A table is tight with fewer places over than two, or than a tenth of its talks."""

GOOD, TIGHT, SHORT = "good", "tight", "short"


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the times of a table are enough. `talks` counts both of parents who come apart.

    `needed`: the times that all those talks take together, a double one two. `places`: what there is.
    `away`: the days of the round on which none of its teachers works, Monday 1. `apart`: how many talks
    there are more than pupils; `longer`: how many take more than one place. `host_id` None: not saved yet.
    """

    host_id: int | None
    groups: tuple[str, ...]
    teachers: tuple[str, ...]
    pupils: int
    talks: int
    needed: int
    places: int
    apart: int = 0
    longer: int = 0
    minutes: int = 0
    away: tuple[int, ...] = ()
    own_days: bool = False

    @property
    def over(self) -> int:
        """How many times are left when everybody has one; less than nothing when there are too few."""
        return self.places - self.needed

    @property
    def away_mask(self) -> int:
        """The days on which nobody works, a bit each from Monday on."""
        return sum(1 << (day - 1) for day in self.away)

    @property
    def state(self) -> str:
        """GOOD, TIGHT or SHORT."""
        if self.over < 0:
            return SHORT
        return TIGHT if self.talks and self.over < max(MARGIN, SHARE * self.talks) else GOOD


@dataclass(frozen=True, slots=True)
class People:
    """The words for groups and teachers, and on which days each teacher works for which group."""

    groups: Mapping[int, str] = field(default_factory=dict)
    teachers: Mapping[int, str] = field(default_factory=dict)
    days: Mapping[tuple[int, int], int] = field(default_factory=dict)

    def weekdays(self, table: Table) -> frozenset[int]:
        """Return on which weekdays one of the teachers of a table works; empty when that is not known."""
        masks: dict[int, int] = {}
        for teacher in table.teachers:
            for group in table.groups:
                masks[teacher] = masks.get(teacher, 0) | self.days.get((teacher, group), 0)
        return weekdays_in(masks.values())


def people_in(tables: Iterable[Table]) -> People:
    """Return the words for the groups and teachers of some tables."""
    many = list(tables)
    group_ids = [group for table in many for group in table.groups]
    teacher_ids = [teacher for table in many for teacher in table.teachers]
    groups = select(Group.id, Group.name).where(Group.id.in_(group_ids)).order_by(Group.sort_key, Group.id)
    teachers = (
        select(User.id, StaffMember.called, User.given_name, User.prefix, User.surname)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(User.id.in_(teacher_ids))
    )
    days = select(Teaching.user_id, Teaching.group_id, Teaching.weekdays).where(
        Teaching.group_id.in_(group_ids), Teaching.ended_on.is_(None)
    )
    return People(
        {number: name for number, name in db.session.execute(groups)},
        {row[0]: row.called or names.full(*row[2:]) for row in db.session.execute(teachers)},
        {(teacher, group): mask for teacher, group, mask in db.session.execute(days)},
    )


def stretches_of(setup: Setup, table: Table, weekdays: frozenset[int]) -> list[Stretch]:
    """Return the stretches of days on which a table has talks."""
    return list(table.days) or working(setup.days, weekdays)


def fit_of(viewer: Viewer, setup: Setup, hosts: Iterable[int] = ()) -> list[Fit]:
    """Return for each table of a set-up whether its times are enough for its talks.

    `hosts`: the numbers of the rows of the tables, where they have been saved. A family that is kept from the
    viewer counts for two talks, the most there can be, of the length that holds for all of them: one more or
    less would tell whether they come apart (R22).
    """
    people = people_in(setup.tables)
    talks = _talks_of(viewer, setup)
    numbers: list[int | None] = list(hosts) or [None] * len(setup.tables)
    return [
        _fit(setup, table, people, talks.get(place, {}), number)
        for place, (table, number) in enumerate(zip(setup.tables, numbers, strict=True))
    ]


def _talks_of(viewer: Viewer, setup: Setup) -> dict[int, dict[int, list[int]]]:
    """Return how many minutes each talk takes at each table, by its place in the set-up and the child."""
    families = families_at(*seats_of(setup.tables))
    pupils = {seat.pupil_id for seat in families}
    known = set(db.session.scalars(select(Pupil.id).where(Pupil.id.in_(pupils), pupils_arranged_by(viewer))))
    found: dict[int, dict[int, list[int]]] = defaultdict(dict)
    for seat, family in families.items():
        table = setup.tables[seat.host_id]
        usual = setup.minutes_at(table)
        if seat.pupil_id in known:
            own = [table.length_of(seat.pupil_id, guardian_id) for guardian_id in family.talks]
        else:
            own = [table.lengths.get(seat.pupil_id)] * MOST_TALKS
        found[seat.host_id][seat.pupil_id] = [minutes or usual for minutes in own]
    return found


def seats_of(tables: Sequence[Table]) -> tuple[dict[int, int], list[tuple[int, int]]]:
    """Return which groups and which single pupils are at each table, by its place in the row."""
    groups = {
        group: place
        for place, table in enumerate(tables)
        for group in table.groups
        if group not in table.some
    }
    return groups, [(pupil, place) for place, table in enumerate(tables) for pupil in table.pupils]


def _fit(
    setup: Setup, table: Table, people: People, talks: Mapping[int, list[int]], host_id: int | None
) -> Fit:
    length = setup.minutes_at(table)
    weekdays = people.weekdays(table)
    takes = [places_taken(minutes, length) for of_pupil in talks.values() for minutes in of_pupil]
    at_work = {stretch.day for stretch in stretches_of(setup, table, weekdays)}
    return Fit(
        host_id,
        tuple(name for number, name in people.groups.items() if number in table.groups),
        tuple(people.teachers[number] for number in table.teachers if number in people.teachers),
        len(talks),
        len(takes),
        sum(takes),
        len(places_on(stretches_of(setup, table, weekdays), length)),
        apart=len(takes) - len(talks),
        longer=sum(places > 1 for places in takes),
        minutes=length,
        away=tuple(sorted({one.day.isoweekday() for one in setup.days if one.day not in at_work})),
        own_days=bool(table.days),
    )


def places_taken(minutes: int, length: int) -> int:
    """Return how many places of a length a talk takes that lasts so many minutes."""
    return -(-minutes // length)


# --- while it runs ----------------------------------------------------------------------------------------


def fit_now(setup: Setup, hosts: list[int], now: datetime) -> list[Fit]:
    """Return for each table of a published round whether its free times are enough for who has none yet.

    What teachers blocked or gave away counts; who declined, or needs no talk, is not waited for.
    """
    people = people_in(setup.tables)
    free = free_places(hosts, now)
    waiting = without_time(hosts)
    return [
        Fit(
            host_id,
            tuple(name for number, name in people.groups.items() if number in table.groups),
            tuple(people.teachers[number] for number in table.teachers if number in people.teachers),
            len({pupil for pupil, _minutes in waiting[host_id]}),
            len(waiting[host_id]),
            sum(
                places_taken(minutes or setup.minutes_at(table), setup.minutes_at(table))
                for _pupil, minutes in waiting[host_id]
            ),
            free.get(host_id, 0),
            minutes=setup.minutes_at(table),
        )
        for host_id, table in zip(hosts, setup.tables, strict=True)
    ]


def free_places(hosts: list[int], now: datetime) -> dict[int, int]:
    """Return how many places are left at each table; one kept for a family is that family's."""
    rows = db.session.execute(
        select(Slot.host_id, func.count())
        .where(
            Slot.host_id.in_(hosts),
            Slot.state == "open",
            Slot.booking_id.is_(None),
            Slot.starts_at > now,
        )
        .group_by(Slot.host_id)
    )
    return {host_id: count for host_id, count in rows}


def without_time(hosts: list[int]) -> dict[int, list[tuple[int, int | None]]]:
    """Return the talks at each table that still need a time: the child, and the talk's own length."""
    booked = select(Booking.invitee_id).where(Booking.cancelled_at.is_(None))
    rows = db.session.execute(
        select(Invitee.host_id, Invitee.pupil_id, Invitee.minutes).where(
            Invitee.host_id.in_(hosts),
            Invitee.ended_at.is_(None),
            Invitee.joined_to.is_(None),
            Invitee.declined_at.is_(None),
            Invitee.asked != "not_needed",
            Invitee.id.not_in(booked),
        )
    )
    found: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    for host_id, pupil_id, minutes in rows:
        found[host_id].append((pupil_id, minutes))
    return found
