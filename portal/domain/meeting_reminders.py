"""The mails about a round, each once: it opens, do not forget, tomorrow.

The worker sends them by itself; the office can send the reminder of a day itself.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, select

from portal import access, clock
from portal.access import Viewer
from portal.access.meetings import talk_offered_to
from portal.domain import audit, outbox
from portal.domain.holding import hold
from portal.domain.meeting_choices import is_early
from portal.domain.meeting_phases import may_choose
from portal.domain.meeting_talk_lists import is_unanswered
from portal.domain.slot_times import at
from portal.extensions import db, insert_into
from portal.models.accounts import User
from portal.models.meeting_tidings import RoundTold
from portal.models.meetings import Booking, Invitee, MeetingRound
from portal.models.roster import Guardianship

OPENED = "meeting_opened"
REMINDER = "meeting_reminder"
TOMORROW = "meeting_tomorrow"

INVITED, HALFWAY, LAST_DAY, BY_HAND = "opened", "halfway", "last_day", "by_hand"

MORNING, EVENING = time(8), time(20)
"""Between these times of the school's clock reminders go."""

DAY_BEFORE = time(10)


def halfway_at(opens_at: datetime, closes_at: datetime) -> datetime:
    """Return when half of the time to choose is over, moved to a time at which people read mail."""
    middle = clock.to_local(opens_at + (closes_at - opens_at) / 2)
    if middle.time() < MORNING:
        return at(middle.date(), MORNING)
    return (
        at(middle.date() + timedelta(days=1), MORNING)
        if middle.time() > EVENING
        else at(middle.date(), middle.time())
    )


def last_day_at(closes_at: datetime) -> datetime:
    """Return when the last reminder goes: in the morning, or the day before when it closes early."""
    closing = clock.to_local(closes_at)
    early = closing.time() < time(12)
    return at(closing.date() - timedelta(days=1), MORNING) if early else at(closing.date(), MORNING)


class _Child(NamedTuple):
    """A child about whom a guardian is invited to a talk."""

    pupil_id: int
    asked: str

    @property
    def what(self) -> str:
        """What it is called that the guardian was invited about this child."""
        return f"{INVITED}:{self.pupil_id}"


def send_invitations(now: datetime) -> None:
    """Tell each guardian once that a time can be chosen: the early ones first (several children, asked).

    Once more when another child of theirs joins the round after that, or when they get authority over it.
    """
    for round_ in _choosing(now):
        told = _told_of(round_.id)
        mailed: dict[str, set[int]] = {}
        noted = []
        for user_id, children in _families(round_.id).items():
            new = _not_told(children, user_id, told)
            if new and may_choose(round_, now, is_early((one.pupil_id, one.asked) for one in children)):
                mailed.setdefault(new[0], set()).add(user_id)
                noted += [(user_id, what) for what in new[1:]]
        for what, user_ids in sorted(mailed.items()):
            _send(OPENED, round_.id, what, user_ids, now)
        _note_all(round_.id, noted, now)


def _not_told(children: Iterable[_Child], user_id: int, told: Collection[tuple[int, str]]) -> list[str]:
    """Return what is to be kept when a guardian is invited now; nothing when that was done already.

    A child is not new because talks about it were arranged anew: that would tell what the other guardian
    did (R22).
    """
    new = sorted({one.what for one in children if (user_id, one.what) not in told})
    return new if (user_id, INVITED) in told else [INVITED, *new]


def send_reminders(now: datetime) -> None:
    """Remind who has not answered, halfway and on the last day; not who has only just been invited."""
    for round_ in _choosing(now):
        last = last_day_at(round_.closes_at)
        halfway = halfway_at(round_.opens_at, round_.closes_at)
        if now >= last:
            what, since = LAST_DAY, last
        elif now >= halfway and now < last - timedelta(hours=12):
            what, since = HALFWAY, halfway
        else:
            continue
        known = exists().where(
            RoundTold.user_id == User.id,
            RoundTold.round_id == round_.id,
            RoundTold.what == INVITED,
            RoundTold.told_at < since,
        )
        hold(round_)
        late = {user_id for user_id, _pupil, _asked in _invited(round_, what, known, is_unanswered(now))}
        done = late & _told_on(round_, clock.to_local(now).date())
        _note(round_.id, what, done, now)
        _send(REMINDER, round_.id, what, late - done, now)


