"""The round of talks of De Lindeboog: about a week ahead, open for booking, and a part of it booked."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from sqlalchemy import delete, insert, select

from portal import clock
from portal.access import Viewer
from portal.access.meetings import talk_offered_to
from portal.domain import bookings, meeting_reminders, meeting_rounds, meeting_tidings
from portal.domain.bookings import Choice
from portal.domain.demo.plan import Plan
from portal.domain.meeting_setup import Setup, Stretch, Table
from portal.domain.meeting_talk_lists import talk_at, teachers_at
from portal.domain.school_days import SchoolDays
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import User
from portal.models.meeting_tidings import RoundTold, TalkTold
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship

UNTOUCHED = 4
"""The families of ouder1 to ouder4 have not chosen yet, for whoever tries it."""

TALKS_AHEAD, CLOSES_AHEAD = timedelta(days=7), timedelta(days=3)
OPENED_AGO, EARLY_AGO, PUBLISHED_AGO = timedelta(days=1), timedelta(days=2), timedelta(days=9)
BOOKED = 0.3
SUBJECTS = (
    "Hoe gaat het met lezen?",
    "Graag ook over het contact met andere kinderen.",
    "Wij willen het hebben over het huiswerk.",
)


def write_meetings(
    plan: Plan, groups: list[int], day: date, days: SchoolDays, seed: int, now: datetime
) -> None:
    """Write the round of a school year's groups, seen from a day; `groups` are the groups' numbers."""
    office = next(one for one in plan.staff if one.role == "office")
    actor = Viewer(id=office.id, role="office")
    opened = _at(day - OPENED_AGO, time(16))
    setup = _setup(plan, groups, day, days, opened)
    round_ = meeting_rounds.create_round(setup, actor, opened - PUBLISHED_AGO - timedelta(hours=3))
    meeting_rounds.publish(round_, actor, opened - PUBLISHED_AGO)
    _book(plan, round_, Random(f"{seed} meetings"), min(opened + timedelta(hours=3), now))  # noqa: S311
    _let_mails_have_gone(round_.id, opened)
    db.session.expunge_all()


def _let_mails_have_gone(round_id: int, opened: datetime) -> None:
    """Let everybody have been invited and told of their talks, so that only what changes later is mailed."""
    db.session.execute(
        delete(OutgoingMessage)
        .where(OutgoingMessage.kind == meeting_tidings.CHANGED)
        .execution_options(synchronize_session=False)
    )
    invited = (
        select(Guardianship.user_id)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(Invitee.round_id == round_id, talk_offered_to(Guardianship.user_id))
        .distinct()
    )
    told = {"round_id": round_id, "what": meeting_reminders.INVITED, "told_at": opened}
    people = db.session.scalars(invited.order_by(Guardianship.user_id)).all()
    if people:
        db.session.execute(insert(RoundTold), [told | {"user_id": user_id} for user_id in people])
    _let_times_be_told(round_id)


def _let_times_be_told(round_id: int) -> None:
    """Let each guardian have in the own calendar what was booked, as the mail would have put it there."""
    rows = db.session.execute(
        select(Guardianship.user_id, Booking, MeetingHost)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .join(Booking, Booking.invitee_id == Invitee.id)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .join(User, User.id == Guardianship.user_id)
        .where(
            Invitee.round_id == round_id,
            Booking.cancelled_at.is_(None),
            User.email.is_not(None),
            talk_offered_to(Guardianship.user_id),
        )
        .order_by(Booking.id, Guardianship.user_id)
    ).all()
    teachers = teachers_at(row.Booking.host_id for row in rows)
    told = []
    for user_id, booking, host in rows:
        talk = talk_at(booking, host, teachers.get(booking.host_id, ()))
        times = {"starts_at": talk.starts_at, "ends_at": talk.ends_at, "told_at": booking.booked_at}
        said = {"said": talk.said, "sequence": 0}
        told.append({"user_id": user_id, "booking_id": booking.id, **times, **said})
    if told:
        db.session.execute(insert(TalkTold), told)


def _setup(plan: Plan, groups: list[int], day: date, days: SchoolDays, opened: datetime) -> Setup:
    first = days.first_school_day(day + TALKS_AHEAD)
    second = days.next_school_day(first)
    third = days.next_school_day(second)
    return Setup(
        name="Rapportgesprekken",
        shape_from=opened - PUBLISHED_AGO,
        early_from=opened - (EARLY_AGO - OPENED_AGO),
        opens_at=opened,
        closes_at=_at(max(days.previous_school_day(first), day + CLOSES_AHEAD), time(17)),
        days=(
            Stretch(first, time(15), time(17), time(16, 40), time(16, 50)),
            Stretch(first, time(18, 30), time(19, 30)),
            Stretch(second, time(15), time(16, 40)),
            Stretch(second, time(18, 30), time(19, 30)),
            Stretch(third, time(15), time(17, 50), time(16, 20), time(16, 30)),
        ),
        tables=tuple(
            Table((number,), tuple(teacher.id for teacher, _days in group.teachers), room=f"Lokaal {place}")
            for place, (number, group) in enumerate(zip(groups, plan.groups, strict=True), 1)
        ),
        way="choice",
    )


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, clock.SCHOOL_ZONE)


def _book(plan: Plan, round_: MeetingRound, random: Random, moment: datetime) -> None:
    """Let a part of the families have chosen, each by the one path that every booking takes."""
    untouched = {id(guard.adult) for child in plan.children[:UNTOUCHED] for guard in child.guards}
    bookers = {
        child.id: [guard.adult.id for guard in child.guards if guard.has_authority]
        for child in plan.children
        if not any(id(guard.adult) in untouched for guard in child.guards)
    }
    invited = select(Invitee).where(Invitee.round_id == round_.id).order_by(Invitee.id)
    places = _places(round_)
    for invitee in db.session.scalars(invited).all():
        if invitee.pupil_id not in bookers or random.random() > BOOKED:
            continue
        free = places[invitee.host_id]
        booker = invitee.guardian_id or bookers[invitee.pupil_id][0]
        for slot in _liked(free, random):
            choice = Choice(invitee, slot, subjects=random.choice(SUBJECTS) if random.random() < 0.3 else "")
            try:
                bookings.book([choice], Viewer(id=booker), moment, "guardian")
            except Refused:
                continue
            free.remove(slot)
            break


def _places(round_: MeetingRound) -> dict[int, list[Slot]]:
    rows = db.session.scalars(
        select(Slot)
        .where(Slot.host_id.in_(select(Invitee.host_id).where(Invitee.round_id == round_.id)))
        .order_by(Slot.host_id, Slot.starts_at)
    )
    found: dict[int, list[Slot]] = {}
    for slot in rows:
        found.setdefault(slot.host_id, []).append(slot)
    return found


def _liked(free: list[Slot], random: Random) -> Iterator[Slot]:
    """Yield three places to try, those right after school and in the evening sooner than others."""
    popular = [slot for slot in free if clock.to_local(slot.starts_at).hour in (15, 19)] or free
    yield from random.sample(popular, min(2, len(popular)))
    yield from random.sample(free, min(1, len(free)))
