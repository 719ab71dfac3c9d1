"""What teachers read of the letters of others: those that the parents of their own pupils received."""

from datetime import date

import pytest

from portal.domain.letter_audience import GROUP, LIST, SCHOOL, YEAR, Part
from portal.extensions import db
from portal.models.letters import Letter, LetterListMember
from portal.models.roster import Teaching
from portal.models.school import SchoolYear
from tests.letters.files import attach
from tests.letters.sending import choir_of, send, set_out


@pytest.fixture
def choir(school, do) -> int:
    """The choir: Sem, and Lotte of Tess."""
    return do(lambda: choir_of(school, school.sem, school.lotte))


def reads(client, number: int) -> bool:
    answer = client.get(f"/staff/letters/{number}")
    assert (f"/staff/letters/{number}" in client.get("/staff/letters").text) == (answer.status_code == 200)
    return answer.status_code == 200


def test_a_letter_to_the_school_is_read_by_every_teacher_with_only_the_own_parents_in_it(
    app, school, client_for
):
    number = send(app, school.otto)
    tess = client_for(school.tess)
    assert reads(tess, number) and reads(client_for(school.yara), number)
    page = tess.get(f"/staff/letters/{number}").text
    assert "Anna Bakker" in page and "Carl" not in page and "0 van 2 ouders" in " ".join(page.split())
    assert "/correction" not in page and "Herinner" not in page
    assert "Museum" in tess.get(f"/staff/letters/{number}/paper").text
    assert tess.post(f"/staff/letters/{number}/withdrawal").status_code == 403


def test_one_to_a_year_or_a_list_by_who_has_a_pupil_in_it(app, school, client_for, choir):
    sixth = send(app, school.otto, [Part(YEAR, 6)])
    sung = send(app, school.otto, [Part(LIST, choir)])
    tess, yara = client_for(school.tess), client_for(school.yara)
    assert [reads(tess, number) for number in (sixth, sung)] == [False, False]
    assert [reads(yara, number) for number in (sixth, sung)] == [True, True]
    assert "Koor" not in yara.get(f"/staff/letters/{sung}").text


def test_its_files_too(app, school, client_for):
    number = send(app, school.otto)
    key = attach(app, number, school.otto)
    assert client_for(school.tess).get(f"/attachments/{key}").status_code == 200


def test_not_what_waits_nor_what_parents_of_others_received(app, school, client_for):
    tess = client_for(school.tess)
    assert not reads(tess, set_out(app, school.otto, [Part(SCHOOL)]))
    assert not reads(tess, send(app, school.yara, [Part(GROUP, school.group_6)], "teacher"))
    assert not reads(
        tess, send(app, school.otto, [Part(SCHOOL), Part(GROUP, school.group_34, excluded=True)])
    )


def test_nor_by_the_own_child_alone(app, school, client_for, change, rows):
    """Tess has Lotte at home: that one's letter to the sixth she reads as a mother."""
    (place,) = [row for row in rows(Teaching) if row.user_id == school.yara.id]
    change(Teaching, place.id, user_id=school.tess.id)
    number = send(app, school.otto, [Part(YEAR, 6)])
    page = client_for(school.tess).get(f"/staff/letters/{number}").text
    assert "Carl Peters" in page and "Lotte" not in page


def test_not_what_a_list_had_for_one_guardian(app, school, client_for, choir, change, rows):
    """Of who is behind with paying, say: on that list is Carl, not Sem."""
    (sem,) = [row for row in rows(LetterListMember) if row.pupil_id == school.sem.id]
    change(LetterListMember, sem.id, user_id=school.carl.id)
    (lotte,) = [row for row in rows(LetterListMember) if row.pupil_id == school.lotte.id]
    change(LetterListMember, lotte.id, user_id=school.tess.id)
    number = send(app, school.otto, [Part(LIST, choir)])
    yara = client_for(school.yara)
    assert not reads(yara, number)
    assert yara.get(f"/staff/letters/{number}/paper").status_code == 404


def test_nor_what_went_to_a_list_in_another_year(app, school, client_for, choir, change, do):
    number = send(app, school.otto, [Part(LIST, choir)])
    assert reads(client_for(school.yara), number)

    def last_year() -> None:
        year = SchoolYear(name="2025-2026", first_day=date(2025, 8, 25), last_day=date(2026, 7, 10))
        db.session.add(year)
        db.session.flush()
        db.session.get_one(Letter, number).school_year_id = year.id

    do(last_year)
    assert not reads(client_for(school.yara), number)
    assert client_for(school.otto).get(f"/staff/letters/{number}").status_code == 200
