"""Keeps the talks of published rounds equal to the roster: at once when it changes, and repaired by a job."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from portal.domain.meeting_invitees import invite_families, out_of_date, people_of_round
from portal.domain.meeting_people import People, take_turn, together
from portal.extensions import db, has_one_writer
from portal.models.meetings import (
    HostTeacher,
    Invitee,
    MeetingHost,
    MeetingRound,
    RoundGroup,
    RoundPupil,
    Slot,
)
from portal.models.roster import Guardianship, Membership


def is_running(now: datetime) -> ColumnElement[bool]:
    """The rounds that are published and have a place in the future."""
    return and_(
        MeetingRound.published_at.is_not(None),
        MeetingRound.withdrawn_at.is_(None),
        exists().where(
            MeetingHost.round_id == MeetingRound.id, Slot.host_id == MeetingHost.id, Slot.ends_at > now
        ),
    )


def follow_roster(pupil_ids: Iterable[int], now: datetime) -> None:
    """Bring the running rounds up to date with what has just changed about these pupils and their guardians.

    Belongs at the end of every verb that changes a group of a pupil, a guardian or how guardians are dealt
    with, in its transaction.
    """
    pupils = set(pupil_ids)
    if not pupils:
        return
    take_turns_of(pupils, now)
    for round_ in db.session.scalars(_concerned(pupils, now)).all():
        invite_families(round_, now, pupils)


def touched_by(user_id: int, pupil_ids: Iterable[int]) -> set[int]:
    """Return the pupils whose talks may come apart, or together again, with an adult's place beside these.

    Hiding is between persons: it counts for every child that two of them share (R22).
    """
    own = select(Guardianship.pupil_id).where(
        Guardianship.user_id == user_id, Guardianship.revoked_at.is_(None)
    )
    return {*pupil_ids, *db.session.scalars(own)}


def take_turns_of(pupil_ids: Iterable[int], now: datetime) -> None:
    """Take the turn of everybody whose talks may change with these pupils, in all running rounds at once.

    Belongs before the rows of their guardians are changed, so that everybody locks people first, in order.
    """
    if has_one_writer():
        return
    pupils = set(pupil_ids)
    rounds = db.session.scalars(_concerned(pupils, now)).all()
    take_turn(together(people_of_round(round_.id, pupils) for round_ in rounds))


def _concerned(pupils: Collection[int], now: datetime) -> Select[MeetingRound]:
    invited = exists().where(
        Invitee.round_id == MeetingRound.id, Invitee.pupil_id.in_(pupils), Invitee.ended_at.is_(None)
    )
    in_group = exists().where(
        RoundGroup.round_id == MeetingRound.id,
        Membership.group_id == RoundGroup.group_id,
        Membership.pupil_id.in_(pupils),
        Membership.ended_on.is_(None),
    )
    singly = exists().where(RoundPupil.round_id == MeetingRound.id, RoundPupil.pupil_id.in_(pupils))
    return (
        select(MeetingRound).where(is_running(now), or_(invited, in_group, singly)).order_by(MeetingRound.id)
    )


def repair(now: datetime) -> None:
    """Bring all running rounds up to date; of a round that is, nothing is locked or written."""
    running = db.session.scalars(select(MeetingRound).where(is_running(now)).order_by(MeetingRound.id)).all()
    stale = [(round_, pupils) for round_ in running if (pupils := out_of_date(round_.id))]
    if stale and not has_one_writer():
        take_turn(together(people_of_round(round_.id, pupils) for round_, pupils in stale))
    for round_, pupils in stale:
        invite_families(round_, now, pupils)


def take_turns(now: datetime) -> None:
    """Take the turn of everybody with a talk in a running round, before a large change of the roster."""
    rounds = select(MeetingRound.id).where(is_running(now))
    guardians = (
        select(Guardianship.user_id)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(Invitee.round_id.in_(rounds), Invitee.ended_at.is_(None))
    )
    teachers = select(HostTeacher.user_id).where(HostTeacher.round_id.in_(rounds))
    take_turn(People(frozenset(db.session.scalars(guardians)), frozenset(db.session.scalars(teachers))))
