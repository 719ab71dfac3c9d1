"""A letter as it will be, before it is sent: the page that a parent reads, and the mail about it."""

import re
from html import unescape

import pytest

from portal.domain.slips import Slip
from portal.models.outbox import OutgoingMessage
from portal.models.school import School
from tests.letters.files import attach, docx
from tests.letters.sending import set_out
from tests.letters.slips import MUSEUM, THURSDAY, put_slip
from tests.letters.test_write_letter import fields, number_in, write

LOOK = "/staff/letters/look"


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


def framed(page: str) -> str:
    """Return the mail that stands in the frame."""
    return unescape(re.search(r'srcdoc="([^"]*)"', page)[1])


def plain(page: str) -> str:
    return unescape(re.search(r"<pre[^>]*>(.*?)</pre>", page, re.S)[1])


def subject(page: str) -> str:
    return unescape(re.search(r"<dt>Onderwerp</dt><dd><bdi>(.*?)</bdi>", page)[1])


def look(client, school, **changed) -> str:
    return client.post(LOOK, data=fields(school, **changed)).text


class TestMail:
    def test_a_hint_says_only_that_there_is_a_letter(self, tess, school, rows):
        page = look(tess, school, mail_shows="hint")
        assert subject(page) == "Een brief van juf Tess"
        for part in (framed(page), plain(page)):
            assert "Er is een brief van juf Tess voor u." in part
            assert "Wij gaan" not in part and "Museum" not in part
        assert not rows(OutgoingMessage)

    def test_a_mail_with_the_text_has_all_of_it(self, tess, school):
        page = look(tess, school, mail_shows="text", text="**Let op** <script>x</script>")
        assert subject(page) == "Museum"
        assert "<strong>Let op</strong>" in framed(page) and "<script>" not in framed(page)
        assert "Let op" in plain(page)

    def test_it_is_what_the_parents_get(self, app, tess, school, mailed, at):
        draft = number_in(write(tess, school, mail_shows="text"))
        attach(app, draft, school.tess, docx(), "Rooster.docx")
        page = look(tess, school, mail_shows="text", letter=str(draft))
        assert "Rooster" in framed(page)
        sent = {"path": f"/staff/letters/{draft}", "revision": "1", "mail_shows": "text", "do": "send"}
        assert write(tess, school, **sent).status_code == 303
        at("2026-11-24 08:00")
        mail = next(mail for mail in mailed() if school.anna.email in mail.recipients)
        shown = framed(page).replace("<base target=_blank>", "").replace("(voornaam)", "Anna")
        assert mail.html.split() == shown.split()
        assert mail.text.split() == plain(page).replace("(voornaam)", "Anna").split()
        assert mail.subject == subject(page)

    def test_an_urgent_letter_says_so_for_who_may(self, client_for, school, tess):
        assert subject(look(client_for(school.otto), school, urgent="y")).startswith("Dringend: ")
        assert not subject(look(tess, school, urgent="y")).startswith("Dringend: ")

    def test_a_name_of_a_child_stays_out_of_the_subject(self, client_for, tess, school):
        page = look(tess, school, mail_shows="text", title="Gesprek over Bram")
        assert subject(page) == "Een brief van juf Tess"
        page = look(client_for(school.otto), school, mail_shows="text", title="Sem jarig", part="school")
        assert subject(page) == "Sem jarig"
        assert "De ouders van Sem krijgen een onderwerp zonder die naam." in page

    def test_it_says_until_when_an_answer_is_asked(self, app, tess, school):
        draft = number_in(write(tess, school))
        put_slip(app, school, draft, Slip("child", "one", THURSDAY, MUSEUM))
        page = look(tess, school, letter=str(draft))
        assert "26 november" in framed(page) and "26 november" in plain(page)


class TestFrame:
    def test_nothing_in_it_runs_and_its_page_allows_only_its_own_styles(self, tess, school):
        answer = tess.post(LOOK, data=fields(school))
        assert re.search(r"<iframe [^>]*\bsandbox ", answer.text)
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self';" in policy and "frame-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert re.search(r"style-src 'self' 'unsafe-hashes'( 'sha256-[A-Za-z0-9+/=]{44}')+;", policy)

    def test_a_style_that_somebody_writes_is_not_among_them(self, tess, school):
        usual = tess.post(LOOK, data=fields(school, mail_shows="text"))
        text = 'Zie <b style="color:red">dit</b> style="x" [a](https://a.example"style="y")'
        typed = tess.post(LOOK, data=fields(school, mail_shows="text", text=text))
        assert typed.headers["Content-Security-Policy"] == usual.headers["Content-Security-Policy"]

    def test_other_pages_allow_no_styles_in_elements(self, tess):
        assert "unsafe" not in tess.get("/staff/letters/new").headers["Content-Security-Policy"]


def test_who_approves_a_letter_sees_the_mail_too(app, client_for, school, change):
    change(School, 1, second_eyes=True)
    number = set_out(app, school.hedy, mail_shows="text")
    page = client_for(school.otto).get(f"/staff/letters/{number}").text
    assert "Museum op 10 december" in framed(page)


def test_it_asks_no_more_for_a_larger_audience(client_for, school, count_queries):
    otto = client_for(school.otto)
    look(otto, school, mail_shows="text")
    with count_queries() as few:
        look(otto, school, mail_shows="text")
    with count_queries() as many:
        both = [f"group:{school.group_34}", f"group:{school.group_6}"]
        look(otto, school, mail_shows="text", part=both)
    assert len(many) == len(few)
