"""What a teacher writes about a talk: notes for the own use, and a report that its parents may read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal import access, names
from portal.access import Viewer
from portal.domain import audit, meeting_notices, meeting_twins
from portal.domain.holding import hold, refuse_overtaken, version_of
from portal.errors import Refused
from portal.extensions import db, insert_into
from portal.models.accounts import StaffMember, User
from portal.models.meeting_talks import TalkNote, TalkReport
from portal.models.meetings import Booking, Invitee, MeetingRound
from portal.models.roster import Pupil
from portal.words import gettext

NOTE_LENGTH = 4000
REPORT_LENGTH = 8000


def own_note(viewer: Viewer, invitee_id: int) -> TalkNote | None:
    """Return what the viewer wrote about a talk for the own use."""
    own = access.own_talk_notes(viewer)
    return db.session.scalars(select(TalkNote).where(TalkNote.invitee_id == invitee_id, own)).one_or_none()


def notes_on_joined(viewer: Viewer, invitee_id: int) -> list[tuple[str, TalkNote]]:
    """Return what the viewer wrote on the talks that became part of this one, each with the child's name."""
    rows = db.session.execute(
        select(Pupil, TalkNote)
        .join(Invitee, Invitee.pupil_id == Pupil.id)
        .join(TalkNote, TalkNote.invitee_id == Invitee.id)
        .where(Invitee.joined_to == invitee_id, Invitee.ended_at.is_(None), access.own_talk_notes(viewer))
        .order_by(Pupil.sort_key, Pupil.id)
    )
    return [(meeting_twins.called([pupil]), note) for pupil, note in rows if note.before or note.after]


def version_of_note(note: TalkNote | None) -> str:
    """Return what tells this wording of the own notes from another one."""
    return version_of(note.before, note.after) if note else version_of("", "")


def write_note(
    invitee: Invitee, before: str, after: str, version: str | None, actor: Viewer, now: datetime
) -> None:
    """Keep the own notes on a talk in the place of the earlier ones. No audit: they are the author's own.

    `version`: of the notes that the page showed, None when it did not say. Raises Overtaken when they are
    others now.
    """
    note_now = own_note(actor, invitee.id)
    if note_now:
        hold(note_now)
    if version is not None and version_of(before, after) != version_of_note(note_now):
        refuse_overtaken(version, version_of_note(note_now))
    written = {"before": before, "after": after, "written_at": now}
    note = insert_into(TalkNote).values(invitee_id=invitee.id, author_id=actor.id, **written)
    db.session.execute(note.on_conflict_do_update(index_elements=["invitee_id", "author_id"], set_=written))


def report_of(viewer: Viewer, invitee: Invitee) -> TalkReport | None:
    """Return the report of a talk: of a colleague only once the parents may read it."""
    kept = access.talk_reports_kept_by(viewer)
    return db.session.scalars(
        select(TalkReport).where(TalkReport.invitee_id == invitee.id, kept)
    ).one_or_none()


def first_text(viewer: Viewer, invitee: Invitee) -> str:
    """Return what a new report begins with: the own notes after the talk, also on those that became part of
    it, with the reports of those that the viewer wrote and the parents do not read.
    """
    drafts = db.session.scalars(
        select(TalkReport.text)
        .join(Invitee, Invitee.id == TalkReport.invitee_id)
        .where(
            Invitee.joined_to == invitee.id,
            Invitee.ended_at.is_(None),
            TalkReport.shared_at.is_(None),
            access.talk_reports_kept_by(viewer),
        )
        .order_by(TalkReport.id)
    )
    note = own_note(viewer, invitee.id)
    joined = [one.after for _, one in notes_on_joined(viewer, invitee.id)]
    return "\n\n".join(filter(None, [note.after if note else "", *joined, *drafts]))


def write_report(invitee: Invitee, text: str, share: bool, actor: Viewer, now: datetime) -> TalkReport:
    """Write the report of a talk; `share`: its parents may read it from now on, and get a mail.

    Raises Refused when a colleague is writing one.
    """
    report = report_of(actor, invitee)
    if report is None:
        report = TalkReport(invitee_id=invitee.id, author_id=actor.id, text=text, written_at=now)
        db.session.add(report)
        try:
            db.session.flush()
        except IntegrityError:
            raise Refused(
                gettext("A colleague is already writing the report of this talk."), "text"
            ) from None
    else:
        hold(report)
        report.text, report.written_at = text, now
    if share and report.shared_at is None:
        report.shared_at = now
        audit.record(actor, "share_talk_report", "talk_report", report.id)
        db.session.flush()
        meeting_notices.tell_of_report(report, now)
    db.session.flush()
    return report


def stop_sharing(report: TalkReport, actor: Viewer) -> None:
    """Let the parents of the talk read its report no more."""
    hold(report)
    report.shared_at = None
    audit.record(actor, "unshare_talk_report", "talk_report", report.id)


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report as a guardian reads it."""

    id: int
    child: str
    round: str
    teacher: str
    talked_at: datetime | None
    shared_at: datetime
    text: str


def reports_for(viewer: Viewer, report_id: int | None = None) -> list[ReadReport]:
    """Return the reports of their talks that a guardian may read, the newest first."""
    rows = db.session.execute(
        select(TalkReport, Pupil, MeetingRound.name, StaffMember.called, User, Booking.starts_at)
        .join(Invitee, Invitee.id == TalkReport.invitee_id)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .join(MeetingRound, MeetingRound.id == Invitee.round_id)
        .join(User, User.id == TalkReport.author_id)
        .outerjoin(StaffMember, StaffMember.user_id == User.id)
        .outerjoin(Booking, (Booking.invitee_id == Invitee.id) & Booking.cancelled_at.is_(None))
        .where(
            access.talk_reports_read_by(viewer), *([] if report_id is None else [TalkReport.id == report_id])
        )
        .order_by(TalkReport.shared_at.desc(), TalkReport.id.desc())
    )
    return [
        ReadReport(
            report.id,
            pupil.given_name or names.full(pupil.given_name, pupil.prefix, pupil.surname),
            round_name,
            called or names.full(user.given_name, user.prefix, user.surname),
            starts_at,
            report.shared_at or report.written_at,
            report.text,
        )
        for report, pupil, round_name, called, user, starts_at in rows
    ]
