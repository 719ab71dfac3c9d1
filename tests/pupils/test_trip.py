"""The list that a teacher takes along."""

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.arrangements import Barring
from portal.models.audit import AuditEntry
from portal.models.pupils import CareNote, CareReading, EmergencyContact
from portal.models.roster import Guardianship, Membership, Pupil
from tests.test_weight import weight


def path(school, *pupils, care=False):
    chosen = "".join(f"&pupil={pupil.id}" for pupil in pupils)
    return f"/groups/{school.group_6}/trip?{'care=1' if care else ''}{chosen}"


@pytest.fixture
def yara(client_for, school):
    return client_for(school.yara)


def test_it_has_names_birth_dates_and_numbers_to_call(yara, school, give_contact):
    give_contact(school.noor, school.anna, "Oma Riet")
    page = yara.get(path(school)).text
    for words in ("Noor Smit", "Sem Peters", "Lotte Jansen", "14 maart 2017", "Anna Bakker", "Oma Riet"):
        assert words in page
    assert 'href="tel:+31655509999"' in page
    assert "Afgedrukt door Yara Demir op 24 november 2026. Niet bewaren" in " ".join(page.split())
    assert "Bram" not in page


def test_it_has_only_who_goes_along(yara, school):
    table = yara.get(path(school, school.noor, school.sem)).text.split("<tbody>")[1]
    assert "Noor Smit" in table and "Sem Peters" in table and "Lotte" not in table


@pytest.mark.parametrize("query", ["?pupil=99999", "?pupil=x", "?care=1&pupil=-1", "?pupil=" + "9" * 30])
def test_a_strange_address_shows_the_whole_group(yara, school, query):
    answer = yara.get(f"/groups/{school.group_6}/trip{query}")
    assert answer.status_code == 200 and "3 leerlingen" in answer.text


def test_care_is_on_it_only_after_the_act(yara, school, write_care, rows, at):
    write_care(school.noor, school.anna)
    for care in (False, True):
        page = yara.get(path(school, care=care)).text
        assert "sesam" not in page and "Op deze lijst staat geen zorginformatie." in page
    assert rows(CareReading) == []
    numbers = [school.noor.id, school.sem.id, school.bram.id]
    answer = yara.post(f"/groups/{school.group_6}/trip/readings", data={"pupil": numbers})
    assert answer.status_code == 303
    page = yara.get(answer.location).text
    assert "sesam" in page and "Bel ons." in page and "niets" in page
    assert [(one.pupil_id, one.user_id) for one in rows(CareReading)] == [(school.noor.id, school.yara.id)]
    assert rows(AuditEntry)[-1].verb == "read_care"
    at("2026-11-24 08:11")
    assert "sesam" not in yara.get(answer.location).text


def test_the_guardians_see_that_it_was_opened(yara, client_for, school, write_care):
    write_care(school.noor, school.anna)
    yara.post(f"/groups/{school.group_6}/trip/readings", data={"pupil": school.noor.id})
    assert (
        "Juf Yara" in client_for(school.anna).get(f"/pupils/{school.noor.id}/care").text.split("Wie keek")[1]
    )


def test_care_of_one_who_was_not_opened_takes_all_care_off_the_list(yara, school, write_care):
    write_care(school.noor, school.anna)
    write_care(school.sem, school.carl, what="pinda")
    yara.post(f"/groups/{school.group_6}/trip/readings", data={"pupil": school.noor.id})
    assert "sesam" in yara.get(path(school, school.noor, care=True)).text
    both = yara.get(path(school, school.noor, school.sem, care=True)).text
    assert "sesam" not in both and "pinda" not in both


def test_who_is_not_on_the_short_list_learns_nothing_of_care(client_for, school, write_care, rows):
    otto = client_for(school.otto)

    def shown():
        return [
            [line for line in otto.get(path(school, care=care)).text.splitlines() if "csrf" not in line]
            for care in (False, True)
        ]

    before = shown()
    write_care(school.noor, school.anna)
    assert shown() == before
    otto.post(f"/groups/{school.group_6}/trip/readings", data={"pupil": school.noor.id})
    assert rows(CareReading) == []
    assert "sesam" not in otto.get(path(school, care=True)).text
    assert "niet voor u" in otto.get(path(school, care=True)).text


