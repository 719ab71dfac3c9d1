"""The page of a pupil: what each reader sees of the child, of whom school calls, and of care."""

from datetime import date

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.arrangements import Barring
from portal.models.pupils import ChangeRequest, EmergencyContact
from portal.models.roster import Guardianship, Pupil
from tests.absence.test_create_report import report


def page_of(client_for, person, pupil):
    answer = client_for(person).get(f"/pupils/{pupil.id}")
    assert answer.status_code == 200
    return answer.text


def test_a_guardian_sees_what_school_has(client_for, school):
    page = page_of(client_for, school.anna, school.bram)
    for words in ("Bram Visser", "14 maart 2020", "Groep 3/4", "juf Tess, meester Tim", "Klopt niet?"):
        assert words in page
    assert f"/groups/{school.group_34}" in page


@pytest.mark.parametrize("hides", [True, False])
def test_of_the_other_guardian_there_is_nothing_whether_that_one_hides_or_not(
    client_for, school, rows, change, give_contact, hides
):
    for one in rows(Guardianship):
        if one.pupil_id == school.bram.id:
            change(Guardianship, one.id, hidden_at=one.created_at if hides else None)
    change(User, school.daan.id, phone="06 5550 7777")
    give_contact(school.bram, school.daan, "Opa Visser")
    page = page_of(client_for, school.anna, school.bram)
    assert "Anna Bakker" in page and "06 5550 1234" in page
    for trace in ("Daan", "06 5550 7777", "Opa Visser"):
        assert trace not in page


@pytest.mark.parametrize("person", ["tess", "otto", "hedy"])
def test_school_sees_whom_to_call_in_order(client_for, school, change, give_contact, person):
    change(User, school.daan.id, organisation="Jeugdbescherming West")
    give_contact(school.bram, school.daan, "Opa Visser")
    give_contact(school.bram, school.anna, "Oma Riet")
    give_contact(school.bram, school.anna, "Buurvrouw Els", position=2)
    give_contact(school.bram, None, "BSO De Boom")
    page = page_of(client_for, getattr(school, person), school.bram)
    order = ["Anna Bakker", "Daan Visser", "Oma Riet", "Opa Visser", "BSO De Boom", "Buurvrouw Els"]
    places = [page.index(name) for name in order]
    assert places == sorted(places)
    assert "namens Jeugdbescherming West" in page
    assert "van Anna Bakker" in page and "genoteerd door school" in page
    assert "Klopt niet?" not in page


def test_school_sees_who_has_no_authority(client_for, school):
    assert "Geen gezag" in page_of(client_for, school.yara, school.noor)


def test_contacts_of_who_is_no_guardian_any_more_are_nobodys(client_for, school, give_contact):
    give_contact(school.bram, school.dora, "Tante Truus")
    for person in (school.anna, school.tess, school.otto):
        assert "Tante Truus" not in page_of(client_for, person, school.bram)


def test_a_member_of_staff_stays_a_guardian_of_the_own_child(client_for, school, put, give_contact, rows):
    now = rows(Pupil)[0].created_at
    lotte = school.lotte
    put(Guardianship(pupil_id=lotte.id, user_id=school.otto.id, seat=2, created_at=now))
    give_contact(lotte, school.tess, "Oma Jansen")
    page = page_of(client_for, school.otto, lotte)
    assert "Otto Vos" in page and "Klopt niet?" in page
    for trace in ("Tess Jansen", "Oma Jansen", "genoteerd"):
        assert trace not in page
    assert client_for(school.otto).get(f"/school/pupils/{lotte.id}/care-readers").status_code == 404


def test_of_another_child_school_shows_nobody_the_other_guardian_of_the_own(
    client_for, school, put, give_contact, write_care, name_reader, rows
):
    """Otto and Anna have a child together; of Bram, who is Anna's too, he sees nothing of her (R22)."""
    now = rows(Pupil)[0].created_at
    fenna = put(Pupil(given_name="Fenna", surname="Vos", sort_key="vos  fenna", created_at=now))
    for seat, person in ((1, school.anna), (2, school.otto)):
        put(Guardianship(pupil_id=fenna, user_id=person.id, seat=seat, created_at=now))
    give_contact(school.bram, school.anna, "Oma Riet")
    give_contact(school.bram, school.daan, "Opa Visser")
    write_care(school.bram, school.anna)
    name_reader(school.bram, school.otto)
    client_for(school.anna).post(
        f"/pupils/{school.bram.id}/requests", data={"field": "other", "wanted": "Kanarie"}
    )
    otto = client_for(school.otto)
    otto.post(f"/pupils/{school.bram.id}/care/readings")
    page = otto.get(f"/pupils/{school.bram.id}").text
    assert "Daan Visser" in page and "Opa Visser" in page
    assert "sesam" in otto.get(f"/pupils/{school.bram.id}/care").text
    paths = ("", "/care", "/contacts")
    pages = [page, *(otto.get(f"/pupils/{school.bram.id}{path}").text for path in paths)]
    pages.append(otto.get("/school/requests").text)
    pages.append(otto.get(f"/groups/{school.group_34}/trip?care=1").text)
    for text in pages:
        for trace in ("Anna", "Bakker", "Oma Riet", "Kanarie"):
            assert trace not in text
    hidden = next(one.id for one in rows(EmergencyContact) if one.name == "Oma Riet")
    assert otto.get(f"/contacts/{hidden}").status_code == 404
    assert otto.post(f"/school/requests/{rows(ChangeRequest)[0].id}/acceptance").status_code == 404


