"""A new letter that is sent twice, by a double tap or after a lost connection, is one letter."""

import re
from io import BytesIO

import pytest

from portal.models.letters import Attachment, Letter
from portal.tokens import FORM_KEY_LENGTH, new_form_key
from tests.albums.pictures import jpeg
from tests.letters.files import PDF
from tests.letters.test_write_letter import SAVING, fields, write

KEY = "k" * FORM_KEY_LENGTH


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


def key_on(page: str) -> str:
    return re.search(r'name="key" value="([^"]+)"', page)[1]


def test_each_new_page_has_a_key_of_its_own_that_stays_until_the_letter_is_kept(tess, school):
    first, second = (key_on(tess.get("/staff/letters/new").text) for _ in range(2))
    assert first != second and len(first) == len(new_form_key()) == FORM_KEY_LENGTH
    refused = write(tess, school, title="x" * 121, key=first)
    assert key_on(refused.text) == first
    kept = tess.get(write(tess, school, key=first).location).text
    assert 'name="key"' not in kept


@pytest.mark.parametrize("do", ["save", "send"])
def test_the_same_form_twice_is_one_letter(tess, school, rows, do):
    answers = [write(tess, school, do=do, key=KEY) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    (letter,) = rows(Letter)
    assert letter.revision == 1 and (letter.send_at is not None) == (do == "send")


def test_a_draft_goes_when_its_form_says_so_after_all(tess, school, rows):
    write(tess, school, key=KEY)
    assert write(tess, school, key=KEY, do="send").status_code == 303
    (letter,) = rows(Letter)
    assert letter.send_at is not None


def test_what_was_typed_on_after_a_lost_answer_is_kept(tess, school, rows):
    write(tess, school, SAVING, key=KEY, text="Wij")
    answer = write(tess, school, SAVING, key=KEY, text="Wij gaan.")
    assert answer.status_code == 200 and 'name="revision" value="2"' in answer.text
    assert [letter.text for letter in rows(Letter)] == ["Wij gaan."]


def test_an_old_page_does_not_write_over_what_was_changed_since(tess, school, rows):
    path = write(tess, school, key=KEY).location
    write(tess, school, path=path, revision="1", text="Daarna.")
    answer = write(tess, school, key=KEY, text="Eerst.")
    assert answer.status_code == 409 and "Eerst." in answer.text
    assert f'action="{path}"' in answer.text and 'name="revision" value="2"' in answer.text
    assert [letter.text for letter in rows(Letter)] == ["Daarna."]
    assert write(tess, school, path=path, revision="2", text="Eerst.").status_code == 303


def test_an_old_page_does_not_change_what_is_on_its_way(tess, school, rows):
    write(tess, school, key=KEY, do="send")
    answer = write(tess, school, key=KEY, text="Anders.", do="send")
    assert answer.status_code == 422 and "Anders." in answer.text
    assert [letter.text for letter in rows(Letter)] == ["Wij gaan."]


def test_two_forms_are_two_letters_also_with_the_same_words(tess, school, rows):
    write(tess, school, key=KEY)
    write(tess, school, key="l" * FORM_KEY_LENGTH)
    write(tess, school)
    write(tess, school)
    assert len(rows(Letter)) == 4


def test_the_key_of_another_writer_is_no_way_to_their_letter(tess, client_for, school, rows):
    write(tess, school, key=KEY)
    write(client_for(school.tim), school, key=KEY, text="Van Tim.")
    assert sorted(letter.text for letter in rows(Letter)) == ["Van Tim.", "Wij gaan."]


def test_its_files_are_there_once_and_its_photo_stays_in_the_text(tess, school, rows):
    for _ in range(2):
        files = [(BytesIO(PDF), "a.pdf"), (BytesIO(jpeg()), "De bus.jpg")]
        data = fields(school, key=KEY, do="send", in_text="y", files=files)
        assert tess.post("/staff/letters/new", data=data).status_code == 303
    (letter,) = rows(Letter)
    assert letter.text == "Wij gaan.\n\n![De bus](foto:1)" and letter.send_at
    assert len(rows(Attachment)) == 2
