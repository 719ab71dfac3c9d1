"""Which talks a round offers, kept equal to who is in its groups and how school deals with the guardians."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from portal.access.meetings import talks_apart
from portal.domain import bookings, meeting_history
from portal.extensions import db
from portal.models.meetings import Booking, Invitee, MeetingRound, RoundGroup
from portal.models.roster import Guardianship, Membership, Pupil


class Talk(NamedTuple):
    """A talk that a round is to offer. `guardian_id` None: both guardians together."""

    pupil_id: int
    host_id: int
    guardian_id: int | None


def invite_families(round_: MeetingRound, now: datetime, pupil_ids: Iterable[int] = ()) -> None:
    """Offer the talks that the round is to offer and end the others; doing it again changes nothing.

    `pupil_ids`: of these pupils only. A pupil who left, or changed to a group without a table, is invited no
    more; the guardians without authority never are (R21). When guardians are dealt with apart from now on,
    the time that was booked stays with who booked it (R20).
    """
    chosen = set(pupil_ids)
    wanted = {talk for talk in _wanted(round_.id) if not chosen or talk.pupil_id in chosen}
    offered = [
        invitee
        for invitee in db.session.scalars(
            select(Invitee)
            .where(Invitee.round_id == round_.id, Invitee.ended_at.is_(None))
            .order_by(Invitee.id)
            .with_for_update(key_share=True)
        )
        if not chosen or invitee.pupil_id in chosen
    ]
    _hand_over(offered, wanted)
    missing = set(wanted)
    for invitee in offered:
        talk = Talk(invitee.pupil_id, invitee.host_id, invitee.guardian_id)
        if talk in missing:
            missing.remove(talk)
        else:
            _end(invitee, now)
    db.session.flush()
    for talk in sorted(missing, key=lambda talk: (talk.host_id, talk.pupil_id, talk.guardian_id or 0)):
        db.session.add(Invitee(round_id=round_.id, created_at=now, **talk._asdict()))
    db.session.flush()


def _wanted(round_id: int) -> set[Talk]:
    """Return the talks that a round is to offer, from its groups and what is known of the families now."""
    rows = db.session.execute(
        select(Pupil.id, RoundGroup.host_id, Guardianship.user_id, talks_apart(Pupil.id).label("apart"))
        .join(Membership, Membership.group_id == RoundGroup.group_id)
        .join(Pupil, Pupil.id == Membership.pupil_id)
        .join(Guardianship, Guardianship.pupil_id == Pupil.id)
        .where(
            RoundGroup.round_id == round_id,
            RoundGroup.everyone,
            Membership.ended_on.is_(None),
            Pupil.archived_at.is_(None),
            Guardianship.revoked_at.is_(None),
            Guardianship.has_authority,
        )
    )
    return {Talk(row.id, row.host_id, row.user_id if row.apart else None) for row in rows}


def _hand_over(offered: list[Invitee], wanted: set[Talk]) -> None:
    """Let a talk that becomes one guardian's own, or both guardians' again, keep its row and its time."""
    by_child: dict[tuple[int, int], list[Invitee]] = {}
    for invitee in offered:
        by_child.setdefault((invitee.pupil_id, invitee.host_id), []).append(invitee)
    for (pupil_id, host_id), talks in by_child.items():
        now_wanted = {talk.guardian_id for talk in wanted if talk[:2] == (pupil_id, host_id)}
        if not now_wanted or {talk.guardian_id for talk in talks} & now_wanted:
            continue
        booked = {talk.id: bookings.open_booking(talk) for talk in talks}
        kept = min(talks, key=lambda talk: _order(booked[talk.id]))
        booking = booked[kept.id]
        booker = booking.booked_by if booking else None
        kept.guardian_id = booker if booker in now_wanted else min(now_wanted, key=lambda one: one or 0)
    db.session.flush()


def _order(booking: Booking | None) -> tuple[bool, float]:
    return (booking is None, booking.starts_at.timestamp() if booking else 0.0)


def _end(invitee: Invitee, now: datetime) -> None:
    booking = bookings.open_booking(invitee)
    if booking:
        bookings.cancel(booking, None, now, "ended")
    invitee.ended_at = now
    meeting_history.note(invitee, "ended", None, now)
