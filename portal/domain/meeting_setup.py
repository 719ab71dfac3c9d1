"""A round of talks as the office wants it: what a form fills in and what a change is worked out from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.domain.meeting_slots import days_of, hosts_of
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import long_date, sentence
from portal.models.meetings import HostTeacher, Invitee, MeetingDay, MeetingRound, RoundGroup, RoundPupil
from portal.models.roster import Membership
from portal.words import gettext

COLUMNS = (
    "name", "kind", "talk_minutes", "gap_minutes", "building_gap_minutes", "way", "twins_together",
    "hold_hours", "hall_names", "shape_from", "early_from", "opens_at", "closes_at", "filled_by",
)  # fmt: skip
"""What a set-up and the row of its round both have."""

FURTHEST = timedelta(days=366)
"""How far ahead a day of talks can be."""

SHORTEST, LONGEST = 5, 120
"""How many minutes a talk may take."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a day with talks, by the school's clock."""

    day: date
    starts_at: time
    ends_at: time
    break_from: time | None = None
    break_until: time | None = None

    def __lt__(self, other: "Stretch") -> bool:
        """Come first in time; whether there is a break makes no difference."""
        return (self.day, self.starts_at, self.ends_at) < (other.day, other.starts_at, other.ends_at)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the office wants it: for whom, who sits there, and where. `minutes` None: the round's.

    `some`: the groups of which only some pupils are invited; `pupils`: who is invited by itself. `days`
    empty: those of the round. `lengths`: pupils whose talk takes a number of minutes of its own; where two
    guardians come apart, only what holds for both their talks. `one_sided`: what a teacher gave to the talk
    of one of them only, by pupil and guardian.
    """

    groups: tuple[int, ...]
    teachers: tuple[int, ...]
    room: str = ""
    building: str = ""
    video_url: str = ""
    minutes: int | None = None
    days: tuple[Stretch, ...] = ()
    some: frozenset[int] = frozenset()
    pupils: tuple[int, ...] = ()
    lengths: dict[int, int] = field(default_factory=dict)
    one_sided: dict[tuple[int, int | None], int] = field(default_factory=dict)

    def length_of(self, pupil_id: int, guardian_id: int | None) -> int | None:
        """Return the own length of a talk: the one chosen for the pupil, else for this talk only."""
        return self.lengths.get(pupil_id) or self.one_sided.get((pupil_id, guardian_id))

    def own_minutes(self, talk: Invitee, before: Mapping[int, int]) -> int | None:
        """Return the own length that a talk is to have: its own, unless another was chosen for the pupil.

        `before`: the lengths of the pupils at the table where the talk is now.
        """
        wanted = self.lengths.get(talk.pupil_id)
        return talk.minutes if wanted == before.get(talk.pupil_id) else wanted


@dataclass(frozen=True, slots=True)
class Setup:
    """A round as the office wants it; the fields are those of `MeetingRound`."""

    name: str
    opens_at: datetime
    closes_at: datetime
    days: tuple[Stretch, ...]
    tables: tuple[Table, ...]
    kind: str = "booking"
    talk_minutes: int = 10
    gap_minutes: int = 10
    building_gap_minutes: int = 20
    way: str = "place"
    twins_together: bool = False
    hold_hours: int = 12
    hall_names: str = "initials"
    shape_from: datetime | None = None
    early_from: datetime | None = None
    filled_by: datetime | None = None

    def minutes_at(self, table: Table) -> int:
        """Return how long a place at a table is."""
        return table.minutes or self.talk_minutes


def check(setup: Setup) -> None:
    """Say whether a round can be held like that. Raises Refused, with the field it is about."""
    if not setup.tables:
        raise Refused(gettext("Choose at least one group."), "groups")
    if not setup.days and not all(table.days for table in setup.tables):
        raise Refused(gettext("Add at least one day with times."), "days")
    teachers = [teacher for table in setup.tables for teacher in table.teachers]
    if len(teachers) > len(set(teachers)):
        raise Refused(gettext("A teacher cannot be at two tables at once."), "groups")
    if not all(table.teachers for table in setup.tables):
        raise Refused(gettext("Every group needs a teacher who has the talks."), "groups")
    _check_stretches(setup.days)
    for table in setup.tables:
        _check_stretches(table.days)
    _check_order(setup)


def check_new_days(setup: Setup, known: Setup | None, today: date) -> None:
    """Raise Refused for a day that is over or far away, unless the round that is `known` has it already."""
    new = {stretch.day for stretch in _stretches_of(setup) - (_stretches_of(known) if known else set())}
    _refuse_over(new, today)
    if new and max(new) > today + FURTHEST:
        day = sentence(long_date(max(new)))
        raise Refused(gettext("%(day)s is far away. Choose a day within a year.", day=day), "days")


def check_to_publish(setup: Setup, now: datetime) -> None:
    """Raise Refused for a round of which parents could choose nothing any more."""
    _refuse_over({stretch.day for stretch in _stretches_of(setup)}, clock.to_local(now).date())
    if setup.closes_at <= now:
        raise Refused(gettext("The time to choose is over already. Choose a later end."))


def _stretches_of(setup: Setup) -> set[Stretch]:
    return {*setup.days, *(stretch for table in setup.tables for stretch in table.days)}


def _refuse_over(days: set[date], today: date) -> None:
    if days and min(days) < today:
        day = sentence(long_date(min(days)))
        raise Refused(gettext("%(day)s is over. Choose a later day.", day=day), "days")


def _check_stretches(days: tuple[Stretch, ...]) -> None:
    for stretch in days:
        if stretch.ends_at <= stretch.starts_at:
            raise Refused(gettext("The end must come after the beginning."), "days")
        if stretch.break_from and stretch.break_until:
            if stretch.break_until <= stretch.break_from:
                raise Refused(gettext("The end of a break must come after its beginning."), "days")
            if stretch.break_from < stretch.starts_at or stretch.ends_at < stretch.break_until:
                raise Refused(gettext("A break must lie between the beginning and the end."), "days")
    ordered = sorted(days)
    for one, following in zip(ordered, ordered[1:], strict=False):
        if one.day == following.day and following.starts_at < one.ends_at:
            raise Refused(gettext("Two stretches of the same day overlap."), "days")


def _check_order(setup: Setup) -> None:
    if setup.closes_at <= setup.opens_at:
        raise Refused(gettext("The end of choosing must come after its beginning."), "closes_at")
    if setup.early_from and setup.early_from > setup.opens_at:
        raise Refused(gettext("Early choosing must come before choosing for everyone."), "early_from")
    if setup.shape_from and setup.shape_from > (setup.early_from or setup.opens_at):
        raise Refused(gettext("Teachers shape their times before parents choose."), "shape_from")
    if setup.filled_by and setup.filled_by < setup.closes_at:
        raise Refused(gettext("The office fills the rest after choosing has ended."), "filled_by")


def with_groups(
    tables: tuple[Table, ...], chosen: Iterable[int], teachers: Mapping[int, tuple[int, ...]]
) -> tuple[Table, ...]:
    """Return the tables for some groups: those that are there keep what they have, others get a table.

    `teachers`: who teaches each group. A teacher is at one table only, so that a group whose teacher has one
    already joins it. A table for single pupils stays as it is. Who was invited as one of a group that goes,
    goes with it.
    """
    wanted = list(chosen)
    kept = [_without(table, set(table.groups).difference(wanted)) for table in tables]
    found = [now for was, now in zip(tables, kept, strict=True) if now.groups or not was.groups]
    seated = {group for table in found for group in table.groups}
    for group in wanted:
        if group in seated:
            continue
        own = teachers.get(group, ())
        place = next((n for n, table in enumerate(found) if set(own) & set(table.teachers)), None)
        if place is None:
            found.append(Table((group,), own))
        else:
            table = found[place]
            both = tuple(dict.fromkeys([*table.teachers, *own]))
            found[place] = replace(table, groups=(*table.groups, group), teachers=both)
    return tuple(found)


def _without(table: Table, gone: set[int]) -> Table:
    if not gone:
        return table
    stays = table.some - gone
    members = _pupils_of(table.some & gone) - _pupils_of(stays)
    return replace(
        table,
        groups=tuple(group for group in table.groups if group not in gone),
        some=stays,
        pupils=tuple(pupil for pupil in table.pupils if pupil not in members),
    )


def _pupils_of(groups: Iterable[int]) -> set[int]:
    current = select(Membership.pupil_id).where(Membership.ended_on.is_(None))
    return set(db.session.scalars(current.where(Membership.group_id.in_(list(groups)))))


def setup_of(round_: MeetingRound) -> Setup:
    """Return a round as it is set up now."""
    return setup_by_host(round_)[0]


def setup_by_host(round_: MeetingRound) -> tuple[Setup, list[int]]:
    """Return a round as it is set up now, and the number of the row of each of its tables."""
    teachers = _by_host(HostTeacher, HostTeacher.user_id, round_)
    groups = _by_host(RoundGroup, RoundGroup.group_id, round_)
    pupils = _by_host(RoundPupil, RoundPupil.pupil_id, round_)
    some = set(
        db.session.scalars(
            select(RoundGroup.group_id).where(RoundGroup.round_id == round_.id, ~RoundGroup.everyone)
        )
    )
    lengths = _own_lengths(round_)
    days = days_of(round_)
    hosts = [host for host in hosts_of(round_) if teachers.get(host.id)]
    tables = tuple(
        Table(
            groups=groups.get(host.id, ()),
            teachers=teachers[host.id],
            room=host.room,
            building=host.building,
            video_url=host.video_url,
            minutes=host.talk_minutes,
            days=tuple(_stretch(day) for day in days if day.host_id == host.id),
            some=frozenset(some.intersection(groups.get(host.id, ()))),
            pupils=pupils.get(host.id, ()),
            lengths=_shared(lengths.get(host.id, {})),
            one_sided=_one_sided(lengths.get(host.id, {})),
        )
        for host in hosts
    )
    columns = {name: getattr(round_, name) for name in COLUMNS}
    general = tuple(_stretch(day) for day in days if day.host_id is None)
    return Setup(days=general, tables=tables, **columns), [host.id for host in hosts]


def _stretch(day: MeetingDay) -> Stretch:
    return Stretch(day.day, day.starts_at, day.ends_at, day.break_from, day.break_until)


def _by_host(
    model: type[HostTeacher | RoundGroup | RoundPupil], column: Any, round_: MeetingRound
) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = defaultdict(list)
    query = select(model.host_id, column).where(model.round_id == round_.id)
    for host_id, number in db.session.execute(query):
        found[host_id].append(number)
    return {host_id: tuple(sorted(numbers)) for host_id, numbers in found.items()}


def lengths_by_host(round_: MeetingRound) -> dict[int, dict[int, int]]:
    """Return by table the pupils whose talks have an own length, the same for every guardian."""
    return {host_id: _shared(of_host) for host_id, of_host in _own_lengths(round_).items()}


Lengths = dict[int, dict[int | None, int | None]]
"""The own lengths of the talks at a table, by pupil and then by guardian."""


def _own_lengths(round_: MeetingRound) -> dict[int, Lengths]:
    rows = db.session.execute(
        select(Invitee.host_id, Invitee.pupil_id, Invitee.guardian_id, Invitee.minutes).where(
            Invitee.round_id == round_.id, Invitee.ended_at.is_(None)
        )
    )
    found: dict[int, Lengths] = defaultdict(lambda: defaultdict(dict))
    for host_id, pupil_id, guardian_id, minutes in rows:
        found[host_id][pupil_id][guardian_id] = minutes
    return found


def _shared(lengths: Lengths) -> dict[int, int]:
    """Return the pupils all of whose talks have the same own length."""
    each = {pupil: set(of_pupil.values()) for pupil, of_pupil in lengths.items()}
    return {pupil: one for pupil, (one, *others) in each.items() if one and not others}


def _one_sided(lengths: Lengths) -> dict[tuple[int, int | None], int]:
    """Return the own lengths that do not hold for all talks about a pupil."""
    shared = _shared(lengths)
    return {
        (pupil, guardian): minutes
        for pupil, of_pupil in lengths.items()
        for guardian, minutes in of_pupil.items()
        if minutes and pupil not in shared
    }
