"""What the mails about talks say, settled when they leave: late ones tell what holds then, or do not go.

The guardians are those to whom the portal shows the talks, each with a mail of their own (R20, R22).
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import exists, select

from portal import clock
from portal.access import Viewer, adults_known_to
from portal.access.meetings import offers_made_to
from portal.domain import meeting_notices, meeting_offers, meeting_reminders, meeting_tidings, outbox
from portal.domain.meeting_answers import answers_since
from portal.domain.meeting_calendar import Entry
from portal.domain.meeting_history import changed_by_school
from portal.domain.meeting_phases import Phase, phase_of
from portal.domain.meeting_talk_lists import (
    Talk,
    count_talks,
    has_no_time,
    is_unanswered,
    talks_of,
    teachers_at,
)
from portal.domain.meeting_talk_words import where
from portal.domain.outbox import Settled
from portal.extensions import db, insert_into
from portal.formatting import long_date, spoken_list
from portal.models.accounts import User
from portal.models.meeting_talks import SlotOffer
from portal.models.meeting_tidings import TalkTold
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship
from portal.words import gettext

Settle = Callable[[OutgoingMessage, User, datetime], Settled]

CHOOSING = (Phase.EARLY, Phase.OPEN)


class Told(NamedTuple):
    """What a guardian was told of a talk. `said` is '' when they were told that it is off."""

    booking_id: int
    uid: str
    starts_at: datetime
    ends_at: datetime
    said: str
    sequence: int


def _opened(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    round_, viewer = _round(message), Viewer(id=user.id)
    if round_ is None or not user.email or phase_of(round_, now) not in CHOOSING:
        return None
    count = count_talks(viewer, round_.id, has_no_time())
    return (user.email, _facts(round_) | {"count": count}) if count else None


def _reminder(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    round_, viewer = _round(message), Viewer(id=user.id)
    if round_ is None or not user.email or phase_of(round_, now) not in CHOOSING:
        return None
    count = count_talks(viewer, round_.id, is_unanswered(now))
    return (user.email, _facts(round_) | {"count": count}) if count else None


def _tomorrow(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    """Tell all talks of the day that the mail is about which are still to come, of whatever round."""
    day = meeting_reminders.told_day(message.dedupe_key)
    talks = talks_of(Viewer(id=user.id), None, now)
    near = [talk for talk in talks if clock.to_local(talk.starts_at).date() == day]
    if not near or not user.email:
        return None
    rounds = [db.session.get_one(MeetingRound, number) for number in dict.fromkeys(t.round_id for t in near)]
    base = f"{current_app.config['BASE_URL']}/meetings"
    return user.email, {
        "link": f"{base}/{rounds[0].id}" if len(rounds) == 1 else base,
        "talks": near,
        "day": day,
        "may_change": any(phase_of(one, now) in CHOOSING for one in rounds),
    }


def _changed(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    # What changes from here on needs a mail of its own.
    message.dedupe_key = None
    return None if outbox.hurry_earlier(message, now) else _news(message, user, now)


def about_to_hear_of_talks(viewer: Viewer, pupil_ids: Iterable[int], now: datetime) -> list[User]:
    """Return the guardians of these pupils to whom a mail about changed talks goes, as things stand now.

    Only those whom the viewer, who works at the office, may know.
    """
    rows = db.session.execute(
        select(OutgoingMessage, User)
        .join(User, User.id == OutgoingMessage.user_id)
        .join(Guardianship, Guardianship.user_id == User.id)
        .where(
            OutgoingMessage.kind == meeting_tidings.CHANGED,
            OutgoingMessage.sent_at.is_(None),
            OutgoingMessage.failed_at.is_(None),
            Guardianship.pupil_id.in_(pupil_ids),
            Guardianship.revoked_at.is_(None),
            adults_known_to(viewer),
        )
        .order_by(User.sort_key, User.id, OutgoingMessage.id)
    ).all()
    return list({user.id: user for message, user in rows if _news(message, user, now)}.values())


def _news(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    round_ = db.session.get(MeetingRound, message.subject_id)
    if round_ is None or not user.email:
        return None
    viewer = Viewer(id=user.id)
    talks, told = talks_of(viewer, round_.id, now), _told(user, round_.id)
    changed = [
        talk for talk in talks if talk.booking_id not in told or told[talk.booking_id].said != talk.said
    ]
    known = {number: one for number, one in told.items() if one.said}
    there = {talk.booking_id for talk in talks}
    gone = [one for number, one in told.items() if one.said and number not in there and one.ends_at > now]
    answers = answers_since(viewer, round_.id, message.created_at)
    if not changed and not gone and not answers:
        return None
    facts = _facts(round_) | {
        "talks": talks,
        "told": known,
        "by_school": changed_by_school([talk.booking_id for talk in changed if talk.booking_id in known]),
        "gone": sorted(gone, key=lambda one: one.starts_at),
        "answers": answers,
        "missing": count_talks(viewer, round_.id, is_unanswered(now))
        if phase_of(round_, now) in CHOOSING
        else 0,
        "user_id": user.id,
        "entries": [(talk, _next(told.get(talk.booking_id))) for talk in changed],
    }
    return user.email, facts


def _offered(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    offer = db.session.scalar(
        select(SlotOffer).where(
            SlotOffer.id == message.subject_id,
            offers_made_to(Viewer(id=user.id)),
            meeting_offers.is_held(),
        )
    )
    if offer is None or not user.email or offer.answered_at or offer.expires_at <= now:
        return None
    host_id = db.session.get_one(Invitee, offer.invitee_id).host_id
    facts: dict[str, object] = {
        "link": f"{current_app.config['BASE_URL']}/meetings/offers/{offer.id}",
        "starts_at": offer.starts_at,
        "until": offer.expires_at,
        "teachers": teachers_at([host_id]).get(host_id, ()),
    }
    return user.email, facts


SETTLE: dict[str, Settle] = {
    meeting_reminders.OPENED: _opened,
    meeting_reminders.REMINDER: _reminder,
    meeting_reminders.TOMORROW: _tomorrow,
    meeting_tidings.CHANGED: _changed,
    meeting_tidings.OFFERED: _offered,
    meeting_notices.WITHDRAWN: meeting_notices.settle_withdrawn,
    meeting_notices.REPORTED: meeting_notices.settle_reported,
}
"""Each kind of mail about talks, and what settles it."""


def subject(kind: str, facts: dict[str, object]) -> str:
    """Return the subject of a mail about talks, without anybody's name (R44)."""
    if kind == meeting_reminders.TOMORROW:
        return gettext("Your talk at school on %(day)s", day=long_date(cast("date", facts["day"])))
    if kind == meeting_tidings.OFFERED:
        return gettext("A time has come free for your talk at school")
    if kind == meeting_tidings.CHANGED:
        return (
            gettext("Changed: your talks at school") if _is_change(facts) else gettext("Your talks at school")
        )
    if kind == meeting_notices.WITHDRAWN:
        return gettext("The round of talks is off")
    if kind == meeting_notices.REPORTED:
        return gettext("There is a report of a talk to read")
    closing = long_date(clock.to_local(cast("datetime", facts["closes_at"])).date())
    if facts["wishes"]:
        return gettext("Say before %(day)s when you can come for a talk", day=closing)
    if kind == meeting_reminders.REMINDER:
        return gettext("Do not forget: choose a time for your talk, until %(day)s", day=closing)
    return gettext("Choose a time for your talk at school")


