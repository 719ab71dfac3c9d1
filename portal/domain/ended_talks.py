"""Talks that ended: whose they were, and what stays of them for the family and for who wrote of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, false, insert, literal, or_, select, true

from portal import access, names
from portal.access import Viewer
from portal.access.meetings import talk_meant_for
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.meeting_talks import TalkNote, TalkParty, TalkReport
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingRound
from portal.models.roster import Guardianship, Pupil


def note_parties(invitee: Invitee) -> None:
    """Keep whose a talk is that is about to end: its guardians as they are now, and who sits at its table."""
    guardians = (
        select(Invitee.id, Guardianship.user_id, false())
        .join(Guardianship, Guardianship.pupil_id == Invitee.pupil_id)
        .where(
            Invitee.id == invitee.id,
            Guardianship.revoked_at.is_(None),
            talk_meant_for(Guardianship.user_id),
        )
    )
    teachers = select(literal(invitee.id), HostTeacher.user_id, true()).where(
        HostTeacher.host_id == invitee.host_id
    )
    for parties in (guardians, teachers):
        db.session.execute(insert(TalkParty).from_select(["invitee_id", "user_id", "as_school"], parties))


@dataclass(frozen=True, slots=True)
class Ended:
    """A talk of a family that ended while it had a time."""

    called: str
    starts_at: datetime
    teachers: tuple[str, ...]


def ended_with_a_time(invitee_ids: Collection[int]) -> dict[int, Ended]:
    """Return those of a family's ended talks that had a time until then, by number, in order of time."""
    rows = db.session.execute(
        select(
            Invitee.id,
            Booking.starts_at,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            StaffMember.called,
            User.given_name,
            User.prefix,
            User.surname,
        )
        .join(
            Booking,
            and_(Booking.invitee_id == Invitee.id, Booking.cancelled_at == Invitee.ended_at),
        )
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .outerjoin(TalkParty, and_(TalkParty.invitee_id == Invitee.id, TalkParty.as_school))
        .outerjoin(StaffMember, StaffMember.user_id == TalkParty.user_id)
        .outerjoin(User, User.id == TalkParty.user_id)
        .where(Invitee.id.in_(invitee_ids))
        .order_by(Booking.starts_at, Invitee.id, User.sort_key, User.id)
    )
    found: dict[int, Ended] = {}
    for number, starts_at, given_name, prefix, surname, called, *name in rows:
        before = found.get(number)
        teacher = called or (names.full(*name) if name[0] is not None else "")
        found[number] = Ended(
            given_name or names.full(given_name, prefix, surname),
            starts_at,
            (*(before.teachers if before else ()), *([teacher] if teacher else [])),
        )
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody at school wrote about a talk that ended, only to read."""

    invitee_id: int
    pupil: str
    round: str
    ended_at: datetime | None
    before: str
    after: str
    report: str
    shared_at: datetime | None


def written_by(viewer: Viewer, invitee_id: int | None = None) -> list[Written]:
    """Return what the viewer wrote about talks that ended, notes and reports, the newest first.

    `invitee_id`: about this talk only.
    """
    if invitee_id is not None and not access.possible_number(invitee_id):
        return []
    note = and_(TalkNote.invitee_id == Invitee.id, access.own_talk_notes(viewer))
    report = and_(
        TalkReport.invitee_id == Invitee.id,
        TalkReport.author_id == viewer.id,
        access.talk_reports_kept_by(viewer),
    )
    rows = db.session.execute(
        select(Invitee.id, Invitee.ended_at, Pupil, MeetingRound.name, TalkNote, TalkReport)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .join(MeetingRound, MeetingRound.id == Invitee.round_id)
        .outerjoin(TalkNote, note)
        .outerjoin(TalkReport, report)
        .where(
            Invitee.ended_at.is_not(None),
            true() if invitee_id is None else Invitee.id == invitee_id,
            or_(TalkNote.before != "", TalkNote.after != "", TalkReport.id.is_not(None)),
        )
        .order_by(Invitee.ended_at.desc(), Invitee.id.desc())
    )
    return [
        Written(
            number,
            names.full(pupil.given_name, pupil.prefix, pupil.surname),
            round_name,
            ended_at,
            note.before if note else "",
            note.after if note else "",
            report.text if report else "",
            report.shared_at if report else None,
        )
        for number, ended_at, pupil, round_name, note, report in rows
    ]
