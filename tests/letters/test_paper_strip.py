"""A printed letter has its reply slip as a strip of paper, to fill in by hand and hand in."""

import pytest

from portal.domain.letter_audience import SCHOOL, Part
from tests.letters.sending import send
from tests.letters.slips import EVERY_KIND, MUSEUM, THURSDAY, Asked, send_with_slip


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


def strips(page: str) -> list[str]:
    """Return the strips on a page."""
    return [part.split("</section>")[0] for part in page.split('<section class="strip')[1:]]


class TestLetterOfGuardian:
    def test_it_is_there_for_paper_only_and_the_form_for_the_screen(self, app, anna, school):
        page = anna.get(f"/letters/{send_with_slip(app, school)}").text
        (strip,) = strips(page)
        assert strip.startswith(" only-print")
        assert 'class="slip no-print"' in page
        assert "donderdag 26 november" in strip and "Bram" in strip
        assert "Mag uw kind mee naar het museum?" in strip and strip.count('class="box"') == 4
        assert "(zolang er plaats is)" in strip and "Handtekening" not in strip
        assert "<input" not in strip and "<form" not in strip

    def test_every_kind_of_question_has_room_for_its_answer(self, app, anna, school):
        (strip,) = strips(anna.get(f"/letters/{send_with_slip(app, school, EVERY_KIND)}").text)
        assert strip.count('class="box"') == 7
        assert strip.count('class="line short"') == 2 and strip.count('<p class="line"></p>') == 2
        assert "Handtekening" in strip

    def test_what_was_answered_is_printed_as_it_was_answered(self, app, anna, school):
        number = send_with_slip(app, school)
        answers = Asked(app, number).form(school.bram, "Ja", "Nee")
        assert anna.post(f"/letters/{number}/reply", data=answers).status_code == 303
        page = anna.get(f"/letters/{number}").text
        assert not strips(page) and 'class="slip"' in page

    def test_nothing_is_asked_on_paper_when_the_last_day_is_over(self, app, anna, school, at):
        number = send_with_slip(app, school)
        at("2026-11-27 08:00")
        assert not strips(anna.get(f"/letters/{number}").text)

    def test_a_family_gets_one(self, app, anna, school):
        number = send_with_slip(app, school, MUSEUM, "family", parts=[Part(SCHOOL)], role="office")
        (strip,) = strips(anna.get(f"/letters/{number}").text)
        assert "Kind of kinderen" in strip and "Bram" not in strip and "Noor" not in strip

    def test_each_child_gets_one(self, app, anna, school):
        number = send_with_slip(app, school, MUSEUM, parts=[Part(SCHOOL)], role="office")
        found = strips(anna.get(f"/letters/{number}").text)
        assert sorted(name for strip in found for name in ("Bram", "Noor") if name in strip) == [
            "Bram",
            "Noor",
        ]


class TestSheetOfSchool:
    def test_it_is_on_the_sheet_with_room_for_the_name(self, app, tess, school):
        page = tess.get(f"/staff/letters/{send_with_slip(app, school)}/paper").text
        (strip,) = strips(page)
        assert strip.startswith('">') and "Bram" not in strip
        assert strip.count('<span class="line"></span>') == 3

    def test_a_letter_that_asks_nothing_has_none(self, app, tess, school):
        assert not strips(tess.get(f"/staff/letters/{send(app, school.tess)}/paper").text)

    def test_nor_has_one_whose_last_day_is_over(self, app, tess, school, at):
        number = send_with_slip(app, school, deadline=THURSDAY)
        at("2026-11-27 08:00")
        assert not strips(tess.get(f"/staff/letters/{number}/paper").text)
