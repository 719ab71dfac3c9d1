"""What the predicates and the loaders of the policy answer, in plain Python, over every combination."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from flask import Flask, g, session
from sqlalchemy import false, select, true
from sqlalchemy.orm import aliased
from werkzeug.exceptions import HTTPException

from portal import access, clock
from portal.access import Viewer
from portal.access.viewers import possible_number
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter
from portal.models.meetings import MeetingRound
from portal.models.roster import Guardianship
from tests.privacy import conversations, letters
from tests.privacy.readers import Reader, guardians, hides_from, is_apart
from tests.privacy.rows import Row, School
from tests.privacy.talks import is_published

READER = 7
TOO_LARGE = 2**70
"""SQLite cannot even be asked about it."""


@dataclass(frozen=True)
class Report:
    """An absence as the predicates need it."""

    first_day: date
    last_day: date | None
    reported_by: int
    source: str
    seen_at: datetime | None
    present_at: datetime | None
    withdrawn_at: datetime | None


def reports(today: date, now: datetime) -> Iterator[Report]:
    days = [today + timedelta(days=number) for number in (-2, -1, 0, 1)]
    for first, last in product(days, [None, *days]):
        if last is None or last >= first:
            rest = product((READER, 8), ("guardian", "school"), (None, now), (None, now), (None, now))
            yield from (Report(first, last, *values) for values in rest)


def runs(report: Report, today: date) -> bool:
    return report.withdrawn_at is None and (report.last_day is None or report.last_day >= today)


def can_take_back(report: Report, today: date) -> bool:
    """By who reported it, before it begins, or while it runs and nobody at school acted on it."""
    is_own = report.reported_by == READER and report.withdrawn_at is None
    return is_own and (report.first_day > today or (runs(report, today) and report.seen_at is None))


def can_end_at_once(report: Report, today: date) -> bool:
    """On its first day, when a parent reported it and school has not seen the child."""
    begins_now = report.first_day == today and runs(report, today)
    return begins_now and report.source == "guardian" and report.present_at is None


PREDICATES: dict[str, Callable[[Report, date], bool]] = {
    "may_correct": can_take_back,
    "may_end": runs,
    "may_end_at_once": can_end_at_once,
    "may_withdraw": can_take_back,
}
ASKED_ELSEWHERE = {
    "may_correct_letter",
    "may_handle_letter",
    "may_hide",
    "may_write_to_all",
    "may_write_urgently",
    "possible_number",
}
"""Predicates about something else than an absence; `wrong` asks them too."""


def offered() -> set[str]:
    """Return the names of the predicates that the policy offers."""
    things = {name: getattr(access, name) for name in access.__all__}
    return {
        name
        for name, thing in things.items()
        if inspect.isfunction(thing) and inspect.signature(thing).return_annotation is bool
    }


def wrong() -> Iterator[str]:
    """Yield the predicates that answer otherwise than they should."""
    today, viewer = clock.today(), Viewer(id=READER)
    for name, should in PREDICATES.items():
        predicate = getattr(access, name)
        takes_viewer = "viewer" in inspect.signature(predicate).parameters
        for report in reports(today, clock.now()):
            arguments = (viewer, report, today) if takes_viewer else (report, today)
            if bool(predicate(*arguments)) != should(report, today):
                yield f"{name}: {report}"
    for locked in (None, clock.now()):
        if access.may_hide(Guardianship(hiding_locked_at=locked)) != (locked is None):
            yield "may_hide"
    for role, is_staff, is_office in ((None, False, False), ("teacher", True, False), ("head", True, True)):
        viewer = Viewer(id=READER, role=role)
        if access.may_write_to_all(viewer) is not is_office:
            yield f"may_write_to_all for {role}"
        for urgent_by, may in (("office", is_office), ("staff", is_staff)):
            if access.may_write_urgently(viewer, urgent_by) is not may:
                yield f"may_write_urgently for {role}, {urgent_by}"
        for author in (READER, READER + 1):
            is_own = author == READER
            if access.may_handle_letter(viewer, Letter(author_id=author)) is not (is_own or is_office):
                yield f"may_handle_letter for {role}"
    if [possible_number(number) for number in (2**31 - 1, 2**31)] != [True, False]:
        yield "possible_number"


# --- how an object and a person reach a view ----------------------------------------------------------------


def give_tokens(school: School) -> None:
    """Let every session be opened by `token_of` its number; some are over."""
    for row in school.rows["meeting_feeds"]:
        row["token_hash"] = access.hash_of(f"feed {row['user_id']}")
    for row in school.rows["meeting_rounds"]:
        row["hall_hash"] = access.hash_of(f"hall {row['id']}")
    for row in school.rows["login_sessions"]:
        row["token_hash"] = access.hash_of(token_of(row))
        if row["id"] % 5 == 0:
            row["expires_at"] = clock.now()


def token_of(session_row: Row) -> str:
    return f"session {session_row['id']}"


def answer(load: Callable[[], Any]) -> Any:
    """Return what a loader returns, or the code with which it refuses."""
    try:
        return load()
    except HTTPException as error:
        return error.code
    finally:
        db.session.rollback()


def wrong_loaders(app: Flask, school: School) -> Iterator[str]:
    """Yield what the loaders answer otherwise than they should, on a database with tokens."""
    with app.test_request_context():
        yield from wrong_objects()
        yield from wrong_families(school)
        yield from wrong_pairs(school)
        yield from wrong_letters(school)
        yield from wrong_secrets(school)
        for row in school.rows["login_sessions"]:
            if access.viewer_of_session(token_of(row)) != viewer_behind(school, row):
                yield f"viewer_of_session for {row}"
        if access.viewer_of_session("nobody's") is not None:
            yield "viewer_of_session for nobody"
        db.session.rollback()
    yield from wrong_viewers(app, school)


def wrong_objects() -> Iterator[str]:
    one, other = true(), false()
    cases: list[tuple[Callable[[], Any], Any]] = [
        (lambda: access.one_or_404(User, 2, one).id, 2),
        (lambda: access.one_or_404(User, 2, other), 404),
        (lambda: access.one_or_404(User, 9999, one), 404),
        (lambda: access.one_or_404(User, TOO_LARGE, one), 404),
        (lambda: access.one_and_whether(User, 2, one, other)[1], False),
        (lambda: access.one_and_whether(User, 2, one, one)[1], True),
        (lambda: access.one_and_whether(User, 2, one, one)[0].id, 2),
        (lambda: access.one_and_whether(User, 2, other, one), 404),
        (lambda: access.one_and_whether(User, 9999, one, one), 404),
        (lambda: access.one_and_whether(User, TOO_LARGE, one, one), 404),
        (lambda: access.one_to_change(User, 2, one, one).id, 2),
        (lambda: access.one_to_change(User, 2, one, other), 403),
        (lambda: access.one_to_change(User, 2, other, one), 404),
        (lambda: [user.id for user in access.all_or_404(User, [3, 2, 3], one)], [3, 2]),
        (lambda: access.all_or_404(User, [], one), []),
        (lambda: access.all_or_404(User, [3, 2], User.id == 2), 404),
        (lambda: access.all_or_404(User, [9999], one), 404),
        (lambda: access.all_or_404(User, [2, TOO_LARGE], one), 404),
    ]
    for number, (load, should) in enumerate(cases):
        got = answer(load)
        if got != should:
            yield f"loader {number}: {got} instead of {should}"


def wrong_families(school: School) -> Iterator[str]:
    for pupil in school.rows["pupils"]:
        barred = {row["user_id"] for row in school.of("barrings", pupil_id=pupil["id"], lifted_at=None)}
        got = set(db.session.scalars(select(User.id).where(User.id.in_(access.family_of(pupil["id"])))))
        if got != guardians(school, pupil["id"]) | barred:
            yield f"family_of {pupil['id']}"
        if db.session.scalar(select(access.talks_apart(pupil["id"]))) != is_apart(school, pupil["id"]):
            yield f"talks_apart {pupil['id']}"


def wrong_pairs(school: School) -> Iterator[str]:
    """Yield of two adults what the policy says otherwise than it should."""
    one, other = aliased(User), aliased(User)
    query = select(
        one.id, other.id, access.reads_of(one.id, other.id), access.hides_from(one.id, other.id)
    ).where(one.id != other.id)
    groups = {row["id"]: Reader(school, row["id"]).groups() for row in school.rows["users"]}
    for reader, adult, reads, hides in db.session.execute(query):
        if bool(reads) != (bool(groups[reader] & groups[adult]) and not hides_from(school, adult, reader)):
            yield f"reads_of {reader} {adult}"
        if bool(hides) != bool(hides_from(school, adult, reader)):
            yield f"hides_from {reader} {adult}"


def wrong_letters(school: School) -> Iterator[str]:
    """Yield the letters of which the policy says otherwise than it should who corrects them."""
    readers = [Reader(school, row["id"]) for row in school.rows["users"]]
    for row in school.rows["letters"]:
        for reader in (one for one in readers if row["author_id"] == one.id or one.is_office):
            viewer = Viewer(id=reader.id, role=reader.role or None)
            if access.may_correct_letter(viewer, Letter(id=row["id"])) != letters.written_by(reader, row):
                yield f"may_correct_letter {row['id']} {reader.id}"


def wrong_secrets(school: School) -> Iterator[str]:
    """Yield what a secret address opens otherwise than it should."""
    for row in school.rows["meeting_feeds"]:
        user, role = school.one("users", id=row["user_id"]), Reader(school, row["user_id"]).role
        works = bool(role) and user["disabled_at"] is None
        should = Viewer(id=user["id"], language=user["language"], role=role) if works else None
        if access.reader_of_feed(f"feed {user['id']}") != should:
            yield f"reader_of_feed {user['id']}"
    for row in school.rows["meeting_rounds"]:
        found = db.session.scalars(
            select(MeetingRound.id).where(access.hall_opened_by(f"hall {row['id']}"))
        ).all()
        if list(found) != [row["id"]] * is_published(school, row["id"]):
            yield f"hall_opened_by {row['id']}"


def viewer_behind(school: School, row: Row) -> Viewer | None:
    """Return who is signed in by a session, None when it is over or the account is closed."""
    user = school.one("users", id=row["user_id"])
    if row["ended_at"] is not None or row["expires_at"] <= clock.now() or user["disabled_at"] is not None:
        return None
    places = school.of("guardianships", user_id=user["id"], revoked_at=None)
    names = ("given_name", "prefix", "surname", "email", "language")
    return Viewer(
        id=user["id"],
        **{name: user[name] for name in names},
        role=Reader(school, user["id"]).role or None,
        is_guardian=bool(places),
        decides=any(place["has_authority"] for place in places),
        session_id=row["id"],
        unread=letters.number_of_unread(school, user["id"]),
        unread_messages=conversations.number_of_unread(school, user["id"]),
        token=token_of(row),
    )


def wrong_viewers(app: Flask, school: School) -> Iterator[str]:
    """Yield when not the person of the session's cookie is who looks."""
    row = next(row for row in school.rows["login_sessions"] if viewer_behind(school, row))
    with app.test_request_context():
        session["_user_id"] = token_of(row)
        if (
            access.viewer_or_none() != viewer_behind(school, row)
            or access.viewer() != access.viewer_or_none()
        ):
            yield "viewer of a cookie"
        db.session.rollback()
    with app.test_request_context():
        g._login_user = object()
        if access.viewer_or_none() is not None:
            yield "viewer_or_none of nobody"
