"""A private answer to a letter: from the letter to a conversation that says what it answers."""

import pytest

from portal.domain.letter_audience import GROUP, SCHOOL, Part
from portal.models.conversations import Conversation
from portal.models.letters import Letter
from portal.models.school import SchoolYear
from tests.conversations.writing import TEXT, answer, begin, number_in, send_first
from tests.letters.sending import send


@pytest.fixture
def letter(app, school) -> int:
    """Otto's letter to the whole school."""
    return send(app, school.otto, [Part(SCHOOL)])


def send_answer(client, letter, pupil, group, text=TEXT):
    return send_first(client, pupil, group, text, letter=letter)


def test_it_says_who_reads_it_before_and_what_it_answers_after(client_for, school, letter, rows):
    daan = client_for(school.daan)
    assert f"/messages/new?letter={letter}" in daan.get(f"/letters/{letter}").text
    page = daan.get(f"/messages/new?letter={letter}").text
    assert "Antwoord privé" in page and "Antwoord op “Museum op 10 december”" in page
    assert "Wordt gelezen door juf Tess, meester Tim en Otto Vos." in page
    number = number_in(send_answer(daan, letter, school.bram, school.group_34))
    (conversation,) = rows(Conversation)
    assert (conversation.letter_id, conversation.subject) == (letter, "Museum op 10 december")
    for person in (school.otto, school.tess, school.tim):
        assert TEXT in client_for(person).get(f"/staff/messages/{number}").text
    for person in (school.hedy, school.bea, school.yara):
        assert client_for(person).get(f"/staff/messages/{number}").status_code == 404
    assert answer(client_for(school.otto), number).status_code == 303


def test_who_has_more_children_in_it_says_about_which(client_for, school, letter):
    anna = client_for(school.anna)
    page = anna.get(f"/messages/new?letter={letter}").text
    assert "Over wie schrijft u?" in page and "Bram" in page and "Noor" in page
    number = number_in(send_answer(anna, letter, school.noor, school.group_6))
    assert TEXT in client_for(school.yara).get(f"/staff/messages/{number}").text
    assert client_for(school.tess).get(f"/staff/messages/{number}").status_code == 404


def test_it_is_another_conversation_than_that_with_the_teacher(client_for, school, letter, begun):
    anna = client_for(school.anna)
    first = number_in(send_answer(anna, letter, school.bram, school.group_34))
    assert first != begun
    assert number_in(send_answer(anna, letter, school.bram, school.group_34, "Nog iets.")) == first
    assert begin(anna, school.bram, school.group_34, "Nog iets.") == begun


def test_each_guardian_answers_alone(client_for, school, letter):
    first = number_in(send_answer(client_for(school.anna), letter, school.bram, school.group_34))
    daan = client_for(school.daan)
    second = number_in(send_answer(daan, letter, school.bram, school.group_34, "Van mij."))
    assert first != second
    assert daan.get(f"/messages/{first}").status_code == 404


def test_the_writer_who_is_family_of_the_child_does_not_read_it(app, client_for, school, change, rows):
    number = send(app, school.tess, [Part(GROUP, school.group_6)], "head")
    carl = client_for(school.carl)
    assert "juf Yara en juf Tess" in carl.get(f"/messages/new?letter={number}").text
    tess = client_for(school.tess)
    tess.post("/side", data={"side": "parent"})
    page = tess.get(f"/messages/new?letter={number}").text
    assert "Wordt gelezen door juf Yara." in page


def test_only_who_received_it_and_only_this_year(client_for, school, letter, change, rows):
    for person in (school.gert, school.dora, school.tim, school.otto):
        assert client_for(person).get(f"/messages/new?letter={letter}").status_code == 404
        assert send_answer(client_for(person), letter, school.bram, school.group_34).status_code == 404
    (year,) = rows(SchoolYear)
    change(SchoolYear, year.id, first_day=year.first_day.replace(year=2025))
    anna = client_for(school.anna)
    assert anna.get(f"/messages/new?letter={letter}").status_code == 200
    change(Letter, letter, withdrawn_at=rows(Letter)[0].sent_at)
    assert anna.get(f"/messages/new?letter={letter}").status_code == 404
    assert send_answer(anna, letter, school.bram, school.group_34).status_code == 404
