"""What the other guardian of a talk of both said about it beside giving it a time, as mails tell it."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, select

from portal import access
from portal.access import Viewer
from portal.domain.meeting_talk_lists import teachers_at
from portal.extensions import db
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee

_BEFORE = {"declined": "open", "reopened": "declined", "joined": "open", "parted": "joined"}
"""What can be said, and what the talk was until then."""


class Answer(NamedTuple):
    """What a talk has become: `what` is 'declined', 'reopened', 'joined' or 'parted'."""

    what: str
    teachers: tuple[str, ...]


def answers_since(viewer: Viewer, round_id: int, since: datetime) -> list[Answer]:
    """Return what the other guardian made of the talks that the viewer shares with them, as it is now.

    Not what was taken back, nor of what the viewer spoke the last word; a talk with a time tells itself.
    """
    is_booked = exists().where(Booking.invitee_id == Invitee.id, Booking.cancelled_at.is_(None))
    said: dict[int, list[MeetingEvent]] = {}
    talks: dict[int, tuple[Invitee, bool]] = {}
    for event, talk, booked in db.session.execute(
        select(MeetingEvent, Invitee, is_booked)
        .join(Invitee, Invitee.id == MeetingEvent.invitee_id)
        .where(
            access.meeting_history_of(viewer),
            Invitee.guardian_id.is_(None),
            Invitee.ended_at.is_(None),
            MeetingEvent.round_id == round_id,
            MeetingEvent.what.in_(_BEFORE),
            MeetingEvent.at >= since,
        )
        .order_by(MeetingEvent.at, MeetingEvent.id)
    ):
        said.setdefault(talk.id, []).append(event)
        talks[talk.id] = talk, booked
    teachers = teachers_at(talk.host_id for talk, _ in talks.values())
    answers = [
        Answer(what, teachers.get(talk.host_id, ()))
        for talk, booked in talks.values()
        if (what := _became(talk, booked, said[talk.id], viewer))
    ]
    return sorted(answers, key=lambda one: (one.teachers, one.what))


def _became(talk: Invitee, booked: bool, said: list[MeetingEvent], viewer: Viewer) -> str:
    """Return what the viewer does not know yet of a talk, '' when there is nothing."""
    if booked or said[-1].actor_id == viewer.id:
        return ""
    before = _BEFORE[next(event.what for event in said if event.actor_id != viewer.id)]
    now = "joined" if talk.joined_to else "declined" if talk.declined_at else "open"
    if now == before:
        return ""
    if now == "open":
        return "parted" if before == "joined" else "reopened"
    return now