def test_staff_without_authority_over_the_own_child_sees_only_the_facts(client_for, school, put, rows):
    now = rows(Pupil)[0].created_at
    put(
        Guardianship(
            pupil_id=school.lotte.id, user_id=school.yara.id, seat=2, has_authority=False, created_at=now
        )
    )
    page = page_of(client_for, school.yara, school.lotte)
    assert "Yara Demir" in page
    for words in ("Tess", "Zorg</h2>", "Klopt niet?", "Contactpersonen"):
        assert words not in page


@pytest.mark.parametrize(
    ("person", "seen"),
    [("anna", True), ("daan", True), ("tess", True), ("tim", True), ("otto", False), ("hedy", False)],
)
def test_only_who_may_read_care_learns_that_there_is_any(client_for, school, write_care, person, seen):
    before = page_of(client_for, getattr(school, person), school.bram)
    write_care(school.bram, school.anna)
    after = page_of(client_for, getattr(school, person), school.bram)
    assert (before != after) == seen or "csrf" in after
    assert ("Zorg</h2>" in after) == seen
    assert "sesam" not in after


def test_absences_of_this_year_are_counted_and_the_last_shown(client_for, school, at):
    anna = client_for(school.anna)
    for day in ("2026-11-24", "2026-11-26", "2026-11-30", "2026-12-02"):
        report(anna, school.bram, days="dates", first_day=day)
    for person in (school.anna, school.daan, school.tess):
        page = page_of(client_for, person, school.bram)
        assert "4 keer afwezig gemeld" in page
        assert page.count('class="go"') >= 3
        assert "woensdag 2 december" in page
        assert f"/pupils/{school.bram.id}/absences" in page


def test_home_board_and_office_page_lead_here(client_for, school):
    assert f'"/pupils/{school.bram.id}"' in client_for(school.anna).get("/").text
    assert f'"/pupils/{school.bram.id}"' in client_for(school.tess).get("/staff/today").text
    assert (
        f'"/pupils/{school.bram.id}"' in client_for(school.otto).get(f"/school/pupils/{school.bram.id}").text
    )
    assert f'"/pupils/{school.noor.id}"' not in client_for(school.gert).get("/").text


def test_a_pupil_in_no_group_has_a_page(client_for, school):
    client_for(school.otto).post(f"/school/pupils/{school.bram.id}/groups", data={"home": 0})
    for person in (school.anna, school.otto):
        assert "in geen stamgroep" in page_of(client_for, person, school.bram)


@pytest.mark.parametrize("number", [0, 99999, 2**31, 10**30])
def test_an_unknown_pupil_is_nothing(client_for, school, number):
    assert client_for(school.otto).get(f"/pupils/{number}").status_code == 404


def test_a_pupil_who_left_is_gone_for_parents_and_short_for_the_office(client_for, school, change, rows):
    change(Pupil, school.bram.id, archived_at=rows(Pupil)[0].created_at, left_on=date(2026, 11, 20))
    assert client_for(school.anna).get(f"/pupils/{school.bram.id}").status_code == 404
    assert client_for(school.tess).get(f"/pupils/{school.bram.id}").status_code == 404
    assert "Van school" in page_of(client_for, school.otto, school.bram)


@pytest.mark.parametrize("person", ["anna", "yara", "otto"])
def test_it_takes_ten_queries_at_most_however_much_there_is(
    client_for, school, many_pupils, count_queries, give_contact, write_care, person
):
    client = client_for(getattr(school, person))
    client.get(f"/pupils/{school.noor.id}")
    with count_queries() as few:
        client.get(f"/pupils/{school.noor.id}")
    many_pupils(40)
    for number in range(1, 7):
        give_contact(school.noor, school.anna, f"Contact {number}", position=number)
        write_care(school.noor, school.anna)
    for day in ("2026-11-24", "2026-11-26", "2026-11-30"):
        report(client_for(school.anna), school.noor, days="dates", first_day=day)
    with count_queries() as many:
        client.get(f"/pupils/{school.noor.id}")
    assert len(few) == len(many) <= 10


@pytest.fixture
def barred(app, school):
    """Carl may have no contact with Sem of groep 6, nor Anna with Lotte."""
    with app.app_context():
        start_writing()
        for person, pupil in ((school.carl, school.sem), (school.anna, school.lotte)):
            db.session.add(
                Barring(pupil_id=pupil.id, user_id=person.id, reason="Beschikking.", barred_at=clock.now())
            )
        db.session.commit()


def test_the_teacher_and_the_office_are_told_who_may_not_collect_the_child(client_for, school, barred):
    for person, told in ((school.yara, True), (school.otto, False)):
        page = " ".join(client_for(person).get(f"/pupils/{school.sem.id}").text.split())
        assert "Geen contact: Carl Peters" in page and "Mag dit kind niet ophalen." in page
        assert ("Vraag het kantoor." in page) is told
        assert "Beschikking" not in page
    assert "Geen contact" not in client_for(school.yara).get(f"/pupils/{school.noor.id}").text


def test_a_guardian_is_never_told_who_may_not_collect_the_child(client_for, school, barred):
    for person, pupil in ((school.inge, school.sem), (school.tess, school.lotte)):
        page = client_for(person).get(f"/pupils/{pupil.id}").text
        assert "Geen contact" not in page and "niet ophalen" not in page