def by_hand(day: date) -> str:
    """Return what it is called that the office has reminded somebody on a day."""
    return f"{BY_HAND}:{day.isoformat()}"


def to_remind(viewer: Viewer, round_: MeetingRound, now: datetime) -> set[int] | None:
    """Return who can be reminded today, of the talks that the viewer has at school.

    Only who was invited before today, has not answered and was not reminded today; None when nobody chooses.
    """
    if not may_choose(round_, now, True):
        return None
    midnight = at(clock.to_local(now).date(), time())
    invited = exists().where(
        RoundTold.user_id == User.id,
        RoundTold.round_id == round_.id,
        RoundTold.what == INVITED,
        RoundTold.told_at < midnight,
    )
    reminded = exists().where(
        RoundTold.user_id == User.id,
        RoundTold.round_id == round_.id,
        RoundTold.what.in_((HALFWAY, LAST_DAY)),
        RoundTold.told_at >= midnight,
    )
    known = access.invitees_of_school(viewer)
    what = by_hand(clock.to_local(now).date())
    rows = _invited(round_, what, invited, ~reminded, known, is_unanswered(now))
    return {user_id for user_id, _pupil, _asked in rows}


def remind(round_: MeetingRound, actor: Viewer, now: datetime) -> int:
    """Remind today who has not answered yet, and return how many guardians that are."""
    hold(round_)
    late = to_remind(actor, round_, now) or set()
    _send(REMINDER, round_.id, by_hand(clock.to_local(now).date()), late, now)
    if late:
        audit.record(actor, "remind_of_round", "meeting_round", round_.id)
    return len(late)


def _told_on(round_: MeetingRound, day: date) -> set[int]:
    told = select(RoundTold.user_id).where(RoundTold.round_id == round_.id, RoundTold.what == by_hand(day))
    return set(db.session.scalars(told))


def send_day_before(now: datetime) -> None:
    """Tell who has a talk tomorrow, or later today when the worker was away; not who booked it since.

    One mail for the family's talks of a day, of whatever round; it is kept with the first of these that is
    still to come then.
    """
    today = clock.to_local(now).date()
    rows = db.session.execute(
        select(
            Guardianship.user_id,
            Invitee.round_id,
            Booking.starts_at,
            Booking.booked_at,
            Booking.changed_at,
        )
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .join(Guardianship, Guardianship.pupil_id == Invitee.pupil_id)
        .join(User, User.id == Guardianship.user_id)
        .where(
            Booking.cancelled_at.is_(None),
            Booking.starts_at > now,
            Booking.starts_at < at(today + timedelta(days=2), time()),
            *_is_addressed(),
        )
        .order_by(Guardianship.user_id)
    )
    due: dict[tuple[int, date], set[int]] = {}
    for row in rows:
        day = clock.to_local(row.starts_at).date()
        moment = at(day - timedelta(days=1), DAY_BEFORE)
        if moment <= now and (row.changed_at or row.booked_at) < moment:
            due.setdefault((row.user_id, day), set()).add(row.round_id)
    told = _told_of_days(day for _user_id, day in due)
    first: dict[tuple[int, date], set[int]] = {}
    for (user_id, day), round_ids in due.items():
        if (user_id, day.isoformat()) not in told:
            first.setdefault((min(round_ids), day), set()).add(user_id)
    for (round_id, day), user_ids in sorted(first.items()):
        _send(TOMORROW, round_id, day.isoformat(), user_ids, now)


def _told_of_days(days: Iterable[date]) -> set[tuple[int, str]]:
    """Return who was told of the talks of which of these days, with whatever round that is kept."""
    wanted = {day.isoformat() for day in days}
    rows = db.session.execute(
        select(RoundTold.user_id, RoundTold.what).where(RoundTold.what.in_(wanted)).distinct()
    )
    return {(user_id, what) for user_id, what in rows}


