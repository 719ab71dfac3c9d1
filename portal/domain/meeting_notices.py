"""Mails about a round that say one thing once; who has no part in it when they leave, hears nothing."""

from datetime import datetime

from flask import current_app
from sqlalchemy import ColumnElement, String, and_, cast, exists, or_, select

from portal.access import Viewer
from portal.access.meetings import talk_meant_for, talk_offered_to, talk_reports_read_by
from portal.domain import meeting_reminders, outbox
from portal.domain.meeting_tidings import DELAY, guardians_of
from portal.domain.outbox import Settled
from portal.extensions import db
from portal.models.accounts import User
from portal.models.meeting_talks import TalkReport
from portal.models.meeting_tidings import RoundTold, TalkTold
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship

WITHDRAWN = "meeting_withdrawn"
REPORTED = "meeting_reported"


def tell_of_withdrawal(round_: MeetingRound, now: datetime) -> None:
    """Let who was told of a round know that it is off, unless they are told of a talk that is off with it.

    Belongs after its talks were cancelled.
    """
    coming = exists().where(
        MeetingHost.round_id == round_.id, Slot.host_id == MeetingHost.id, Slot.ends_at > now
    )
    people = db.session.scalars(
        guardians_of(_still_concerned(round_.id, now)).where(
            coming, ~_invitation_waits(round_.id, now), ~_hears_of_a_talk(round_.id, now)
        )
    )
    mails = [(person, round_.id, f"{WITHDRAWN}:{round_.id}:{person.id}") for person in people]
    outbox.queue_all(WITHDRAWN, now, mails)


def _still_concerned(round_id: int, now: datetime) -> ColumnElement[bool]:
    """The talks of a round that have not been held, of who was told of it."""
    told = exists().where(
        RoundTold.user_id == Guardianship.user_id,
        RoundTold.round_id == round_id,
        RoundTold.what == meeting_reminders.INVITED,
    )
    held = exists().where(
        or_(Booking.invitee_id == Invitee.id, Booking.invitee_id == Invitee.joined_to),
        Booking.cancelled_at.is_(None),
        Booking.starts_at <= now,
    )
    return and_(Invitee.round_id == round_id, talk_meant_for(Guardianship.user_id), told, ~held)


def _invitation_waits(round_id: int, now: datetime) -> ColumnElement[bool]:
    """Whether the first mail that invites has not gone yet: it will not go any more either."""
    return exists().where(
        OutgoingMessage.dedupe_key == meeting_reminders.first_invitation(round_id) + cast(User.id, String),
        OutgoingMessage.sent_at.is_(None),
        OutgoingMessage.failed_at.is_(None),
        or_(OutgoingMessage.leased_until.is_(None), OutgoingMessage.leased_until <= now),
    )


def _hears_of_a_talk(round_id: int, now: datetime) -> ColumnElement[bool]:
    return exists().where(
        TalkTold.user_id == User.id,
        TalkTold.said != "",
        TalkTold.ends_at > now,
        Booking.id == TalkTold.booking_id,
        Booking.cancelled_at.is_not(None),
        MeetingHost.id == Booking.host_id,
        MeetingHost.round_id == round_id,
    )


def settle_withdrawn(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    """Return what the mail says that a round is off, to who was told of it and would still have a talk."""
    round_ = db.session.get(MeetingRound, message.subject_id)
    if round_ is None or not round_.withdrawn_at or not user.email:
        return None
    concerned = guardians_of(_still_concerned(round_.id, now)).where(User.id == user.id)
    if db.session.scalars(concerned).first() is None:
        return None
    return user.email, {"link": f"{current_app.config['BASE_URL']}/meetings", "round": round_.name}


def tell_of_report(report: TalkReport, now: datetime) -> None:
    """Let the guardians of a talk know, each once, that there is a report to read, after some minutes.

    Who stops sharing before, has told nobody.
    """
    offered = (Invitee.id == report.invitee_id) & talk_offered_to(Guardianship.user_id)
    people = db.session.scalars(guardians_of(offered))
    mails = [
        (outbox.Person(one.id, one.language), report.id, f"{REPORTED}:{report.id}:{one.id}") for one in people
    ]
    outbox.queue_soon(REPORTED, now, DELAY, mails)


def settle_reported(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    """Return where the report is, to who may read it at this moment."""
    may_read = talk_reports_read_by(Viewer(id=user.id))
    report_id = db.session.scalar(select(TalkReport.id).where(TalkReport.id == message.subject_id, may_read))
    if report_id is None or not user.email:
        return None
    return user.email, {"link": f"{current_app.config['BASE_URL']}/meetings/reports/{report_id}"}
