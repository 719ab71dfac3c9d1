"""Setting up a round of talks: its tables, days and phases, as the office wants them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import Select, delete, select

from portal import clock
from portal.access import Viewer
from portal.domain import audit, bookings, meeting_notices
from portal.domain.holding import hold
from portal.domain.meeting_invitees import invite_families
from portal.domain.meeting_people import take_turn_at
from portal.domain.meeting_setup import (
    COLUMNS,
    Setup,
    Stretch,
    Table,
    check,
    check_new_days,
    check_to_publish,
    lengths_by_host,
    setup_of,
)
from portal.domain.meeting_slots import hosts_of, make_slots
from portal.errors import Refused
from portal.extensions import db
from portal.models.meetings import (
    Booking,
    HostTeacher,
    Invitee,
    MeetingDay,
    MeetingHost,
    MeetingRound,
    RoundGroup,
    RoundPupil,
    Slot,
)
from portal.words import gettext

USUAL_HOURS = (time(15), time(17))
"""When a stretch of talks usually is."""


def create_round(
    setup: Setup, actor: Viewer, now: datetime, copied_from: MeetingRound | None = None
) -> MeetingRound:
    """Make a round that nobody but the office sees yet. Raises Refused when it cannot be held like that."""
    check(setup)
    check_new_days(setup, None, clock.to_local(now).date())
    round_ = MeetingRound(
        created_by=actor.id,
        created_at=now,
        saved_at=now,
        copied_from=copied_from.id if copied_from else None,
        revision=0,
        **{name: getattr(setup, name) for name in COLUMNS},
    )
    db.session.add(round_)
    db.session.flush()
    placed = lay_out(round_, setup)
    make_slots(round_)
    invite(round_, placed, now)
    audit.record(actor, "create_round", "meeting_round", round_.id)
    return round_


def save_concept(round_: MeetingRound, setup: Setup, actor: Viewer, now: datetime) -> None:
    """Change a round that is not published. Raises Refused when it was published meanwhile."""
    check(setup)
    hold(round_)
    if round_.published_at or round_.withdrawn_at:
        raise Refused(gettext("This round has been published meanwhile. Look at it again."))
    check_new_days(setup, setup_of(round_), clock.to_local(now).date())
    for name in COLUMNS:
        setattr(round_, name, getattr(setup, name))
    round_.revision += 1
    round_.saved_at = now
    placed = lay_out(round_, setup)
    make_slots(round_)
    invite(round_, placed, now)
    audit.record(actor, "change_round", "meeting_round", round_.id)


def publish(round_: MeetingRound, actor: Viewer, now: datetime) -> None:
    """Let teachers and parents see a round, each from their own moment on. Doing it twice is doing it once.

    Raises Refused when a table has no place at all, or when days or the time to choose are over.
    """
    hold(round_)
    if round_.withdrawn_at:
        raise Refused(gettext("This round was withdrawn."))
    if round_.published_at:
        return
    check_to_publish(setup_of(round_), now)
    make_slots(round_)
    invite_families(round_, now)
    if _tables_without_places(round_):
        raise Refused(gettext("One of the tables has no times. Give it days of its own first."))
    round_.published_at = now
    round_.revision += 1
    audit.record(actor, "publish_round", "meeting_round", round_.id)
    db.session.flush()


def withdraw(round_: MeetingRound, actor: Viewer, now: datetime) -> int:
    """Call a round off: nobody sees it any more, and the talks to come are cancelled. Return how many.

    Who was told of the round is told that it is off. Doing it twice is doing it once.
    """
    hold(round_)
    if round_.withdrawn_at:
        return 0
    coming = (
        select(Booking)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .where(Invitee.round_id == round_.id, Booking.cancelled_at.is_(None), Booking.starts_at > now)
        .order_by(Booking.id)
    )
    take_turn_at(db.session.scalars(_invited_to(round_)).all())
    booked = db.session.scalars(coming).all()
    # First, so that what comes free is offered to nobody.
    round_.withdrawn_at = now
    round_.revision += 1
    db.session.flush()
    for booking in booked:
        bookings.cancel(booking, actor, now)
    meeting_notices.tell_of_withdrawal(round_, now)
    audit.record(actor, "withdraw_round", "meeting_round", round_.id)
    db.session.flush()
    return len(booked)


def _invited_to(round_: MeetingRound) -> Select[Any]:
    return select(Invitee).where(Invitee.round_id == round_.id, Invitee.ended_at.is_(None))


def invite(round_: MeetingRound, placed: Mapping[int, Table], now: datetime) -> None:
    """Offer the talks of a round, each with its own length where it has one.

    A talk keeps the length that a teacher gave it unless the office chose another one for its pupil.
    """
    before = lengths_by_host(round_)
    invite_families(round_, now)
    for talk in db.session.scalars(_invited_to(round_)).all():
        table = placed.get(talk.host_id)
        talk.minutes = table.own_minutes(talk, before.get(talk.host_id, {})) if table else None
    db.session.flush()


def _tables_without_places(round_: MeetingRound) -> bool:
    with_places = select(Slot.host_id).distinct()
    missing = select(HostTeacher.host_id).where(
        HostTeacher.round_id == round_.id, HostTeacher.host_id.not_in(with_places)
    )
    return db.session.scalars(missing.limit(1)).first() is not None


# --- tables -----------------------------------------------------------------------------------------------


def lay_out(round_: MeetingRound, setup: Setup) -> dict[int, Table]:
    """Write the days and tables of a set-up; return the table wanted by the number of each host.

    A table keeps its row while a group, or else a pupil or a teacher, stays at it, so that its talks keep
    their places.
    A row that is left over goes, or stays empty when talks were booked there once.
    """
    kept = rows_of(round_, setup)
    for model in (HostTeacher, RoundGroup, RoundPupil, MeetingDay):
        db.session.execute(delete(model).where(model.round_id == round_.id))
    placed = {}
    for table, known in zip(setup.tables, kept, strict=True):
        host = known or MeetingHost(round_id=round_.id)
        host.room, host.building, host.video_url = table.room, table.building, table.video_url
        host.talk_minutes = table.minutes
        db.session.add(host)
        db.session.flush()
        placed[host.id] = table
        _write_table(round_, host.id, table)
    _write_days(round_, None, setup.days)
    if not round_.published_at:
        _remove_others(round_, placed)
    db.session.flush()
    return placed


def rows_of(round_: MeetingRound, setup: Setup) -> list[MeetingHost | None]:
    """Return for each table of a set-up the row that it has: of its groups, its pupils or its teachers."""
    left = {host.id: host for host in hosts_of(round_)}
    found: list[MeetingHost | None] = [None] * len(setup.tables)
    # First whose it is for all tables: a substitute may come from another one.
    for name, seated in _seated(round_).items():
        for place, table in enumerate(setup.tables):
            known = [host for one in getattr(table, name) for host in seated.get(one, ()) if host in left]
            if found[place] is None and known:
                found[place] = left.pop(known[0])
    return found


def _seated(round_: MeetingRound) -> dict[str, dict[int, list[int]]]:
    """Return at which tables each group, each single pupil and each teacher is now."""
    found: dict[str, dict[int, list[int]]] = {}
    columns: dict[str, Any] = {
        "groups": RoundGroup.group_id, "pupils": RoundPupil.pupil_id, "teachers": HostTeacher.user_id
    }  # fmt: skip
    for name, column in columns.items():
        of_kind = found.setdefault(name, {})
        model = column.class_
        for one, host in db.session.execute(
            select(column, model.host_id).where(model.round_id == round_.id).order_by(model.host_id)
        ):
            of_kind.setdefault(one, []).append(host)
    return found


def _write_table(round_: MeetingRound, host_id: int, table: Table) -> None:
    db.session.add_all(
        [HostTeacher(host_id=host_id, user_id=one, round_id=round_.id) for one in table.teachers]
    )
    db.session.add_all(
        [
            RoundGroup(round_id=round_.id, group_id=one, host_id=host_id, everyone=one not in table.some)
            for one in table.groups
        ]
    )
    db.session.add_all(
        [RoundPupil(host_id=host_id, pupil_id=one, round_id=round_.id) for one in table.pupils]
    )
    _write_days(round_, host_id, table.days)


def _write_days(round_: MeetingRound, host_id: int | None, days: Iterable[Stretch]) -> None:
    db.session.add_all(
        [
            MeetingDay(
                round_id=round_.id,
                host_id=host_id,
                day=stretch.day,
                starts_at=stretch.starts_at,
                ends_at=stretch.ends_at,
                break_from=stretch.break_from,
                break_until=stretch.break_until,
            )
            for stretch in days
        ]
    )


def _remove_others(round_: MeetingRound, placed: dict[int, Table]) -> None:
    """Remove the tables that a concept no longer has; nothing is booked there."""
    gone = [host.id for host in hosts_of(round_) if host.id not in placed]
    db.session.flush()
    db.session.execute(delete(Invitee).where(Invitee.host_id.in_(gone)))
    db.session.execute(delete(MeetingHost).where(MeetingHost.id.in_(gone)))
