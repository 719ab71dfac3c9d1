"""Which talks a round offers, kept equal to who is in its groups and how school deals with the guardians."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select, true, union_all, update
from sqlalchemy.orm import aliased

from portal.access import Viewer
from portal.access.meetings import talks_apart
from portal.domain import bookings, ended_talks, meeting_history, meeting_offers
from portal.domain.meeting_handover import hand_over
from portal.domain.meeting_people import People, adults_at, take_turn
from portal.extensions import db
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingRound, RoundGroup, RoundPupil, Slot
from portal.models.roster import Guardianship, Membership, Pupil

_lead = aliased(Invitee)


class Seat(NamedTuple):
    """A child at a table."""

    pupil_id: int
    host_id: int


@dataclass(slots=True)
class Family:
    """The guardians with authority over a child, and whether each has a talk of their own."""

    apart: bool
    guardians: set[int] = field(default_factory=set)

    @property
    def talks(self) -> set[int | None]:
        """Whose talks there are to be: one of each guardian, or one of both (None)."""
        return set(self.guardians) if self.apart else {None}

    def talks_beside(self, there: Collection[int | None]) -> set[int | None]:
        """Whose talks there are to be when these are there already.

        Who is left alone keeps the own talk with all that was said of it: were it asked anew, it would tell
        that the other one hid (R22).
        """
        alone = self.guardians.intersection(there) if len(self.guardians) == 1 else set()
        return {*alone} or self.talks


def invite_families(round_: MeetingRound, now: datetime, pupil_ids: Iterable[int] = ()) -> None:
    """Offer the talks that the round is to offer and end the others; doing it again changes nothing.

    `pupil_ids`: of these pupils only. A pupil who left, or changed to a group without a table, is invited no
    more; the guardians without authority never are (R21). When guardians are dealt with apart from now on,
    the time that was booked stays with who booked it (R20). What was said at a talk stays there: a talk that
    has begun does not change any more.
    """
    chosen = set(pupil_ids)
    take_turn(people_of_round(round_.id, chosen))
    wanted = families(round_.id, chosen)
    offered = _offered(round_.id, chosen)
    many = [invitee for talks in offered.values() for invitee in talks]
    booked = _booked({invitee.id for invitee in many} | {one.joined_to for one in many if one.joined_to})
    for seat in sorted(wanted.keys() | offered.keys()):
        _bring_up_to_date(round_.id, seat, wanted.get(seat), offered.get(seat, []), booked, now)
    db.session.flush()
    _part_from_others(round_.id, now)


def out_of_date(round_id: int) -> set[int]:
    """Return the pupils for whom a round does not offer the talks that it is to offer."""
    offered: dict[Seat, set[int | None]] = {}
    for pupil_id, host_id, guardian_id in db.session.execute(
        select(Invitee.pupil_id, Invitee.host_id, Invitee.guardian_id).where(*_open(round_id, ()))
    ):
        offered.setdefault(Seat(pupil_id, host_id), set()).add(guardian_id)
    wanted = {
        seat: family.talks_beside(offered.get(seat, ())) for seat, family in families(round_id, ()).items()
    }
    return {seat.pupil_id for seat in wanted.keys() | offered.keys() if wanted.get(seat) != offered.get(seat)}


def families(round_id: int, pupil_ids: Collection[int]) -> dict[Seat, Family]:
    """Return whom a round is to invite, from its groups and what is known of the families now.

    `pupil_ids` empty: all. Of a group that is not invited as a whole, only who is invited one by one.
    """
    groups = select(RoundGroup.group_id, RoundGroup.host_id).where(
        RoundGroup.round_id == round_id, RoundGroup.everyone
    )
    singly = select(RoundPupil.pupil_id, RoundPupil.host_id).where(RoundPupil.round_id == round_id)
    return families_at(
        {group: host for group, host in db.session.execute(groups)},
        [(pupil, host) for pupil, host in db.session.execute(singly)],
        pupil_ids,
    )


def families_at(
    groups: Mapping[int, int], pupils: Collection[tuple[int, int]] = (), only: Collection[int] = ()
) -> dict[Seat, Family]:
    """Return whom to invite when these groups, and these pupils one by one, are at these tables.

    `only`: of these pupils; empty: all. A table is a number that means something to the caller.
    """
    rows = db.session.execute(
        select(Pupil.id, Membership.group_id, Guardianship.user_id, talks_apart(Pupil.id).label("apart"))
        .join(Membership, Membership.pupil_id == Pupil.id)
        .join(Guardianship, Guardianship.pupil_id == Pupil.id)
        .where(
            or_(Membership.group_id.in_(groups), Pupil.id.in_([pupil for pupil, _host in pupils])),
            _of(Pupil.id, only),
            Membership.ended_on.is_(None),
            Pupil.archived_at.is_(None),
            Guardianship.revoked_at.is_(None),
            Guardianship.has_authority,
        )
    )
    singly: dict[int, list[int]] = {}
    for pupil_id, host_id in pupils:
        singly.setdefault(pupil_id, []).append(host_id)
    found: dict[Seat, Family] = {}
    for row in rows:
        of_group = [groups[row.group_id]] if row.group_id in groups else []
        for host_id in [*of_group, *singly.get(row.id, [])]:
            found.setdefault(Seat(row.id, host_id), Family(row.apart)).guardians.add(row.user_id)
    return found


def _of(pupil_id: Any, pupil_ids: Collection[int]) -> ColumnElement[bool]:
    return pupil_id.in_(pupil_ids) if pupil_ids else true()


def _open(round_id: int, pupil_ids: Collection[int]) -> list[ColumnElement[bool]]:
    return [Invitee.round_id == round_id, Invitee.ended_at.is_(None), _of(Invitee.pupil_id, pupil_ids)]


def people_of_round(round_id: int, pupil_ids: Collection[int]) -> People:
    """Return everybody whose talks may change, so that all turns are taken before any row is locked.

    `pupil_ids`: when only the talks of these pupils do; empty: all.
    """
    seats = union_all(
        select(Membership.pupil_id, RoundGroup.host_id)
        .join(RoundGroup, RoundGroup.group_id == Membership.group_id)
        .where(
            RoundGroup.round_id == round_id,
            Membership.ended_on.is_(None),
            _of(Membership.pupil_id, pupil_ids),
        ),
        select(RoundPupil.pupil_id, RoundPupil.host_id).where(
            RoundPupil.round_id == round_id, _of(RoundPupil.pupil_id, pupil_ids)
        ),
        select(Invitee.pupil_id, Invitee.host_id).where(*_open(round_id, pupil_ids)),
    ).subquery()
    guardians = select(Guardianship.user_id).where(Guardianship.pupil_id.in_(select(seats.c.pupil_id)))
    teachers = select(HostTeacher.user_id).where(HostTeacher.host_id.in_(select(seats.c.host_id)))
    return People(frozenset(db.session.scalars(guardians)), frozenset(db.session.scalars(teachers)))


def _offered(round_id: int, pupil_ids: Collection[int]) -> dict[Seat, list[Invitee]]:
    """Return the talks that a round offers now, held until the commit."""
    found: dict[Seat, list[Invitee]] = {}
    for invitee in db.session.scalars(
        select(Invitee)
        .where(*_open(round_id, pupil_ids))
        .order_by(Invitee.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ):
        found.setdefault(Seat(invitee.pupil_id, invitee.host_id), []).append(invitee)
    return found


def _booked(invitee_ids: Iterable[int]) -> dict[int, Booking]:
    found = db.session.scalars(
        select(Booking)
        .where(Booking.invitee_id.in_(list(invitee_ids)), Booking.cancelled_at.is_(None))
        .execution_options(populate_existing=True)
    )
    return {booking.invitee_id: booking for booking in found}


def _bring_up_to_date(
    round_id: int,
    seat: Seat,
    family: Family | None,
    talks: Sequence[Invitee],
    booked: dict[int, Booking],
    now: datetime,
) -> None:
    wanted = family.talks_beside([talk.guardian_id for talk in talks]) if family else set()
    held = [talk for talk in talks if _has_begun(booked.get(talk.joined_to or talk.id), now)]
    coming = [talk for talk in talks if talk not in held]
    if held and family:
        # They have talked about this child: nobody is asked again, and what is still to come stays.
        wanted = {talk.guardian_id for talk in coming if talk.guardian_id in {None, *family.guardians}}
    elif family and not wanted & {talk.guardian_id for talk in coming}:
        hand_over(coming, family.guardians, family.apart, booked, now)
    for talk in coming:
        if talk.guardian_id in wanted:
            wanted.remove(talk.guardian_id)
        else:
            end_talk(talk, now)
    db.session.flush()
    for guardian_id in sorted(wanted, key=lambda one: one or 0):
        db.session.add(
            _like(talks, Invitee(round_id=round_id, **seat._asdict(), guardian_id=guardian_id), now)
        )


def _like(talks: Sequence[Invitee], new: Invitee, now: datetime) -> Invitee:
    """Let a new talk have what the teacher said of the one there is about the child, and its length."""
    new.created_at = now
    if talks:
        new.minutes, new.asked, new.asked_by = talks[0].minutes, talks[0].asked, talks[0].asked_by
    return new


def _has_begun(booking: Booking | None, now: datetime) -> bool:
    return booking is not None and booking.starts_at <= now


def _part_from_others(round_id: int, now: datetime) -> None:
    """Give a child an own talk again when not the same adults come to the talk that it was joined to.

    Not when they have talked about it there already.
    """
    pairs = db.session.execute(
        select(Invitee, _lead)
        .join(_lead, _lead.id == Invitee.joined_to)
        .where(Invitee.round_id == round_id, Invitee.ended_at.is_(None))
    ).all()
    adults = adults_at([talk for pair in pairs for talk in pair]) if pairs else {}
    for talk, lead in pairs:
        differs = adults[talk.id] != adults[lead.id]
        if lead.ended_at or (differs and not _has_begun(bookings.open_booking(lead), now)):
            talk.joined_to = None
    db.session.flush()


def end_talk(invitee: Invitee, now: datetime, actor: Viewer | None = None, offer: bool = True) -> None:
    """End a talk that is offered no more: its time, what was kept or held for it, and its waiting.

    Its guardians keep what was done about it, and who wrote of it keeps that. `actor` None: the portal,
    following the roster. `offer`: what comes free to who waits.
    """
    ended_talks.note_parties(invitee)
    booking = bookings.open_booking(invitee)
    if booking:
        bookings.cancel(booking, actor, now, "ended", offer)
    invitee.ended_at = now
    db.session.execute(
        update(Slot).where(Slot.reserved_for == invitee.id).values(reserved_for=None),
        execution_options={"synchronize_session": False},
    )
    db.session.execute(
        update(Invitee).where(Invitee.joined_to == invitee.id).values(joined_to=None),
        execution_options={"synchronize_session": False},
    )
    meeting_offers.drop_queue(invitee, now)
    meeting_history.note(invitee, "ended", actor, now)
    db.session.flush()
    if offer:
        meeting_offers.offer_places([invitee.host_id], now)
