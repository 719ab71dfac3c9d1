"""A round of the database as the planner sees it, and the planner's answer in terms of the database. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from portal import clock
from portal.domain.plan_facts import PlanFacts, Timed, minutes_between
from portal.domain.planner import Availability, Block, Family, Place, Round, Rules, Talk
from portal.domain.planner.seating import Seats, end_of
from portal.domain.slot_times import Span
from portal.models.meetings import Booking, Invitee, Slot

PLACES_WITHOUT_BREAK = 6
"""After so many talks in a row a teacher would like a free place; a wish only."""

When = tuple[int, int, int]
"""A day, and from and until which minute of it, by the school's clock."""


@dataclass(frozen=True)
class PlannedRound:
    """A round for the planner. `hosts`: at which table each talk is; `booked`: which keep their time."""

    round: Round
    hosts: dict[int, int]
    booked: frozenset[int]

    def places(self, seats: Mapping[int, tuple[int, ...]]) -> dict[int, list[int]]:
        """Return the places of each talk that the plan gives a time or another time, in order of time."""
        table = {place.key: place.teacher for place in self.round.places}
        previous = {talk.key: talk.previous for talk in self.round.talks}
        return {
            key: [place for place in seat if table[place] == self.hosts[key]]
            for key, seat in sorted(seats.items())
            if key in self.hosts and key not in self.booked and seat != previous[key]
        }


def when(starts_at: datetime, ends_at: datetime) -> When:
    """Return a stretch of time as a day and minutes."""
    local = clock.to_local(starts_at)
    start = local.hour * 60 + local.minute
    return local.toordinal(), start, start + minutes_between(starts_at, ends_at)


def planned_round(facts: PlanFacts, now: datetime) -> PlannedRound:
    """Return the round for the planner.

    What is booked stays, but in a round by wishes what a plan gave: that moves when it must. A family that
    declined, or of which the teacher said that no talk is needed, is not planned.
    """
    return _Mapping(facts, now).made()


