"""Every form that changes something leaves an entry of who did what (SAFETY 36)."""

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from portal.extensions import Base
from tests.crawler import is_ours, pages

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])

Contents = dict[str, list[tuple[Any, ...]]]

PERSONS = ("anna", "gert", "tess", "otto", "bea")
MOST_ALIKE = 4 if os.environ.get("PROVE_ALL") else 2
"""Of the pages that differ by a number only, so many: they hold the same kinds of forms."""
NOT_AUDITED = {
    "/invitation/resend": "by nobody who is signed in: the log has a line, and no name",
    "/language": "a choice of this reader about this reader's own pages",
    "/staff/letters/new": "a draft is its author's own, and names its author; what is sent has an entry",
    "/staff/letters/0": "the same draft, saved again",
    "/password/forgot": "by nobody who is signed in: the log has a line, and no name",
}
"""Forms that change a row and leave no entry, with the reason."""
RECORDS = {
    "absence_notes": "a note names its writer and its moment",
    "conversation_messages": "a message names its writer and its moment, and is never changed",
    "conversation_readers": "until when somebody has read names its reader, who alone says so",
    "letter_recipients": "a receipt names its reader, who alone gives it, and its moment",
    "slip_answers": "an answer names whose it is, who filled it in for them, and its moment",
    "talk_notes": "a note names its writer, who is its only reader, and its moment",
    "talk_reports": "a draft is its writer's own and names them; what the parents may read has an entry",
    "attendance_marks": "a mark says who saw whom and when, and no mark is ever changed",
}
"""Tables that are a record of who did what themselves."""
NO_TRACE = {"audit_entries", "login_attempts", "login_sessions", "job_runs"}
TAGS_READ = re.compile(r"<(?:(?:form|select|option|textarea|input|button)\b[^>]*|/select)>")
TYPED = {"date": "2026-11-26", "email": "nieuw@lindeboog.example", "tel": "06 12345678", "time": "09:00"}


@dataclass
class Form:
    """A form as somebody finds it, with what it sends."""

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)


class FormReader(HTMLParser):
    """Reads the forms of a page and fills in what is empty."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[Form] = []
        self.select = ""
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        name = values.get("name", "")
        if tag == "form":
            if values.get("method", "get").lower() == "post":
                self.forms.append(Form(values.get("action") or self.address))
        elif not self.forms:
            return
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select:
            if "selected" in values or (values.get("value") and not self.has(self.select)):
                self.put(self.select, values.get("value", ""), "selected" in values)
        elif tag == "textarea" and name:
            self.put(name, "Iets nieuws")
        elif tag in ("input", "button") and name and name != "csrf_token":
            self.put_input(name, values)

    def put_input(self, name: str, values: dict[str, str]) -> None:
        kind = values.get("type", "text")
        if kind in ("checkbox", "radio"):
            if "checked" in values or (kind == "radio" and not self.has(name)):
                self.put(name, values.get("value", "on"), kind == "radio" and "checked" in values)
        elif kind in ("hidden", "submit"):
            self.put(name, values.get("value", ""))
        elif kind not in ("file", "button"):
            self.put(name, values.get("value") or TYPED.get(kind, "Iets nieuws"))

    def has(self, name: str) -> bool:
        return any(other == name for other, _ in self.forms[-1].values)

    def put(self, name: str, value: str, instead: bool = False) -> None:
        values = self.forms[-1].values
        if instead:
            values[:] = [(other, was) for other, was in values if other != name]
        values.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self.select = ""


def forms_of(answer) -> Iterator[Form]:
    reader = FormReader(answer.address)
    reader.feed("".join(TAGS_READ.findall(answer.html)))
    reader.close()
    yield from (form for form in reader.forms if is_ours(form.action))


@dataclass
class Database:
    """The database as somebody else sees it, who only looks."""

    connection: sqlite3.Connection

    def version(self) -> int:
        """Return another number whenever somebody changed it."""
        number: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return number

    def contents(self) -> Contents:
        """Return all rows of all tables as they are kept."""
        return {
            table: self.connection.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
            for table in Base.metadata.tables
        }


@contextmanager
def looking_at(app: Flask) -> Iterator[Database]:
    path = app.config["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection:
        yield Database(connection)


def tables_that_differ(before: Contents, after: Contents) -> set[str]:
    return {table for table in before if before[table] != after[table]} - NO_TRACE


def test_every_form_that_changes_something_is_in_the_record(app, school, filled, client_for):
    with looking_at(app) as database:
        kinds, silent = send_every_form(database, school, client_for)
    print(f"{len(kinds)} forms changed something: {sorted(kinds)}")
    found = [what for kind, what in silent.items() if kind not in NOT_AUDITED]
    assert not found, "\n".join(found)
    assert silent.keys() >= NOT_AUDITED.keys(), "audited now: take it out of NOT_AUDITED"


def send_every_form(database, school, client_for) -> tuple[set[str], dict[str, str]]:
    """Return which kinds of forms changed something, and what those did that left no trace."""
    kinds: set[str] = set()
    silent: dict[str, str] = {}
    before = database.contents()
    for who in PERSONS:
        person = getattr(school, who)
        for page in list(pages(who, client_for(person), most_alike=MOST_ALIKE)):
            for form in forms_of(page):
                kind = re.sub(r"\d+", "0", form.action.split("?")[0])
                if kind in kinds:
                    continue
                data: dict[str, list[str]] = {}
                for name, value in form.values:
                    data.setdefault(name, []).append(value)
                client = client_for(person)
                version = database.version()
                answer = client.post(form.action, data=data)
                if database.version() == version:
                    continue
                after = database.contents()
                changed = tables_that_differ(before, after)
                if answer.status_code < 400 and changed:
                    kinds.add(kind)
                    is_told = len(after["audit_entries"]) > len(before["audit_entries"])
                    if not is_told and not changed & RECORDS.keys():
                        silent[kind] = f"{who} {form.action}: {sorted(changed)}"
                before = after
    return kinds, silent
