"""POST /letters/<id>/keeping: a letter stays on top of the reader's list."""

import pytest

from portal import clock
from portal.domain.letter_audience import GROUP, Part
from portal.models.letters import LetterRecipient
from tests.letters.sending import send


@pytest.fixture
def letter(app, school):
    return send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")


def choose(client, letter: int, state: str):
    return client.post(f"/letters/{letter}/keeping", data={"state": state})


def kept(rows) -> dict[int, object]:
    return {row.user_id: row.kept_at for row in rows(LetterRecipient)}


def test_it_is_kept_for_this_reader_alone_and_let_go_again(client_for, school, letter, rows):
    anna = client_for(school.anna)
    answer = choose(anna, letter, "kept")
    assert (answer.status_code, answer.location) == (303, f"/letters/{letter}")
    assert kept(rows) == {school.anna.id: clock.now(), school.daan.id: None}
    assert "Niet meer bovenaan bewaren" in anna.get(f"/letters/{letter}").text
    choose(anna, letter, "let_go")
    assert kept(rows) == {school.anna.id: None, school.daan.id: None}


def test_keeping_is_no_reading(client_for, school, letter, rows):
    choose(client_for(school.anna), letter, "kept")
    assert all(row.opened_at is None for row in rows(LetterRecipient))


def test_who_did_not_receive_it_cannot(client_for, school, letter, rows):
    for person in (school.carl, school.gert, school.dora, school.tess, school.otto):
        assert choose(client_for(person), letter, "kept").status_code == 404
    assert set(kept(rows).values()) == {None}


def test_something_else_is_refused(client_for, school, letter):
    assert choose(client_for(school.anna), letter, "burnt").status_code == 400
