"""The talks about a pupil and the letters to its guardians, for the page of that pupil."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select

from portal import access, clock, names
from portal.access import Viewer
from portal.access.directory import unknown_as_staff
from portal.extensions import UtcDateTime, fetch
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.meetings import Booking, Invitee, MeetingRound

MOST_LETTERS = 3


@dataclass(frozen=True, slots=True)
class SchoolTalk:
    """A talk about a pupil as school has it. `guardian` '' for both together; `starts_at` None without a
    time; `declined`: the guardians do not come. `id` is of the talk in which the pupil is talked about, which
    can be that of a brother or sister.
    """

    id: int
    round_name: str
    guardian: str
    starts_at: datetime | None
    declined: bool


@dataclass(frozen=True, slots=True)
class SchoolLetter:
    """A letter that guardians of a pupil received."""

    id: int
    title: str
    sender: str
    day: date


def talks_at_school(viewer: Viewer, pupil_id: int, now: datetime) -> list[SchoolTalk]:
    """Return the talks about a pupil that the viewer has at school, of rounds that are not over; one query.

    A teacher those at the own table, the office all; nobody those of a child that is family, nor of a
    guardian who is kept from the viewer (R22).
    """
    rows = fetch(_talks_query(access.anyone_with(viewer.role)), viewer_id=viewer.id, pupil=pupil_id, now=now)
    return [
        SchoolTalk(
            row[0],
            row[1],
            names.of_institution(names.full(*(part or "" for part in row[2:5])), row[5]) or row[6] or "",
            row[7],
            row[8] is not None,
        )
        for row in rows
    ]


@cache
def _talks_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    now = bindparam("now", type_=UtcDateTime)
    leading = func.coalesce(Invitee.joined_to, Invitee.id)
    return (
        select(
            *(leading, MeetingRound.name),
            *(User.given_name, User.prefix, User.surname, User.organisation, User.email),
            *(Booking.starts_at, Invitee.declined_at),
        )
        .join(MeetingRound, MeetingRound.id == Invitee.round_id)
        .outerjoin(Booking, and_(Booking.invitee_id == leading, Booking.cancelled_at.is_(None)))
        .outerjoin(User, User.id == Invitee.guardian_id)
        .where(
            Invitee.pupil_id == bindparam("pupil", type_=Integer),
            Invitee.ended_at.is_(None),
            access.invitees_of_school(viewer),
            access.rounds_of_school(viewer),
            # Of a guardian who is none any more, as long as the talk waits for the worker to end it.
            or_(Invitee.guardian_id.is_(None), ~unknown_as_staff(viewer.id, Invitee.guardian_id)),
            MeetingRound.published_at.is_not(None),
            MeetingRound.withdrawn_at.is_(None),
            or_(and_(MeetingRound.closes_at > now, Invitee.asked != "not_needed"), Booking.ends_at > now),
        )
        .order_by(MeetingRound.closes_at, Invitee.id)
    )


def letters_at_school(viewer: Viewer, pupil_id: int) -> list[SchoolLetter]:
    """Return the newest letters about a pupil that the viewer has at school; one query.

    Only those that a guardian received of whom the viewer may know (R22).
    """
    query = _letters_query(access.anyone_with(viewer.role))
    rows = fetch(query, viewer_id=viewer.id, pupil=pupil_id, most=MOST_LETTERS)
    return [SchoolLetter(row[0], row[1], row[2], clock.to_local(row[3]).date()) for row in rows]


@cache
def _letters_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    received = (
        select(LetterRecipient.letter_id)
        .join(
            LetterChild,
            and_(
                LetterChild.letter_id == LetterRecipient.letter_id,
                LetterChild.user_id == LetterRecipient.user_id,
            ),
        )
        .where(LetterChild.pupil_id == bindparam("pupil", type_=Integer), access.recipients_known_to(viewer))
    )
    return (
        select(Letter.id, Letter.title, Letter.sender, Letter.sent_at)
        .where(
            access.letters_of_school(viewer),
            Letter.sent_at.is_not(None),
            Letter.withdrawn_at.is_(None),
            Letter.id.in_(received),
        )
        .order_by(Letter.sent_at.desc(), Letter.id.desc())
        .limit(bindparam("most", type_=Integer))
    )
