"""A correction as it will be, before it is saved: the letter that a parent reads, and the mail about it."""

import pytest

from portal.domain.slips import Slip
from portal.models.letters import Attachment, Letter
from portal.models.outbox import OutgoingMessage
from tests.letters.files import attach, docx
from tests.letters.sending import own, send
from tests.letters.slips import MUSEUM, THURSDAY, put_slip
from tests.letters.test_letter_files import upload
from tests.letters.test_look_at_letter import framed, plain, subject

NOT_CHOSEN = "Deze mail gaat nu niet"


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


@pytest.fixture
def sent(app, school):
    return send(app, *own(school), mail_shows="text")


def typed(**changed):
    words = {"title": "Museum", "sender": "juf Tess", "text": "Om **10 uur**.", "revision": "1"}
    return words | {"notify": "y"} | changed


def look(client, letter: int, **changed) -> str:
    answer = client.post(f"/staff/letters/{letter}/correction/look", data=typed(**changed))
    assert answer.status_code == 200
    return answer.text


def test_its_page_leads_to_it_in_another_window(tess, sent):
    page = tess.get(f"/staff/letters/{sent}/correction").text
    assert f'formaction="/staff/letters/{sent}/correction/look" formtarget="_blank"' in page


def test_it_shows_the_new_words_on_a_phone_and_says_that_they_are_changed(tess, sent, rows):
    before = len(rows(OutgoingMessage))
    page = look(tess, sent)
    phone = page.split('id="t-mail"')[0]
    assert "<strong>10 uur</strong>" in phone and "gewijzigd" in phone and "Wat nemen wij mee" not in phone
    (letter,) = rows(Letter)
    assert letter.title != "Museum" and letter.corrected_at is None
    assert len(rows(OutgoingMessage)) == before


def test_the_mail_is_what_the_parents_get(tess, sent, school, mailed, at):
    mailed()
    at("2026-11-24 09:00")
    page = look(tess, sent)
    assert NOT_CHOSEN not in page
    assert tess.post(f"/staff/letters/{sent}/correction", data=typed()).status_code == 303
    mail = next(mail for mail in mailed() if school.anna.email in mail.recipients)
    shown = framed(page).replace("<base target=_blank>", "").replace("(voornaam)", "Anna")
    assert mail.html.split() == shown.split()
    assert mail.text.split() == plain(page).replace("(voornaam)", "Anna").split()
    assert mail.subject == subject(page) == "Gewijzigd: Museum"


def test_it_says_when_that_mail_was_not_chosen(tess, sent):
    assert NOT_CHOSEN in look(tess, sent, notify="")


def test_files_are_there_as_the_correction_leaves_them(app, tess, sent, school, rows):
    attach(app, sent, school.tess, docx(), "Rooster.docx")
    attach(app, sent, school.tess, name="Route.pdf")
    assert upload(tess, sent, b"%PDF-1.4\n%%EOF\n", "Nieuw.pdf").status_code == 201
    gone = next(row.id for row in rows(Attachment) if row.name == "Rooster.docx")
    page = look(tess, sent, remove_file=str(gone))
    assert "Rooster" not in page
    for name in ("Route", "Nieuw"):
        assert name in page.split('id="t-mail"')[0] and name in framed(page)
    assert len(rows(Attachment)) == 3


@pytest.mark.parametrize(("day", "asks"), [("2026-11-25 09:00", True), ("2026-11-27 09:00", False)])
def test_the_mail_asks_for_an_answer_as_long_as_one_can_be_given(app, tess, sent, school, at, day, asks):
    put_slip(app, school, sent, Slip("child", "one", THURSDAY, MUSEUM))
    at(day)
    page = look(tess, sent)
    assert ("vraagt uw antwoord" in framed(page)) == asks
    assert ("U kon antwoorden" in page) != asks


def test_nothing_in_its_frame_runs(tess, sent):
    answer = tess.post(f"/staff/letters/{sent}/correction/look", data=typed(text='<b style="x">x</b>'))
    assert "'unsafe-hashes'" in answer.headers["Content-Security-Policy"]
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_there_is_nothing_to_look_at_of_a_letter_that_is_withdrawn(tess, sent):
    tess.post(f"/staff/letters/{sent}/withdrawal")
    assert tess.post(f"/staff/letters/{sent}/correction/look", data=typed()).status_code == 404


def test_only_who_may_correct_it_looks(client_for, school, sent):
    address = f"/staff/letters/{sent}/correction/look"
    assert client_for(school.anna).post(address, data=typed()).status_code == 404
    assert client_for(school.yara).post(address, data=typed()).status_code == 404


def test_it_asks_no_more_for_more_files(app, tess, sent, school, count_queries):
    look(tess, sent)
    with count_queries() as few:
        look(tess, sent)
    for number in range(4):
        attach(app, sent, school.tess, docx(x=str(number)), f"{number}.docx")
    with count_queries() as many:
        look(tess, sent)
    assert len(many) == len(few)
