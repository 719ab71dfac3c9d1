"""Who is invited to a talk, who may book it, and who keeps the round at school."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from portal.access.adults import of_office
from portal.access.directory import guarded_by_unknown, hides_from, unknown_as_staff
from portal.access.pupils import at_school, has_authority, is_family
from portal.access.tables import pupil
from portal.access.viewers import Viewer, hash_of
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.meeting_talks import (
    MeetingEvent,
    MeetingFeed,
    SlotOffer,
    TalkNote,
    TalkParty,
    TalkReport,
    WaitingTime,
)
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.roster import Guardianship

_invitee = aliased(Invitee)
_host = aliased(MeetingHost)
_teacher = aliased(HostTeacher)
_party = aliased(TalkParty)
_round = aliased(MeetingRound)
_first = aliased(Guardianship)
_second = aliased(Guardianship)


def talks_apart(pupil_id: Any) -> ColumnElement[bool]:
    """Whether each guardian of a pupil has a talk of their own (R20).

    School deals with them apart, or one hides from the other, because of whatever child: then neither may
    learn of the other's talk (R22).
    """
    one_hides = exists().where(
        _first.pupil_id == pupil_id,
        _first.revoked_at.is_(None),
        _second.pupil_id == _first.pupil_id,
        _second.revoked_at.is_(None),
        hides_from(_first.user_id, _second.user_id),
    )
    return or_(
        exists().where(pupil.id == pupil_id, pupil.apart_at.is_not(None)),
        one_hides.correlate_except(_first, _second),
    )


def _is_published(round_id: Any) -> ColumnElement[bool]:
    return exists().where(
        _round.id == round_id, _round.published_at.is_not(None), _round.withdrawn_at.is_(None)
    )


def talk_offered_to(guardian_id: Any, talk: Any = Invitee) -> ColumnElement[bool]:
    """Whether school offers a talk to an adult as a guardian: who sees it, and who gets mail about it."""
    return and_(talk_meant_for(guardian_id, talk), _is_published(talk.round_id))


def talk_meant_for(guardian_id: Any, talk: Any = Invitee) -> ColumnElement[bool]:
    """Whether a talk is an adult's as a guardian, also of a round that nobody sees (any more)."""
    return and_(
        talk.ended_at.is_(None),
        at_school(talk.pupil_id),
        has_authority(guardian_id, talk.pupil_id),
        or_(
            talk.guardian_id == guardian_id,
            and_(talk.guardian_id.is_(None), ~talks_apart(talk.pupil_id)),
        ),
    )


def _offered_to(viewer: Viewer, talk: Any) -> ColumnElement[bool]:
    return talk_offered_to(viewer.id, talk)


def invitees_of(viewer: Viewer) -> ColumnElement[bool]:
    """The talks that school offers to the viewer as a guardian: the own one, or one with the other guardian.

    Only with authority: who has information on request is not invited (R21).
    """
    return _offered_to(viewer, Invitee)


