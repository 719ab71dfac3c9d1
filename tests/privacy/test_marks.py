"""Every text of every row is a mark; who gets to see one that is not theirs fails this (SAFETY 5, 36)."""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal import clock, postman
from portal.domain import mails, outbox
from portal.extensions import Base, db, start_writing
from portal.models.accounts import User
from tests.privacy import columns, policy
from tests.privacy.attack import everything_in, take_all, walk
from tests.privacy.readers import Reader
from tests.privacy.rows import School
from tests.privacy.subjects import ABOUT, key_of, subjects_of
from tests.privacy.talks import hears_that_it_is_off
from tests.setting_back import Rows, contents

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])

EVERYBODY = bool(os.environ.get("PROVE_ALL"))
ONLY = os.environ.get("PROVE_ONLY", "").split()
LIKE_ANOTHER = ("Bea", "Tim", "Ties", "Mo", "Dirk", "Kim", "Vera", "Flip")
"""Those of whom there is another in the same place: Hedy, Tess, Lies, Wim. PROVE_ALL=1 asks them too,
PROVE_ONLY="Olga Tess" nobody else."""

OF_A_TALK = {"meeting_rounds.name", "meeting_hosts.room", "meeting_hosts.building", "staff_members.called"}
"""What mails about talks say beside the time, to who may know it: with whom one talks, and where."""
OF_A_LETTER = {"letters.title", "letters.text", "letters.sender"}
"""What the mail about a letter says to who received it: from whom it is, and what it says where it may."""

NOT_YET: set[tuple[str, str]] = set()
"""Who still reads which column, until it is mended; what is no leak any more fails too."""


@dataclass(frozen=True)
class Somebody:
    """An adult by number."""

    id: int


def test_every_table_is_filled_and_every_text_marked(filled):
    assert [table.name for table in Base.metadata.sorted_tables if not filled.rows[table.name]] == []
    marked = {f"{table}.{column}" for table, _, column in filled.marks.values()} | set(columns.FORMATS)
    unmarked = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if columns.holds_mark(column) and f"{table.name}.{column.name}" not in marked
    ]
    assert unmarked == [], "tests/privacy/columns.py says why a column has no mark"


def test_no_address_tells_anybody_a_mark_of_others_or_changes_a_row(app, filled, client_for, portal_log):
    leaks: dict[tuple[str, str], list[str]] = defaultdict(list)
    read: set[str] = set()
    readers = {
        name: (number, client_for(Somebody(number) if number else None))
        for name, number in {"nobody": 0, **filled.people}.items()
        if (EVERYBODY or name not in LIKE_ANOTHER) and (not ONLY or name in ONLY)
    }

    def judge(take: Callable[[Flask, School, FlaskClient, int], Iterator[tuple[str, TestResponse]]]) -> None:
        for name, (number, client) in readers.items():
            reader = Reader(filled, number)
            judged: dict[str, bool] = {}
            for where, answer in take(app, filled, client, number):
                assert answer.status_code < 500, f"{name} {where}"
                for mark in marks_in(filled, everything_in(answer)):
                    table, row, column = filled.marks[mark]
                    if mark not in judged:
                        judged[mark] = policy.may_read(reader, table, row, column)
                    if judged[mark]:
                        read.add(f"{table}.{column}")
                    else:
                        leaks[name, f"{table}.{column}"].append(f"{where}: {told(row)}")

    before = rows_now(app)
    judge(walk)
    after = rows_now(app)
    assert [table for table in before if before[table] != after[table]] == [], "opening a page changed these"
    judge(take_all)
    found = [
        f"{who} reads {column}: {lines[0]} and {len(lines) - 1} more"
        for (who, column), lines in leaks.items()
        if (who, column) not in NOT_YET
    ]
    assert not found, "\n".join(found)
    assert NOT_YET - leaks.keys() == set(), "mended: take it out of NOT_YET"
    assert marks_in(filled, "\n".join(portal_log)) == set(), "a log names somebody"
    if not ONLY:
        assert set(policy.MAY_READ) - read == set(), "nobody reads these: take them out of the policy"


def rows_now(app: Flask) -> Rows:
    with app.app_context():
        found = contents()
        db.session.rollback()
    return found


def told(row: dict) -> str:
    """Return which row it is, by its numbers."""
    return ", ".join(f"{name} {value}" for name, value in row.items() if isinstance(value, int))


def test_a_mail_tells_its_reader_the_own_first_name_the_letter_and_where_a_talk_is_and_no_more(
    app, filled, smtp, portal_log
):
    assert mails._SETTLE.keys() == ABOUT.keys(), "say in tests/privacy/subjects.py what it is about"
    send_every_mail(app, filled)
    assert {f"mail {kind}: sent" for kind in mails._SETTLE} - set(portal_log) == set()
    for mail in smtp.messages:
        to = columns.found_marks(" ".join(mail.recipients))
        ((table, row, _),) = (filled.marks[mark] for mark in to)
        reader = row["id"] if table == "users" else row["user_id"]
        for mark in marks_in(filled, f"{mail.message}{mail.text}{mail.html}") - to:
            table, row, column = filled.marks[mark]
            is_own = (table, row.get("id"), column) == ("users", reader, "given_name")
            open_in_mail = row.get("mail_shows") != "hint" or column == "sender"
            where = (
                f"{table}.{column}" in OF_A_TALK | OF_A_LETTER
                and open_in_mail
                and policy.may_read(Reader(filled, reader), table, row, column)
            )
            off = f"{table}.{column}" == "meeting_rounds.name" and hears_that_it_is_off(
                Reader(filled, reader), row
            )
            assert is_own or where or off or table == "school", f"{mail.subject}: {table}.{column}"
    assert marks_in(filled, "\n".join(portal_log)) == set(), "a log names somebody"


def send_every_mail(app: Flask, world: School) -> None:
    """Send every kind of mail to everybody, about rows of theirs and of others that it could be about."""
    with app.app_context():
        start_writing()
        for user in db.session.scalars(select(User).where(User.id.not_in(left_out(world)))):
            for kind in mails._SETTLE:
                outbox.queue(kind, clock.now(), address=user.email)
                for number in subjects_of(world, kind, user.id):
                    key = key_of(world, kind, user.id, number)
                    outbox.queue(kind, clock.now(), user=user, subject_id=number, dedupe_key=key)
        db.session.commit()
        while postman.deliver_due(threading.Event()) == postman.MORE:
            pass
        db.session.rollback()


def left_out(world: School) -> list[int]:
    """Return the numbers of those of whom there is another in the same place, when not everybody is asked."""
    return [] if EVERYBODY else [world.people[name] for name in LIKE_ANOTHER]


def marks_in(world: School, text: str) -> set[str]:
    return columns.found_marks(text) & world.marks.keys()