def _is_change(facts: dict[str, object]) -> bool:
    """Whether something is not any more as the person was told before."""
    known = cast("dict[int, Told]", facts["told"])
    changed = cast("list[tuple[Talk, int]]", facts["entries"])
    return bool(facts["gone"]) or any(talk.booking_id in known for talk, _ in changed)


def entries(facts: dict[str, object], school: str) -> list[Entry]:
    """Return what changes in the calendar of who gets a mail about changes, in the reader's language."""
    host = urlsplit(str(current_app.config["BASE_URL"])).hostname or "portal"
    there = [
        Entry(
            f"{talk.uid}@{host}",
            sequence,
            talk.starts_at,
            talk.ends_at,
            gettext("Talk at school with %(teachers)s", teachers=spoken_list(talk.teachers) or school),
            gettext("By video") if talk.way == "video" else where(talk.room, talk.building, school),
            str(facts["link"]),
        )
        for talk, sequence in cast("list[tuple[Talk, int]]", facts["entries"])
    ]
    off = [
        Entry(
            f"{told.uid}@{host}",
            told.sequence + 1,
            told.starts_at,
            told.ends_at,
            gettext("Talk at school"),
            off=True,
        )
        for told in cast("list[Told]", facts["gone"])
    ]
    return there + off


def note_delivered(facts: dict[str, object], now: datetime) -> None:
    """Keep what stands now in the calendar of who got a mail about changes."""
    rows = [
        {
            "user_id": facts["user_id"],
            "booking_id": talk.booking_id,
            "starts_at": talk.starts_at,
            "ends_at": talk.ends_at,
            "said": talk.said,
            "sequence": sequence,
            "told_at": now,
        }
        for talk, sequence in cast("list[tuple[Talk, int]]", facts["entries"])
    ]
    rows += [
        {
            "user_id": facts["user_id"],
            "booking_id": one.booking_id,
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "said": "",
            "sequence": one.sequence + 1,
            "told_at": now,
        }
        for one in cast("list[Told]", facts["gone"])
    ]
    rows = _still_there(rows)
    if not rows:
        return
    statement = insert_into(TalkTold)
    values = {
        name: statement.excluded[name] for name in ("starts_at", "ends_at", "said", "sequence", "told_at")
    }
    db.session.execute(
        statement.on_conflict_do_update(index_elements=["user_id", "booking_id"], set_=values), rows
    )


def _still_there(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Leave out the talks that were deleted with their round while the mail was on its way."""
    wanted = Booking.id.in_([row["booking_id"] for row in rows])
    there = set(db.session.scalars(select(Booking.id).where(wanted).with_for_update(key_share=True)))
    return [row for row in rows if row["booking_id"] in there]


def _round(message: OutgoingMessage) -> MeetingRound | None:
    return db.session.get(MeetingRound, message.subject_id)


def _facts(round_: MeetingRound) -> dict[str, object]:
    return {
        "link": f"{current_app.config['BASE_URL']}/meetings/{round_.id}",
        "round": round_.name,
        "wishes": round_.kind == "wishes",
        "withdrawn": round_.withdrawn_at is not None,
        "closes_at": round_.closes_at,
    }


def _told(user: User, round_id: int) -> dict[int, Told]:
    """Return what was told of the talks of a round, as long as the person is guardian of that child."""
    columns = (TalkTold.starts_at, TalkTold.ends_at, TalkTold.said, TalkTold.sequence)
    rows = db.session.execute(
        select(Booking.id, Booking.uid, *columns)
        .join(TalkTold, TalkTold.booking_id == Booking.id)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .where(
            TalkTold.user_id == user.id,
            MeetingHost.round_id == round_id,
            exists().where(
                Guardianship.pupil_id == Invitee.pupil_id,
                Guardianship.user_id == user.id,
                Guardianship.revoked_at.is_(None),
            ),
        )
    )
    return {row.id: Told(*row) for row in rows}


def _next(told: Told | None) -> int:
    return told.sequence + 1 if told else 0