def _has_invitee(viewer: Viewer, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(_offered_to(viewer, _invitee), *conditions)


def ended_talks_of(viewer: Viewer) -> ColumnElement[bool]:
    """The talks that were the viewer's as a guardian until they ended, as long as the viewer is one.

    Whose they were was written down then: who hides or comes apart later changes nothing of it, and nobody
    reads of a talk that was the other guardian's (R22).
    """
    return _had(viewer, Invitee)


def _had(viewer: Viewer, talk: Any) -> ColumnElement[bool]:
    was_theirs = exists().where(_party.invitee_id == talk.id, _party.user_id == viewer.id, ~_party.as_school)
    return and_(
        talk.ended_at.is_not(None),
        was_theirs,
        at_school(talk.pupil_id),
        has_authority(viewer.id, talk.pupil_id),
        _is_published(talk.round_id),
    )


def _has_or_had_invitee(viewer: Viewer, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(_has_invitee(viewer, *conditions), exists().where(_had(viewer, _invitee), *conditions))


def rounds_of_children(viewer: Viewer) -> ColumnElement[bool]:
    """The rounds in which the viewer is invited as a guardian."""
    return _has_invitee(viewer, _invitee.round_id == MeetingRound.id)


def slots_offered_to(viewer: Viewer) -> ColumnElement[bool]:
    """The places at the tables where the viewer is invited; what is blocked or a break is not there."""
    return and_(Slot.state == "open", _has_invitee(viewer, _invitee.host_id == Slot.host_id))


def slots_at_tables_of(viewer: Viewer) -> ColumnElement[bool]:
    """The same places and those that the teacher has just taken away, to say so to who still chose one."""
    return _has_invitee(viewer, _invitee.host_id == Slot.host_id)


def bookings_of_children(viewer: Viewer) -> ColumnElement[bool]:
    """The talks that the viewer has as a guardian."""
    return _has_invitee(viewer, _invitee.id == Booking.invitee_id)


def offers_made_to(viewer: Viewer) -> ColumnElement[bool]:
    """The places that came free and were offered to the viewer."""
    return _has_invitee(viewer, _invitee.id == SlotOffer.invitee_id)


def waiting_times_of(viewer: Viewer) -> ColumnElement[bool]:
    """The times for which the viewer waits."""
    return _has_invitee(viewer, _invitee.id == WaitingTime.invitee_id)


def talk_reports_read_by(viewer: Viewer) -> ColumnElement[bool]:
    """The reports of talks that the guardians of that talk may read, also after it ended."""
    own = _has_or_had_invitee(viewer, _invitee.id == TalkReport.invitee_id)
    return and_(TalkReport.shared_at.is_not(None), own)


def meeting_history_of(viewer: Viewer) -> ColumnElement[bool]:
    """What was done about the viewer's own talks as a guardian, since they are offered to the viewer so, or
    until they ended.
    """
    return _has_or_had_invitee(
        viewer, _invitee.id == MeetingEvent.invitee_id, MeetingEvent.at >= _invitee.created_at
    )


# --- as school --------------------------------------------------------------------------------------------


def rounds_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """The rounds that the viewer sets up: all of them for the office."""
    return of_office(viewer)


def _receives(viewer: Viewer, host_id: Any) -> ColumnElement[bool]:
    """Whether the viewer sits at a table, or keeps all of them."""
    if viewer.is_office:
        return true()
    if not viewer.is_staff:
        return false()
    published = exists().where(_host.id == host_id, _is_published(_host.round_id))
    return and_(exists().where(_teacher.host_id == host_id, _teacher.user_id == viewer.id), published)


def rounds_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The rounds that the viewer has at school: a teacher those with a table of the own, the office all."""
    if viewer.is_office:
        return true()
    if not viewer.is_staff:
        return false()
    sits = exists().where(_teacher.round_id == MeetingRound.id, _teacher.user_id == viewer.id)
    return and_(MeetingRound.published_at.is_not(None), MeetingRound.withdrawn_at.is_(None), sits)


def hosts_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """The tables whose times the viewer shapes: a teacher the own one, the office all."""
    return _receives(viewer, MeetingHost.id)


def slots_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """The places that the viewer blocks, opens and gives away, as a member of staff."""
    return _receives(viewer, Slot.host_id)


def _known_as_school(viewer: Viewer, talk: Any) -> ColumnElement[bool]:
    """Whether the viewer has a talk at school; of the own child one is a guardian there too (R22).

    Nor of a child whose guardian is kept from the viewer: of such a talk one sees that the place is taken.
    """
    return and_(_receives(viewer, talk.host_id), is_told_of_talk(viewer, talk.pupil_id))


def is_told_of_talk(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether school may tell the viewer of a talk about a pupil, also of a family's other talk that day."""
    return and_(~is_family(viewer.id, pupil_id), ~guarded_by_unknown(viewer.id, pupil_id))


def invitees_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The talks that the viewer has as a member of staff: at the own table, the office all."""
    return _known_as_school(viewer, Invitee)


def _is_of_school(viewer: Viewer, invitee_id: Any) -> ColumnElement[bool]:
    return exists().where(_invitee.id == invitee_id, _known_as_school(viewer, _invitee))


def bookings_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The booked talks that the viewer has as a member of staff."""
    return _is_of_school(viewer, Booking.invitee_id)


def meeting_history_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """What was done about the talks of a round, for the office; by nobody who is kept from the viewer."""
    return and_(
        of_office(viewer),
        or_(MeetingEvent.invitee_id.is_(None), _is_of_school(viewer, MeetingEvent.invitee_id)),
        ~unknown_as_staff(viewer.id, MeetingEvent.actor_id),
    )


def own_talk_notes(viewer: Viewer) -> ColumnElement[bool]:
    """What the viewer wrote before and after a talk, for nobody else; also of one that ended."""
    kept = or_(_is_of_school(viewer, TalkNote.invitee_id), _ended_at_school(viewer, TalkNote.invitee_id))
    return and_(TalkNote.author_id == viewer.id, kept)


def _ended_at_school(viewer: Viewer, invitee_id: Any) -> ColumnElement[bool]:
    """Whether a talk ended of which the viewer may know at school: its table may be gone by then."""
    if not viewer.is_staff:
        return false()
    return exists().where(
        _invitee.id == invitee_id,
        _invitee.ended_at.is_not(None),
        _is_published(_invitee.round_id),
        is_told_of_talk(viewer, _invitee.pupil_id),
    )


def talk_reports_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """The reports of the talks that the viewer has as a member of staff: the own ones, and those of a
    colleague that the parents may read. The own ones also of a talk that ended.
    """
    is_own = TalkReport.author_id == viewer.id
    finished = or_(TalkReport.shared_at.is_not(None), is_own)
    return or_(
        and_(finished, _is_of_school(viewer, TalkReport.invitee_id)),
        and_(is_own, _ended_at_school(viewer, TalkReport.invitee_id)),
    )


def own_feed(viewer: Viewer) -> ColumnElement[bool]:
    """The address of the viewer's own calendar of talks."""
    return MeetingFeed.user_id == viewer.id


def reader_of_feed(token: str) -> Viewer | None:
    """Return who the calendar of talks with this secret address is of, while working here."""
    found = db.session.execute(
        select(User.id, User.language, StaffMember.role)
        .join(MeetingFeed, MeetingFeed.user_id == User.id)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(
            MeetingFeed.token_hash == hash_of(token),
            StaffMember.left_at.is_(None),
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    return Viewer(id=found[0], language=found[1], role=found[2]) if found else None


def hall_opened_by(token: str) -> ColumnElement[bool]:
    """The round whose hall screen this secret address shows."""
    return and_(MeetingRound.hall_hash == hash_of(token), _is_published(MeetingRound.id))
