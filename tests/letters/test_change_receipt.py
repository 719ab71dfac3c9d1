"""POST /letters/<id>/receipt: that a reader has read a letter, or has it as unread again."""

import pytest

from portal import clock
from portal.domain.letter_audience import GROUP, Part
from portal.models.letters import LetterRecipient
from tests.letters.sending import send
from tests.privacy.test_non_interference import told


@pytest.fixture
def letter(app, school, at):
    at("2026-11-23 15:30")
    number = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
    at("2026-11-24 07:58")
    return number


def mark(client, letter: int, state: str):
    return client.post(f"/letters/{letter}/receipt", data={"state": state})


def receipts(rows) -> dict[int, LetterRecipient]:
    return {row.user_id: row for row in rows(LetterRecipient)}


def test_it_is_noted_for_this_reader_alone(client_for, school, letter, rows):
    anna = client_for(school.anna)
    answer = mark(anna, letter, "read")
    assert (answer.status_code, answer.location) == (303, f"/letters/{letter}")
    assert receipts(rows)[school.anna.id].opened_at == clock.now()
    assert receipts(rows)[school.daan.id].opened_at is None
    page = anna.get(f"/letters/{letter}").text
    assert "Gelezen vandaag om 7.58 uur" in page
    assert "School ziet dat u deze brief heeft gelezen." in page


def test_the_first_time_counts(client_for, school, letter, rows, at):
    anna = client_for(school.anna)
    mark(anna, letter, "read")
    first = receipts(rows)[school.anna.id].opened_at
    at("2026-11-25 20:00")
    mark(anna, letter, "read")
    assert receipts(rows)[school.anna.id].opened_at == first


def test_unread_again_is_for_the_readers_own_eyes(client_for, school, letter, rows):
    anna = client_for(school.anna)
    mark(anna, letter, "read")
    answer = mark(anna, letter, "unread")
    assert (answer.status_code, answer.location) == (303, "/letters")
    assert receipts(rows)[school.anna.id].opened_at is not None
    page = anna.get("/letters").text
    assert "De brief staat weer bij de ongelezen brieven." in page
    assert page.count("Nieuw:") == 1
    mark(anna, letter, "read")
    assert "Nieuw:" not in anna.get("/letters").text


def test_who_did_not_receive_it_cannot(client_for, school, letter, rows):
    for person in (school.carl, school.gert, school.dora, school.tess, school.otto):
        assert mark(client_for(person), letter, "read").status_code == 404
    assert all(row.opened_at is None for row in rows(LetterRecipient))


def test_something_else_is_refused(client_for, school, letter):
    assert mark(client_for(school.anna), letter, "shredded").status_code == 400


def test_the_other_guardian_gets_the_same_pages_whatever_was_read(client_for, school, letter):
    daan, anna = client_for(school.daan), client_for(school.anna)
    addresses = ("/", "/letters", "/letters?show=unread", "/letters?q=museum", f"/letters/{letter}")
    for address in addresses:
        daan.get(address)
    before = [told(daan.get(address)) for address in addresses]
    for state in ("read", "unread", "read"):
        mark(anna, letter, state)
        anna.post(f"/letters/{letter}/keeping", data={"state": "kept"})
        assert [told(daan.get(address)) for address in addresses] == before
