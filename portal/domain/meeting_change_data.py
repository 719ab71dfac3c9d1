"""What a change of a round is worked out from, and how its places are written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal import names
from portal.access import Viewer, bookings_of_school, invitees_of_school
from portal.domain.meeting_capacity import seats_of
from portal.domain.meeting_changes import Gaps, Ground, Talk
from portal.domain.meeting_grounds import days_of_tables, ground_of, keeps_times, unbooked_at
from portal.domain.meeting_invitees import Family, Seat, families_at
from portal.domain.meeting_kept_places import kept_places
from portal.domain.meeting_people import People
from portal.domain.meeting_rounds import rows_of
from portal.domain.meeting_setup import Setup, Table, setup_by_host
from portal.domain.slot_times import Span
from portal.extensions import db
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.roster import Group, Guardianship, Membership, Pupil


@dataclass(frozen=True, slots=True)
class Situation:
    """A round as it is and as it is to be. A place is the number of a table in the wanted set-up.

    `tables`: at which place each offered talk is from now on, by its number. `rows`: the number of the row
    that a table has already. `slots`: the places that each of those has now.
    """

    talks: tuple[Talk, ...]
    grounds: dict[int, Ground]
    gaps: Gaps
    others: tuple[Talk, ...]
    bookings: dict[int, Booking]
    invitees: dict[int, Invitee]
    tables: dict[int, int]
    rows: dict[int, int]
    slots: dict[int, list[Slot]]
    days: dict[int, tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """A booked talk in the words of the office."""

    pupil: str
    group: str
    own: bool


def turn_of(round_: MeetingRound, setup: Setup) -> People:
    """Return everybody whose talks a change of the round may touch."""
    teachers = {teacher for table in setup.tables for teacher in table.teachers}
    teachers |= set(db.session.scalars(select(HostTeacher.user_id).where(HostTeacher.round_id == round_.id)))
    guardians = (
        select(Guardianship.user_id)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(Invitee.round_id == round_.id, Invitee.ended_at.is_(None))
    )
    return People(frozenset(db.session.scalars(guardians)), frozenset(teachers))


def situation_of(round_: MeetingRound, setup: Setup, now: datetime) -> Situation:
    """Return what a change of a round to another set-up is worked out from, as it is in the database now."""
    old, old_hosts = setup_by_host(round_)
    rows = {place: host.id for place, host in enumerate(rows_of(round_, setup)) if host is not None}
    was = dict(zip(old_hosts, old.tables, strict=True))
    invitees = {one.id: one for one in _fresh(select(Invitee).where(*_offered(round_)))}
    booked = {one.id: one for one in _fresh(_booked_of(round_))}
    families = families_at(*seats_of(setup.tables))
    tables = _tables(invitees.values(), families, {host: place for place, host in rows.items()})
    slots = _slots(rows)
    days = days_of_tables(setup)
    grounds = {
        place: ground_of(
            setup,
            table,
            days[place],
            slots.get(place, []),
            unbooked_at(place, setup, table, families, tables, invitees, booked),
            keeps_times(old, was.get(rows.get(place, 0)), setup, table),
            now,
        )
        for place, table in enumerate(setup.tables)
    }
    guards = _guards(invitees.values())
    talks = [
        _talk(booking, invitees[booking.invitee_id], setup, tables, rows, was, guards, now)
        for booking in booked.values()
    ]
    changed = _lengths_changed(invitees.values(), setup, tables, was)
    return Situation(
        tuple([*talks, *kept_places(_kept_slots(round_, rows, slots), grounds, tables, changed)]),
        grounds,
        Gaps(timedelta(minutes=setup.gap_minutes), timedelta(minutes=setup.building_gap_minutes)),
        _talks_elsewhere(round_, guards, setup, now),
        booked,
        invitees,
        tables,
        rows,
        slots,
        days,
    )


def _fresh(query: Any) -> Sequence[Any]:
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def _offered(round_: MeetingRound) -> tuple[Any, ...]:
    return Invitee.round_id == round_.id, Invitee.ended_at.is_(None)


def _booked_of(round_: MeetingRound) -> Any:
    return (
        select(Booking)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .where(*_offered(round_), Booking.cancelled_at.is_(None))
        .order_by(Booking.id)
    )


def _tables(
    invitees: Iterable[Invitee], families: Mapping[Seat, Family], places: Mapping[int, int]
) -> dict[int, int]:
    """Return at which place each offered talk is to be: where it is, or where its child is invited now."""
    wanted: dict[int, list[int]] = defaultdict(list)
    for seat in families:
        wanted[seat.pupil_id].append(seat.host_id)
    found: dict[int, int] = {}
    taken: set[tuple[int, int, int | None]] = set()
    # Who stays comes first, so that nobody has two talks about one child at one table.
    for invitee in sorted(invitees, key=lambda one: (places.get(one.host_id) is None, one.id)):
        here = places.get(invitee.host_id)
        for place in sorted(wanted[invitee.pupil_id], key=lambda place: (place != here, place)):
            talk = (invitee.pupil_id, place, invitee.guardian_id)
            if talk not in taken:
                taken.add(talk)
                found[invitee.id] = place
                break
    return found


def _slots(rows: Mapping[int, int]) -> dict[int, list[Slot]]:
    places = {host: place for place, host in rows.items()}
    found: dict[int, list[Slot]] = defaultdict(list)
    query = select(Slot).where(Slot.host_id.in_(places)).order_by(Slot.host_id, Slot.starts_at)
    for slot in _fresh(query):
        found[places[slot.host_id]].append(slot)
    return found


def _guards(invitees: Iterable[Invitee]) -> dict[int, frozenset[int]]:
    """Return who sits as guardian at each talk."""
    many = list(invitees)
    rows = db.session.execute(
        select(Guardianship.pupil_id, Guardianship.user_id).where(
            Guardianship.pupil_id.in_({one.pupil_id for one in many}),
            Guardianship.revoked_at.is_(None),
            Guardianship.has_authority,
        )
    )
    of_pupil: dict[int, set[int]] = defaultdict(set)
    for pupil_id, user_id in rows:
        of_pupil[pupil_id].add(user_id)
    return {
        one.id: frozenset({one.guardian_id} if one.guardian_id else of_pupil[one.pupil_id]) for one in many
    }


def _talk(
    booking: Booking,
    invitee: Invitee,
    setup: Setup,
    tables: Mapping[int, int],
    rows: Mapping[int, int],
    was: Mapping[int, Table],
    guards: Mapping[int, frozenset[int]],
    now: datetime,
) -> Talk:
    span = Span(booking.starts_at, booking.ends_at)
    place = tables.get(invitee.id, -1)
    guardians = guards[invitee.id]
    if place < 0:
        return Talk(booking.id, place, span, 0, guardians, guardians, past=booking.starts_at <= now)
    table = setup.tables[place]
    before = was.get(booking.host_id)
    return Talk(
        booking.id,
        place,
        span,
        table.own_minutes(invitee, before.lengths if before else {}) or setup.minutes_at(table),
        guardians,
        guardians | frozenset(table.teachers),
        table.building,
        touched=before is None
        or rows.get(place) != booking.host_id
        or setup.way not in ("choice", booking.way)
        or (before.room, before.building, before.video_url, set(before.teachers))
        != (table.room, table.building, table.video_url, set(table.teachers)),
        past=booking.starts_at <= now,
    )


def _lengths_changed(
    invitees: Iterable[Invitee], setup: Setup, tables: Mapping[int, int], was: Mapping[int, Table]
) -> dict[int, int]:
    """Return how many minutes each talk takes that gets another length of its own."""
    found = {}
    for invitee in invitees:
        if invitee.id in tables:
            table, before = setup.tables[tables[invitee.id]], was.get(invitee.host_id)
            own = table.own_minutes(invitee, before.lengths if before else {})
            if own != invitee.minutes:
                found[invitee.id] = own or setup.minutes_at(table)
    return found


def _kept_slots(
    round_: MeetingRound, rows: Mapping[int, int], slots: Mapping[int, Sequence[Slot]]
) -> list[tuple[int, Slot]]:
    """Return the places that teachers keep for families, those at a table that goes at no place."""
    gone = select(Slot).where(
        Slot.reserved_for.in_(select(Invitee.id).where(*_offered(round_))),
        Slot.host_id.not_in(list(rows.values())),
    )
    here = [(place, slot) for place, many in slots.items() for slot in many if slot.reserved_for]
    return here + [(-1, slot) for slot in _fresh(gone.order_by(Slot.starts_at))]


def _talks_elsewhere(
    round_: MeetingRound, guards: Mapping[int, frozenset[int]], setup: Setup, now: datetime
) -> tuple[Talk, ...]:
    """Return the coming talks of other rounds at which people of this one sit."""
    rows = db.session.execute(
        select(Booking, Invitee, MeetingHost.building)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .where(Invitee.round_id != round_.id, Booking.cancelled_at.is_(None), Booking.ends_at > now)
    ).all()
    theirs = _guards(row[1] for row in rows)
    teachers: dict[int, set[int]] = defaultdict(set)
    for host_id, user_id in db.session.execute(
        select(HostTeacher.host_id, HostTeacher.user_id).where(
            HostTeacher.host_id.in_({row[0].host_id for row in rows})
        )
    ):
        teachers[host_id].add(user_id)
    return tuple(
        Talk(
            booking.id,
            -booking.host_id - 1,
            Span(booking.starts_at, booking.ends_at),
            0,
            theirs[invitee.id],
            theirs[invitee.id] | teachers[booking.host_id],
            building,
        )
        for booking, invitee, building in rows
    )


def known_talks(viewer: Viewer, booking_ids: Iterable[int]) -> dict[int, Known]:
    """Return the words for the booked talks that the viewer has at school."""
    booked = select(Booking.id, *_WORDS).join(Invitee, Invitee.id == Booking.invitee_id)
    return _known(booked.where(Booking.id.in_(list(booking_ids)), bookings_of_school(viewer)))


def known_families(viewer: Viewer, invitee_ids: Iterable[int]) -> dict[int, Known]:
    """Return the words for the talks, by their own number, that the viewer has at school."""
    offered = select(Invitee.id, *_WORDS).select_from(Invitee)
    return _known(offered.where(Invitee.id.in_(list(invitee_ids)), invitees_of_school(viewer)))


_WORDS = (Pupil.given_name, Pupil.prefix, Pupil.surname, Group.name, Invitee.guardian_id)


def _known(query: Any) -> dict[int, Known]:
    rows = db.session.execute(
        query.join(Pupil, Pupil.id == Invitee.pupil_id)
        .outerjoin(
            Membership,
            (Membership.pupil_id == Pupil.id) & Membership.home & Membership.ended_on.is_(None),
        )
        .outerjoin(Group, Group.id == Membership.group_id)
    )
    return {
        row[0]: Known(names.full(row[1], row[2], row[3]), row[4] or "", row[5] is not None) for row in rows
    }
