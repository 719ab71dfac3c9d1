"""What a family takes home of a round: its talks for the own calendar, and the reports that it may read."""

from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from portal import access
from portal.access import Viewer
from portal.domain.meeting_calendar import Entry, feed
from portal.domain.meeting_choices import FamilyRound
from portal.domain.meeting_talk_words import where
from portal.extensions import db
from portal.formatting import spoken_list
from portal.models.meeting_talks import TalkReport
from portal.models.meeting_tidings import TalkTold
from portal.models.meetings import Booking, Invitee
from portal.words import gettext


def calendar_file(viewer: Viewer, round_: FamilyRound, school: str, now: datetime) -> bytes:
    """Return the family's talks as a calendar file; they are the same entries as those in the mails."""
    host = urlsplit(str(current_app.config["BASE_URL"])).hostname or "portal"
    link = f"{current_app.config['BASE_URL']}/meetings/{round_.facts.id}"
    versions = _versions(viewer, round_)
    entries = [
        Entry(
            f"{talk.booked.uid}@{host}",
            versions.get(talk.booked.id, 0),
            talk.booked.starts_at,
            talk.booked.ends_at,
            gettext("Talk at school with %(teachers)s", teachers=spoken_list(talk.teachers) or school),
            gettext("By video") if talk.booked.way == "video" else where(talk.room, talk.building, school),
            link,
        )
        for talk in round_.booked
        if talk.booked
    ]
    return feed(round_.facts.name, entries, now)


def _versions(viewer: Viewer, round_: FamilyRound) -> dict[int, int]:
    """Return which version of each talk the viewer was told by mail: a later mail must count as newer."""
    rows = db.session.execute(
        select(TalkTold.booking_id, TalkTold.sequence)
        .join(Booking, Booking.id == TalkTold.booking_id)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .where(
            TalkTold.user_id == viewer.id,
            Invitee.round_id == round_.facts.id,
            access.bookings_of_children(viewer),
        )
    )
    return {booking_id: sequence for booking_id, sequence in rows}


def reports_of(viewer: Viewer, round_: FamilyRound) -> dict[int, str]:
    """Return the reports that the viewer may read as a guardian, by the number of the talk."""
    rows = db.session.execute(
        select(TalkReport.invitee_id, TalkReport.text)
        .join(Invitee, Invitee.id == TalkReport.invitee_id)
        .where(Invitee.round_id == round_.facts.id, access.talk_reports_read_by(viewer))
    )
    return {talk_id: text for talk_id, text in rows}