def told_day(key: str | None) -> date | None:
    """Return of which day a mail tells the talks, from the key it was queued with; None for another mail."""
    parts = (key or "").split(":")
    return date.fromisoformat(parts[2]) if len(parts) == 4 and parts[0] == TOMORROW else None


def _choosing(now: datetime) -> list[MeetingRound]:
    """Return the rounds in which somebody may choose at this moment."""
    published = select(MeetingRound).where(
        MeetingRound.published_at.is_not(None),
        MeetingRound.withdrawn_at.is_(None),
        MeetingRound.closes_at > now,
    )
    return [
        one for one in db.session.scalars(published.order_by(MeetingRound.id)) if may_choose(one, now, True)
    ]


def _is_addressed() -> list[ColumnElement[bool]]:
    return [
        Guardianship.revoked_at.is_(None),
        User.email.is_not(None),
        talk_offered_to(Guardianship.user_id),
    ]


def _invited(round_: MeetingRound, what: str, *conditions: ColumnElement[bool]) -> list[tuple[int, int, str]]:
    """Return guardian, pupil and what the teacher asked, of who was not told yet."""
    told = and_(RoundTold.user_id == User.id, RoundTold.round_id == round_.id, RoundTold.what == what)
    rows = db.session.execute(
        select(User.id, Invitee.pupil_id, Invitee.asked)
        .join(Guardianship, Guardianship.user_id == User.id)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(Invitee.round_id == round_.id, *_is_addressed(), ~exists().where(told), *conditions)
        .order_by(User.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _families(round_id: int) -> dict[int, list[_Child]]:
    """Return the guardians who are invited to a round, each with the children that the talks are about."""
    rows = db.session.execute(
        select(User.id, Invitee.pupil_id, Invitee.asked)
        .join(Guardianship, Guardianship.user_id == User.id)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(Invitee.round_id == round_id, *_is_addressed())
        .order_by(User.id)
    )
    found: dict[int, list[_Child]] = {}
    for user_id, pupil_id, asked in rows:
        found.setdefault(user_id, []).append(_Child(pupil_id, asked))
    return found


def _told_of(round_id: int) -> set[tuple[int, str]]:
    """Return who was invited to a round, and about which children."""
    rows = db.session.execute(
        select(RoundTold.user_id, RoundTold.what).where(
            RoundTold.round_id == round_id, RoundTold.what.startswith(INVITED)
        )
    )
    return {(user_id, what) for user_id, what in rows}


def _send(kind: str, round_id: int, what: str, user_ids: Iterable[int], now: datetime) -> None:
    """Queue a mail for everybody who was not told this yet, and keep that they are."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return
    new = _note(round_id, what, wanted, now)
    people = db.session.scalars(select(User).where(User.id.in_(new)).order_by(User.id))
    outbox.queue_all(
        kind, now, [(person, round_id, f"{kind}:{round_id}:{what}:{person.id}") for person in people]
    )


def first_invitation(round_id: int) -> str:
    """Return how the key of somebody's first mail about a round begins; it ends with their number."""
    return f"{OPENED}:{round_id}:{INVITED}:"


def _note_all(round_id: int, told: Iterable[tuple[int, str]], now: datetime) -> None:
    rows = [{"user_id": one, "round_id": round_id, "what": what, "told_at": now} for one, what in told]
    if rows:
        db.session.execute(insert_into(RoundTold).on_conflict_do_nothing(), rows)


def _note(round_id: int, what: str, user_ids: Iterable[int], now: datetime) -> Sequence[int]:
    """Keep that these people are told this, and return who was not yet."""
    rows = [{"user_id": one, "round_id": round_id, "what": what, "told_at": now} for one in sorted(user_ids)]
    if not rows:
        return ()
    told = insert_into(RoundTold).values(rows).on_conflict_do_nothing()
    return db.session.scalars(told.returning(RoundTold.user_id)).all()
