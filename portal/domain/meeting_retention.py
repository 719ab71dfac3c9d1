"""What goes of talks: a teacher's notes with the school year, a round a year later (decision 026)."""

from datetime import datetime

from sqlalchemy import delete, func, select, update

from portal.domain.retention import YEAR, end_of_year_before
from portal.extensions import db
from portal.models.meeting_talks import TalkNote
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot


def delete_old_notes(now: datetime) -> None:
    """Delete what teachers wrote for themselves before the school year that runs; a report of it stays."""
    db.session.execute(
        delete(TalkNote)
        .where(TalkNote.written_at < end_of_year_before(now))
        .execution_options(synchronize_session=False)
    )


def delete_old_rounds(now: datetime) -> bool:
    """Delete a round with everything in it a year after the end of its school year; True when one went."""
    limit = end_of_year_before(now - YEAR)
    last = func.coalesce(
        select(func.max(Slot.ends_at))
        .join(MeetingHost, MeetingHost.id == Slot.host_id)
        .where(MeetingHost.round_id == MeetingRound.id)
        .scalar_subquery(),
        MeetingRound.closes_at,
    )
    round_id = db.session.scalar(
        select(MeetingRound.id).where(last < limit).order_by(MeetingRound.id).limit(1)
    )
    if round_id is None:
        return False
    _delete_round(round_id)
    return True


def _delete_round(round_id: int) -> None:
    """Delete a round; what points at each other goes in the order that both databases accept."""
    options = {"synchronize_session": False}
    hosts = select(MeetingHost.id).where(MeetingHost.round_id == round_id)
    invitees = select(Invitee.id).where(Invitee.round_id == round_id)
    copies = MeetingRound.copied_from == round_id
    for statement in (
        delete(Slot).where(Slot.host_id.in_(hosts)),
        delete(Booking).where(Booking.invitee_id.in_(invitees)),
        update(Invitee).where(Invitee.round_id == round_id).values(joined_to=None),
        delete(Invitee).where(Invitee.round_id == round_id),
        update(MeetingRound).where(copies).values(copied_from=None),
    ):
        db.session.execute(statement, execution_options=options)
    db.session.execute(delete(MeetingRound).where(MeetingRound.id == round_id), execution_options=options)
