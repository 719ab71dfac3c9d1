"""GET /attachments/<key>: what goes with a letter, for who may read that letter and as long as that is."""

from io import BytesIO

import pytest
from PIL import Image

from portal import clock
from portal.access import Viewer
from portal.domain import letters
from portal.domain.letter_audience import GROUP, Part
from portal.extensions import db, start_writing
from portal.models.letters import Attachment, Letter
from tests.albums.pictures import MARK, with_everything
from tests.letters.files import DOCX, PDF, attach, docx
from tests.letters.sending import WORDS, send, set_out


@pytest.fixture
def letter(app, school):
    return send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")


def change(app, number: int, act) -> None:
    with app.app_context():
        start_writing()
        act(db.session.get_one(Letter, number))
        db.session.commit()


def statuses(client_for, people, key: str) -> set[int]:
    return {client_for(person).get(f"/attachments/{key}").status_code for person in people}


def test_a_pdf_opens_in_the_browser_kept_apart_from_the_portal(app, client_for, school, letter):
    key = attach(app, letter, school.tess, name="Programma café.pdf")
    answer = client_for(school.anna).get(f"/attachments/{key}")
    assert (answer.status_code, answer.content_type, answer.data) == (200, "application/pdf", PDF)
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert "filename*=UTF-8''Programma%20caf%C3%A9.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    saved = client_for(school.anna).get(f"/attachments/{key}?download")
    assert saved.headers["Content-Disposition"].startswith("attachment; ")


def test_an_office_file_is_only_ever_saved(app, client_for, school, letter):
    key = attach(app, letter, school.tess, docx(), "Rooster.docx")
    answer = client_for(school.anna).get(f"/attachments/{key}")
    assert answer.content_type == DOCX
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=Rooster.docx")


def test_a_photo_has_nothing_of_where_and_when(app, client_for, school, letter):
    key = attach(app, letter, school.tess, with_everything(), "IMG_1.HEIC.png")
    for address in (f"/attachments/{key}", f"/attachments/{key}?small"):
        answer = client_for(school.anna).get(address)
        assert answer.content_type in ("image/jpeg", "image/webp")
        assert MARK.encode() not in answer.data
        with Image.open(BytesIO(answer.data)) as image:
            assert not image.getexif()
            assert image.size[1] > image.size[0]
    assert "filename=IMG_1.HEIC.jpg" in answer.headers["Content-Disposition"]


def test_who_reads_the_letter_gets_the_file_and_nobody_else(app, client_for, school, letter):
    key = attach(app, letter, school.tess)
    readers = (school.anna, school.daan, school.tess, school.tim, school.otto, school.hedy)
    others = (school.carl, school.gert, school.dora, school.inge, school.yara)
    assert statuses(client_for, readers, key) == {200}
    assert statuses(client_for, others, key) == {404}
    answer = client_for(None).get(f"/attachments/{key}")
    assert (answer.status_code, "login" in answer.location) == (303, True)


def test_of_a_draft_only_its_writer_has_it_and_of_what_waits_the_office(app, client_for, school, rows):
    waiting = set_out(app, school.otto)
    key = attach(app, waiting, school.otto)
    assert statuses(client_for, (school.otto, school.hedy), key) == {200}
    assert statuses(client_for, (school.tess, school.anna), key) == {404}
    change(app, waiting, lambda it: setattr(it, "send_at", None))
    assert statuses(client_for, (school.otto,), key) == {200}
    assert statuses(client_for, (school.hedy, school.tess, school.anna), key) == {404}


def test_it_goes_when_the_letter_is_withdrawn_or_past_its_day(app, client_for, school, letter, at):
    key = attach(app, letter, school.tess)
    change(app, letter, lambda it: setattr(it, "visible_until", clock.today()))
    assert statuses(client_for, (school.anna,), key) == {200}
    change(app, letter, lambda it: setattr(it, "visible_until", clock.today().replace(year=2025)))
    assert statuses(client_for, (school.anna,), key) == {404}
    change(app, letter, lambda it: setattr(it, "visible_until", None))
    change(app, letter, lambda it: letters.withdraw(it, Viewer(school.tess.id), clock.now()))
    assert statuses(client_for, (school.anna, school.daan), key) == {404}


def test_it_goes_with_the_letter_from_the_database(app, school, rows):
    with app.app_context():
        start_writing()
        draft = letters.begin(Viewer(school.otto.id, role="office"), clock.now())
        number = draft.id
        db.session.commit()
    attach(app, number, school.otto)
    change(app, number, lambda it: letters.discard(it, Viewer(school.otto.id, role="office")))
    assert rows(Attachment) == []


@pytest.mark.parametrize("key", ["x", "x" * 43, "x" * 500, "%00", "é"])
def test_no_other_key_is_a_file(client_for, school, letter, key):
    assert client_for(school.anna).get(f"/attachments/{key}").status_code == 404


def test_the_page_of_the_letter_names_the_files_with_kind_and_size(app, client_for, school, letter):
    attach(app, letter, school.tess, PDF + b" " * 240_000, "Programma museumdag.pdf")
    attach(app, letter, school.tess, docx(), "Rooster.docx")
    page = client_for(school.anna).get(f"/letters/{letter}").text
    assert "2 bijlagen" in page
    assert "Programma museumdag</bdi>" in page
    assert "pdf, 240 kB" in page
    assert "Word, 1 kB" in page


def test_a_picture_stands_in_the_text_where_it_is_called(app, client_for, school):
    text = "Kijk:\n\n![De bus](foto:1)\n\n![Weg](foto:7)"
    letter = send(app, school.otto, text=text)
    key = attach(app, letter, school.otto, with_everything(), "bus.jpg", inline=True)
    page = client_for(school.anna).get(f"/letters/{letter}").text
    assert f'<img src="/attachments/{key}" alt="De bus" width="300" height="400" loading="lazy">' in page
    assert page.count("/attachments/") == 1
    assert "bijlage" not in page


def test_the_page_takes_as_many_queries_whatever_goes_along(app, client_for, school, letter, count_queries):
    anna = client_for(school.anna)
    anna.get(f"/letters/{letter}")
    with count_queries() as few:
        anna.get(f"/letters/{letter}")
    for number in range(5):
        attach(app, letter, school.tess, PDF + bytes([number]), f"{number}.pdf")
    with count_queries() as more:
        assert "5 bijlagen" in anna.get(f"/letters/{letter}").text
    assert len(few) == len(more) <= 9


def test_the_name_of_a_file_is_found(app, client_for, school, letter):
    attach(app, letter, school.tess, name="Routebeschrijving.pdf")
    anna = client_for(school.anna)
    assert WORDS.title in anna.get("/letters?q=routebeschr").text
    assert WORDS.title not in anna.get("/letters?q=zwemles").text
    change(app, letter, lambda it: letters.withdraw(it, Viewer(school.tess.id), clock.now()))
    assert WORDS.title not in anna.get("/letters?q=routebeschr").text


@pytest.mark.parametrize("shows", ["hint", "text"])
def test_the_mail_names_it_only_where_it_shows_the_letter(app, school, mailed, shows):
    letter = send(app, school.otto, mail_shows=shows)
    attach(app, letter, school.otto, name="Programma.pdf")
    mail = next(mail for mail in mailed() if school.anna.email in mail.recipients)
    for said in (mail.text, mail.html):
        assert ("Programma.pdf" in said) == (shows == "text")
    assert "/attachments/" not in mail.message.as_string()
