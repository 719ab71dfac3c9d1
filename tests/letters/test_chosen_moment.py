"""The moment that was chosen for a letter stays with it, whatever else its author does on the page."""

import re
from io import BytesIO

import pytest

from portal import clock
from portal.models.letters import Letter
from tests.letters.files import PDF
from tests.letters.test_write_letter import SAVING, fields, write

FRIDAY = {"when": "later", "day": "2026-11-27", "time": "08:00"}


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


def shown(client, path: str) -> tuple[str, str, str]:
    """Return what the page of a draft says of when it goes: 'now' or 'later', the day and the time."""
    page = client.get(path).text
    when = re.search(r'name="when" value="(\w+)"[^>]*checked', page)[1]
    day, time = (re.search(rf'<input[^>]*name="{name}"[^>]*>', page)[0] for name in ("day", "time"))
    return when, re.search(r'value="([^"]*)"', day)[1], re.search(r'value="([^"]*)"', time)[1]


@pytest.mark.parametrize("pressed", ["save", "slip", "list", "attach"])
def test_it_is_still_there_after_another_button(tess, school, pressed):
    data = fields(
        school, **FRIDAY, do=pressed, files=[(BytesIO(PDF), "a.pdf")] if pressed == "attach" else []
    )
    path = (
        tess.post("/staff/letters/new", data=data).location.split("?")[0].split("#")[0].removesuffix("/slip")
    )
    assert shown(tess, path) == ("later", "2026-11-27", "08:00")


def test_the_page_that_saves_itself_keeps_it_too(tess, school, rows):
    write(tess, school, SAVING, **FRIDAY)
    (letter,) = rows(Letter)
    assert letter.send_at is None
    assert shown(tess, f"/staff/letters/{letter.id}") == ("later", "2026-11-27", "08:00")
    write(tess, school, SAVING, letter=str(letter.id), revision="1", when="now")
    assert shown(tess, f"/staff/letters/{letter.id}")[0] == "now"


def test_a_letter_that_was_taken_back_still_waits_for_it(tess, school, rows):
    path = write(tess, school, do="send", **FRIDAY).location
    tess.post(f"{path}/return")
    assert rows(Letter)[0].send_at is None
    when, day, time = shown(tess, path)
    write(tess, school, path=path, revision="1", do="send", when=when, day=day, time=time)
    assert rows(Letter)[0].send_at == clock.at_local("2026-11-27 08:00")


def test_once_it_is_over_another_one_is_proposed(tess, school, at):
    path = write(tess, school, **FRIDAY).location
    at("2026-11-27 08:01")
    assert shown(tess, path) == ("now", "2026-11-27", "09:30")
    at("2026-11-27 21:00")
    assert shown(tess, path) == ("later", "2026-11-28", "07:00")


@pytest.mark.parametrize("chosen", [{"day": ""}, {"time": ""}, {"day": "2026-11-23"}, {"day": "0001-01-01"}])
def test_half_a_moment_or_one_that_is_over_is_none_and_hinders_no_saving(tess, school, rows, chosen):
    assert write(tess, school, **(FRIDAY | chosen)).status_code == 303
    assert rows(Letter)[0].planned_at is None
    assert write(tess, school, do="send", **(FRIDAY | chosen)).status_code == 422