def test_a_pupil_who_is_there_sometimes_comes_along_without_care(
    yara, client_for, school, put, write_care, rows
):
    write_care(school.bram, school.anna)
    put(Membership(pupil_id=school.bram.id, group_id=school.group_6, home=False, started_on=clock.today()))
    answer = yara.post(f"/groups/{school.group_6}/trip/readings", data={"pupil": school.bram.id})
    page = yara.get(answer.location).text
    assert "Bram Visser" in page and "niet voor u" in page and "sesam" not in page
    assert rows(CareReading) == []


def test_a_teacher_sees_nothing_of_the_other_guardian_of_the_own_child(
    client_for, school, put, give_contact, rows
):
    now = rows(Pupil)[0].created_at
    put(Guardianship(pupil_id=school.lotte.id, user_id=school.yara.id, seat=2, created_at=now))
    give_contact(school.lotte, school.tess, "Oma Jansen")
    row = client_for(school.yara).get(path(school, school.lotte)).text.split("<tbody>")[1]
    assert "Yara Demir" in row
    assert "Tess" not in row and "Oma Jansen" not in row


def test_forty_pupils_take_as_many_queries_as_three_and_few_kilobytes(
    yara, school, app, many_pupils, count_queries, put, rows
):
    yara.get(path(school, care=True))
    with count_queries() as few:
        yara.get(path(school, care=True))
    many_pupils(37)
    now = clock.now()
    pupils = [one.id for one in rows(Pupil)]
    put(
        *[
            EmergencyContact(
                pupil_id=one, given_by=None, given_at=now, position=1, name="Oma Riet", phone="06 5550 1111"
            )
            for one in pupils
        ],
        *[
            CareNote(pupil_id=one, kind="other", what="bril", source="school", written_by=1, written_at=now)
            for one in pupils[::3]
        ],
    )
    answer = yara.post(f"/groups/{school.group_6}/trip/readings", data={"pupil": pupils})
    with count_queries() as many:
        page = yara.get(answer.location).text
    assert "40 leerlingen" in page and "bril" in page
    assert len(few) == len(many) <= 10
    assert weight(yara, answer.location) <= 8_000


def test_who_printed_it_stands_there_by_name(yara, school):
    page = yara.get(f"/groups/{school.group_6}/trip").text
    assert "door Yara Demir op" in page


def test_it_says_who_may_not_collect_a_child(yara, school, app, count_queries):
    with count_queries() as before:
        yara.get(path(school))
    with app.app_context():
        start_writing()
        for person, pupil in ((school.carl, school.sem), (school.gert, school.noor)):
            db.session.add(
                Barring(pupil_id=pupil.id, user_id=person.id, reason="Beschikking.", barred_at=clock.now())
            )
        db.session.commit()
    with count_queries() as after:
        page = yara.get(path(school)).text
    assert page.count("Mag dit kind niet ophalen.") == 2 and "Beschikking" not in page
    assert (
        page.index("Geen contact: Carl")
        < page.index("Noor Smit</bdi></a>")
        < page.index("Geen contact: Gert")
    )
    assert len(before) == len(after)


def test_who_has_authority_is_called_first_and_of_who_has_none_that_is_said(yara, school, change, rows):
    """Whom school calls decides about the child (R21); so it is on the trip, and on the board."""
    for one in rows(Guardianship):
        if one.pupil_id == school.noor.id:
            change(Guardianship, one.id, has_authority=one.user_id == school.gert.id)
            change(User, one.user_id, phone="06 5550 0001", phone_e164="+31655500001")
    for address in (path(school, school.noor), f"/staff/today?group={school.group_6}"):
        page = yara.get(address).text
        assert page.count("Geen gezag: alleen informatie op verzoek") == 1, address
        assert page.index("Gert Smit") < page.index("Anna Bakker") < page.index("Geen gezag: alleen")
