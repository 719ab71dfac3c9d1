"""Until when parents find a letter: not a day that is over, nor one before its reply slip can be answered."""

from datetime import date

import pytest

from portal.domain.slips import CHILD, ONE, Slip
from portal.models.letters import Letter
from portal.models.slips import ReplySlip
from tests.letters.sending import own, send
from tests.letters.slips import MUSEUM, THURSDAY, put_slip, send_with_slip
from tests.letters.test_write_letter import SAVING, number_in, write

OVER, TOO_SOON, GOOD = "2026-11-23", "2026-11-25", "2026-11-26"
IS_OVER = "Deze dag is voorbij. Kies een latere, of laat het leeg."
BEFORE_SLIP = "De antwoordstrook vraagt antwoord tot en met donderdag 26 november."


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


def at_field(page: str, field: str = "visible_until") -> str:
    """Return what is said at the field."""
    return page.split(f'id="{field}-error"')[1].split("</p>")[0]


class TestDraft:
    def test_a_day_that_is_over_is_not_kept(self, tess, school, rows):
        answer = write(tess, school, visible_until=OVER)
        assert answer.status_code == 422 and IS_OVER in at_field(answer.text)
        assert "Wij gaan." in answer.text and not rows(Letter)
        assert IS_OVER in write(tess, school, SAVING, visible_until=OVER).text

    def test_today_is_a_last_day(self, tess, school, rows):
        write(tess, school, visible_until="2026-11-24")
        assert rows(Letter)[0].visible_until == date(2026, 11, 24)

    @pytest.mark.parametrize(("day", "status"), [(TOO_SOON, 422), (GOOD, 303), ("", 303)])
    def test_it_is_not_before_that_of_the_slip(self, app, tess, school, rows, day, status):
        made = write(tess, school)
        path = made.location
        put_slip(app, school, number_in(made), Slip(CHILD, ONE, THURSDAY, MUSEUM))
        answer = write(tess, school, path=path, revision="1", visible_until=day)
        assert answer.status_code == status
        if status == 422:
            assert BEFORE_SLIP in at_field(answer.text)

    def test_one_that_is_over_meanwhile_hinders_no_saving_and_the_letter_does_not_go(
        self, tess, school, rows, at
    ):
        path = write(tess, school, visible_until="2026-11-24").location
        at("2026-11-25 08:00")
        kept = {"path": path, "revision": "1", "visible_until": "2026-11-24"}
        assert write(tess, school, text="Meer.", **kept).status_code == 303
        answer = write(tess, school, do="send", **(kept | {"revision": "2"}))
        assert answer.status_code == 422 and "vinden de brief niet" in at_field(answer.text)
        assert rows(Letter)[0].text == "Meer." and rows(Letter)[0].send_at is None


class TestCorrection:
    def correct(self, tess, number: int, day: str):
        words = {"title": "Museum", "sender": "juf Tess", "text": "Anders.", "revision": "1"}
        return tess.post(f"/staff/letters/{number}/correction", data={**words, "visible_until": day})

    def test_a_day_that_is_over_is_not_kept(self, app, tess, school, rows):
        answer = self.correct(tess, send(app, *own(school)), OVER)
        assert answer.status_code == 422 and IS_OVER in at_field(answer.text) and "Anders." in answer.text
        assert rows(Letter)[0].visible_until is None and rows(Letter)[0].text != "Anders."

    def test_it_is_not_before_that_of_the_slip(self, app, tess, school, rows):
        number = send_with_slip(app, school)
        answer = self.correct(tess, number, TOO_SOON)
        assert answer.status_code == 422 and BEFORE_SLIP in at_field(answer.text)
        assert self.correct(tess, number, GOOD).status_code == 303
        assert rows(Letter)[0].visible_until == THURSDAY


class TestSlip:
    def ask(self, tess, number: int, day: str):
        slip = {"per": "child", "answered_by": "one", "deadline": day}
        slip |= {"q0-kind": "number", "q0-words": "Hoeveel?", "opened": ""}
        return tess.post(f"/staff/letters/{number}/slip", data=slip)

    @pytest.mark.parametrize("is_sent", [False, True])
    def test_its_last_day_is_not_after_that_of_the_letter(self, app, tess, school, rows, is_sent):
        if is_sent:
            number = send(app, *own(school), visible_until=date(2026, 11, 25))
        else:
            number = number_in(write(tess, school, visible_until=TOO_SOON))
        answer = self.ask(tess, number, GOOD)
        assert answer.status_code == 422 and "Hoeveel?" in answer.text
        assert "Ouders vinden de brief tot en met woensdag 25 november." in at_field(answer.text, "deadline")
        assert not rows(ReplySlip)
        assert self.ask(tess, number, TOO_SOON).status_code == 303
        assert rows(ReplySlip)[0].deadline == date(2026, 11, 25)
