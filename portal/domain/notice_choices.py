"""How somebody wants to be told of letters and messages: at once, once a day or not by mail; and when."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select, update
from sqlalchemy.orm import aliased

from portal import clock
from portal.access import Viewer, anyone_with, own_notice_choice
from portal.domain import audit
from portal.domain.letter_times import first_good, is_quiet
from portal.domain.mail_trouble import LETTER, LETTER_DIGEST, LETTER_REMINDER
from portal.errors import Refused
from portal.extensions import db, fetch, insert_into
from portal.models.accounts import User
from portal.models.notices import NoticeChoice
from portal.models.outbox import OutgoingMessage
from portal.words import gettext

AT_ONCE, DIGEST, PORTAL = "at_once", "digest", "portal"
HOURS = range(6, 23)
"""The hours at which somebody may want the one mail a day."""

_choice = aliased(NoticeChoice)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose, as in NoticeChoice; quiet hours are both there or neither."""

    letters: str = AT_ONCE
    digest_hour: int = 17
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_sent_at: datetime | None = None

    @property
    def digest_time(self) -> time:
        """The time of the one mail a day, on the school's clock."""
        return time(self.digest_hour)


def choice_of(user_id: int) -> Choice:
    """Return what somebody chose; who chose nothing is told at once."""
    rows = fetch(_choice_query(), viewer_id=user_id)
    return Choice(*rows[0]) if rows else Choice()


@cache
def _choice_query() -> Select[*tuple[Any, ...]]:
    return select(
        NoticeChoice.letters,
        NoticeChoice.digest_hour,
        NoticeChoice.quiet_from,
        NoticeChoice.quiet_until,
        NoticeChoice.digest_sent_at,
    ).where(own_notice_choice(anyone_with(None)))


def first_moment(choice: Choice, now: datetime) -> datetime:
    """Return the first moment from now on at which a mail that is not urgent may go."""
    if choice.quiet_from is None or choice.quiet_until is None:
        return now
    return first_good(now, choice.quiet_from, choice.quiet_until)


def next_digest(choice: Choice, after: datetime) -> datetime:
    """Return the first time from a moment on at which the mail of a day goes, on the school's clock."""
    day = clock.to_local(after).date()
    today = clock.at_local(f"{day} {choice.digest_hour:02}:00")
    if today >= after:
        return today
    return clock.at_local(f"{day + timedelta(days=1)} {choice.digest_hour:02}:00")


def keep(viewer: Viewer, choice: Choice, now: datetime) -> None:
    """Keep how the viewer wants to be told. Mail that waits for an earlier choice is looked at anew.

    Raises Refused for one mail a day within the quiet hours.
    """
    if choice.quiet_from is not None and choice.quiet_until is not None:
        at = clock.at_local(f"{clock.to_local(now).date()} {choice.digest_hour:02}:00")
        if choice.letters == DIGEST and is_quiet(at, choice.quiet_from, choice.quiet_until):
            raise Refused(gettext("This is in your quiet hours. Choose another hour."), "digest_hour")
    _keep(
        viewer.id,
        letters=choice.letters,
        digest_hour=choice.digest_hour,
        quiet_from=choice.quiet_from,
        quiet_until=choice.quiet_until,
    )
    _look_anew(viewer.id, (LETTER, LETTER_REMINDER), now)
    _look_anew(viewer.id, (LETTER_DIGEST,), next_digest(choice, now) if choice.letters == DIGEST else now)
    audit.record(viewer, "choose_notices")


def _look_anew(user_id: int, kinds: tuple[str, ...], at: datetime) -> None:
    """Let mail that waits for somebody have its turn at a moment: then it is seen what holds."""
    db.session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.user_id == user_id,
            OutgoingMessage.kind.in_(kinds),
            OutgoingMessage.sent_at.is_(None),
            OutgoingMessage.failed_at.is_(None),
            OutgoingMessage.leased_until.is_(None),
            OutgoingMessage.attempts == 0,
        )
        .values(due_at=at)
        .execution_options(synchronize_session=False)
    )


def stop_digest(user_id: int) -> None:
    """Send somebody no mail about letters any more but urgent ones: they read the others in the portal."""
    _keep(user_id, letters=PORTAL)
    audit.record(Viewer(id=user_id), "stop_digest")


def _keep(user_id: int, **values: object) -> None:
    new = {"by_push": False, "letters": AT_ONCE, "digest_hour": Choice().digest_hour} | values
    db.session.execute(
        insert_into(NoticeChoice)
        .values(new | {"user_id": user_id})
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )


def note_digest(user_id: int, now: datetime) -> None:
    """Note that the mail of a day leaves."""
    db.session.execute(
        update(NoticeChoice)
        .where(NoticeChoice.user_id == user_id)
        .values(digest_sent_at=now)
        .execution_options(synchronize_session=False)
    )


def reads_in_portal() -> ColumnElement[bool]:
    """Whether a person chose to get no mail about letters; beside User in a query."""
    return exists().where(_choice.user_id == User.id, _choice.letters == PORTAL)