@dataclass
class _Mapping:
    facts: PlanFacts
    now: datetime
    places: list[Place] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    families: dict[tuple[object, ...], Family] = field(default_factory=dict)
    reserved: set[int] = field(default_factory=set)
    away: dict[int, list[When]] = field(default_factory=lambda: defaultdict(list))
    """When each adult is at a talk of another round, or at one whose places are gone."""

    teaching: dict[int, list[When]] = field(default_factory=lambda: defaultdict(list))
    """When each adult sits at such a talk as a teacher."""

    def made(self) -> PlannedRound:
        facts = self.facts
        self.buildings = {
            name: number for number, name in enumerate(dict.fromkeys(sorted(facts.buildings.values())))
        }
        self.slots_of: dict[int, list[Slot]] = defaultdict(list)
        for slot in facts.slots:
            if slot.booking_id is not None:
                self.slots_of[slot.booking_id].append(slot)
        self.booking_of = {booking.invitee_id: booking for booking in facts.bookings}
        self.movable = {booking.id for booking in facts.bookings if self._may_move(booking)}
        for booking in facts.bookings:
            if booking.invitee_id in facts.elsewhere or booking.id not in self.slots_of:
                self._note_away(booking)
        self._add_places()
        self._add_talks()
        round_ = Round(tuple(self.places), tuple(self.families.values()), tuple(self.talks), self._rules())
        booked = {
            invitee_id
            for invitee_id, booking in self.booking_of.items()
            if booking.id not in self.movable and invitee_id in facts.invitees
        }
        hosts = {invitee.id: invitee.host_id for invitee in facts.invitees.values()}
        return PlannedRound(self._finished(round_), hosts, frozenset(booked))

    def _may_move(self, booking: Booking) -> bool:
        by_plan = self.facts.round.kind == "wishes" and booking.source == "plan" and not booking.fixed
        slots = self.slots_of.get(booking.id, [])
        kept = any(slot.reserved_for is not None for slot in slots)
        ours = booking.invitee_id in self.facts.invitees
        return by_plan and ours and bool(slots) and not kept and booking.starts_at > self.now

    def _note_away(self, booking: Booking) -> None:
        time = when(booking.starts_at, booking.ends_at)
        invitee = self.facts.elsewhere.get(booking.invitee_id) or self.facts.invitees.get(booking.invitee_id)
        teachers = self.facts.teachers.get(booking.host_id, [])
        for user in teachers:
            self.teaching[user].append(time)
        for user in (*teachers, *(self._guardians(invitee) if invitee else ())):
            self.away[user].append(time)

    def _guardians(self, invitee: Invitee) -> tuple[int, ...]:
        if invitee.guardian_id is not None:
            return (invitee.guardian_id,)
        return tuple(self.facts.guardians.get(invitee.pupil_id, ()))

    # places

    def _add_places(self) -> None:
        missing = {
            host_id: [time for user in users for time in self.away[user]]
            for host_id, users in self.facts.teachers.items()
        }
        kept: dict[int, list[Slot]] = defaultdict(list)
        for slot in sorted(self.facts.slots, key=lambda slot: (slot.booking_id is None, slot.starts_at)):
            if any(Span(slot.starts_at, slot.ends_at).overlaps(other) for other in kept[slot.host_id]):
                continue
            kept[slot.host_id].append(slot)
            day, start, end = time = when(slot.starts_at, slot.ends_at)
            free = self._is_free(slot) and not any(
                overlap(time, other) for other in missing.get(slot.host_id, ())
            )
            building = self.buildings[self.facts.buildings[slot.host_id]]
            self.places.append(Place(slot.id, slot.host_id, day, start, end - start, building, free=free))

    def _is_free(self, slot: Slot) -> bool:
        if slot.state != "open" or slot.starts_at <= self.now or slot.reserved_for is not None:
            return False
        if slot.held_for is not None and slot.held_until is not None and slot.held_until > self.now:
            return False
        return slot.booking_id is None or slot.booking_id in self.movable

    def _gone(self, booking: Booking) -> tuple[int, ...]:
        """Return a place made up for a talk that has none in this round."""
        day, start, end = when(booking.starts_at, booking.ends_at)
        building = self.buildings[self.facts.buildings[booking.host_id]]
        key = -booking.id
        self.places.append(Place(key, key, day, start, end - start, building, free=False))
        return (key,)

    # families and talks

    def _add_talks(self) -> None:
        said = self._said()
        for booking in self.facts.bookings:
            invitee = self.facts.elsewhere.get(booking.invitee_id)
            if invitee:
                family = self._family(invitee, (), "elsewhere")
                length = minutes_between(booking.starts_at, booking.ends_at)
                self.talks.append(
                    Talk(-booking.id, family, (-booking.id,), length, fixed=self._gone(booking))
                )
        for invitee in self.facts.invitees.values():
            booked = self.booking_of.get(invitee.id)
            if booked or not (invitee.declined_at or invitee.asked == "not_needed"):
                self.talks.append(self._talk(invitee, booked, said.get(invitee.id, ())))

    def _talk(self, invitee: Invitee, booking: Booking | None, said: tuple[Timed, ...]) -> Talk:
        host = self.facts.hosts[invitee.host_id]
        length = invitee.minutes or host.talk_minutes or self.facts.round.talk_minutes
        family = self._family(invitee, said)
        absent = {
            table
            for table in self.facts.hosts
            if table != invitee.host_id
            and {*self.facts.teachers.get(table, ())} & {*self._guardians(invitee)}
        }
        made = Talk(
            invitee.id, family, (invitee.host_id,), length, invitee.pupil_id, absent=tuple(sorted(absent))
        )
        if booking is None:
            return self._at_reserved(made, invitee)
        slots = tuple(slot.id for slot in self.slots_of.get(booking.id, ()))
        if booking.id in self.movable:
            return replace(made, previous=slots)
        if slots and booking.host_id == invitee.host_id:
            return replace(made, fixed=slots)
        fixed = slots or self._gone(booking)
        return replace(made, teachers=(booking.host_id if slots else -booking.id,), fixed=fixed, absent=())

    def _at_reserved(self, talk: Talk, invitee: Invitee) -> Talk:
        """Let a talk be at the places that the teacher keeps for it, when they are long enough."""
        run: list[Slot] = []
        for slot in self.facts.slots:
            ours = slot.reserved_for == invitee.id and slot.host_id == invitee.host_id
            if not ours or slot.state != "open" or slot.booking_id is not None or slot.starts_at <= self.now:
                continue
            run = [*run, slot] if run and run[-1].ends_at == slot.starts_at else [slot]
            if minutes_between(run[0].starts_at, run[-1].ends_at) >= talk.length:
                self.reserved.add(talk.key)
                return replace(talk, fixed=tuple(one.id for one in run))
        return talk

    def _said(self) -> dict[int, tuple[Timed, ...]]:
        """Return what was said of each talk: wishes (also of a brother or sister), or times it waits for."""
        by_people: dict[tuple[int, ...], tuple[Timed, ...]] = {}
        for invitee in self.facts.invitees.values():
            if invitee.id in self.facts.wishes:
                by_people.setdefault(self._guardians(invitee), tuple(self.facts.wishes[invitee.id]))
        facts = self.facts
        return {
            one.id: tuple(
                facts.wishes.get(one.id, ())
                or by_people.get(self._guardians(one), ())
                or facts.waiting.get(one.id, ())
            )
            for one in facts.invitees.values()
        }

    def _family(self, invitee: Invitee, said: tuple[Timed, ...], kind: str = "") -> int:
        """Return the family of a talk: the same guardians, who said the same, are one."""
        guardians = self._guardians(invitee)
        blocks = tuple(
            Block(
                *when(one.starts_at, one.ends_at),
                Availability(getattr(one, "availability", Availability.PREFERS)),
            )
            for one in said
        )
        key = (guardians or invitee.pupil_id, blocks, kind)
        if key not in self.families:
            named = any(block.availability > Availability.CANNOT for block in blocks)
            only_named = self.facts.round.kind == "wishes" and named
            teaching = [
                Block(*time, Availability.CANNOT) for user in guardians for time in self.teaching[user]
            ]
            self.families[key] = Family(
                len(self.families) + 1,
                guardians,
                (*blocks, *teaching),
                Availability.CANNOT if only_named else Availability.CAN,
            )
        return self.families[key].key

    def _rules(self) -> Rules:
        round_ = self.facts.round
        return Rules(
            gap=round_.gap_minutes,
            gap_between_buildings=round_.building_gap_minutes,
            break_after=PLACES_WITHOUT_BREAK,
        )

    def _finished(self, round_: Round) -> Round:
        """Give up reserved places where their people are elsewhere, and complete the earlier seats."""
        lookup = Seats(round_)
        families = {family.key: family for family in round_.families}
        firm = [talk for talk in round_.talks if talk.fixed and talk.key not in self.reserved]
        talks = []
        for talk in round_.talks:
            if talk.key in self.reserved and self._hindered(talk, firm, round_, lookup, families):
                talk = replace(talk, fixed=())
            elif talk.key in self.reserved:
                firm.append(talk)
            elif talk.previous and talk.absent:
                talk = replace(talk, previous=_completed(talk, lookup))
            talks.append(talk)
        return replace(round_, talks=tuple(talks))

    def _hindered(
        self, talk: Talk, firm: Iterable[Talk], round_: Round, lookup: Seats, families: Mapping[int, Family]
    ) -> bool:
        seat = lookup.at(talk.fixed)
        here = seat[0].day, seat[0].start, end_of(seat)
        people = {*families[talk.family].guardians}
        if any(overlap(here, time) for user in people for time in self.teaching[user]):
            return True
        for other in firm:
            there = lookup.at(other.fixed)
            time = there[0].day, there[0].start, end_of(there)
            gap = round_.rules.gap_between(seat[0], there[0])
            if people & {*families[other.family].guardians} and overlap(here, time, gap):
                return True
            teacher_missed = {*talk.absent} & {*other.teachers} or {*other.absent} & {*talk.teachers}
            if teacher_missed and overlap(here, time):
                return True
        return False


def overlap(one: When, other: When, gap: int = 0) -> bool:
    """Say whether there is less than `gap` minutes between the two."""
    return one[0] == other[0] and one[1] < other[2] + gap and other[1] < one[2] + gap


def _completed(talk: Talk, lookup: Seats) -> tuple[int, ...]:
    """Return the whole seat of an earlier plan, with the places that its people miss at their own table."""
    for seat in lookup.of(talk):
        keys = tuple(place.key for place in seat)
        if keys[: len(talk.previous)] == talk.previous:
            return keys
    return ()
