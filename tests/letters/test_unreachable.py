"""GET /school/unreachable: the families whom no mail reaches."""

import pytest

from portal import clock
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.notices import MailTrouble
from portal.models.roster import Guardianship, Pupil


def trouble(person, hard=True, address="") -> MailTrouble:
    return MailTrouble(
        user_id=person.id,
        address=address or person.email,
        code="5.1.1" if hard else "4.2.2",
        times=1,
        first_at=clock.now(),
        last_at=clock.now(),
        hard_at=clock.now() if hard else None,
    )


@pytest.fixture
def shown(client_for, school):
    def show(person=school.otto) -> str:
        return " ".join(client_for(person).get("/school/unreachable").text.split())

    return show


def test_everybody_is_reached(shown):
    assert "De mail bereikt elk gezin" in shown()


def test_an_address_that_does_not_work_says_why_and_what_to_do(school, do, shown):
    do(lambda: db.session.add(trouble(school.daan)))
    page = shown()
    assert "<bdi>Bram Visser</bdi>" in page
    assert "de andere ouder krijgt mail" in page
    assert "Dit adres bestaat niet." in page
    assert f"/school/accounts/{school.daan.id}/email" in page
    assert "06 5550 1234" in page
    assert "Anna" not in page


def test_a_child_of_whom_nobody_is_reached_stands_first(school, do, change, shown):
    change(User, school.carl.id, email=None)
    change(User, school.inge.id, email=None)
    do(lambda: db.session.add(trouble(school.daan)))
    page = shown()
    assert page.index("Sem Peters") < page.index("Bram Visser")
    assert page.count("niemand bereikt") == 1


@pytest.mark.parametrize("how", ["none", "without authority"])
def test_a_child_whose_guardians_get_no_letters_is_there_with_what_to_do(school, change, shown, rows, how):
    (place,) = [row for row in rows(Guardianship) if row.pupil_id == school.lotte.id]
    changed = {"revoked_at": clock.now()} if how == "none" else {"has_authority": False}
    change(Guardianship, place.id, **changed)
    change(User, school.daan.id, email=None)
    page = shown()
    assert page.index("Lotte Jansen") < page.index("Bram Visser")
    assert "Geen ouder van dit kind krijgt brieven" in page
    assert f"/school/pupils/{school.lotte.id}" in page and "Jansen</bdi></b>" not in page
    assert "Lotte" not in shown(school.tess)


def test_nor_a_child_that_left(school, change, shown, rows):
    (place,) = [row for row in rows(Guardianship) if row.pupil_id == school.lotte.id]
    change(Guardianship, place.id, revoked_at=clock.now())
    change(Pupil, school.lotte.id, archived_at=clock.now())
    assert "De mail bereikt elk gezin" in shown()


def test_a_full_mailbox_and_an_address_of_before_are_no_trouble(school, do, shown):
    do(
        lambda: db.session.add_all(
            [trouble(school.daan, hard=False), trouble(school.carl, address="oud@lindeboog.example")]
        )
    )
    assert "De mail bereikt elk gezin" in shown()


def test_the_office_has_an_address_tried_again(school, do, shown, client_for, rows):
    do(lambda: db.session.add_all([trouble(school.daan), trouble(school.carl)]))
    answer = client_for(school.otto).post(f"/school/unreachable/{school.daan.id}/trial")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/school/unreachable")
    assert [row.user_id for row in rows(MailTrouble)] == [school.carl.id]
    assert school.daan.email not in shown()


@pytest.mark.parametrize("person", ["tess", "anna", "daan"])
def test_nobody_else_does(school, do, client_for, rows, person):
    do(lambda: db.session.add(trouble(school.daan)))
    answer = client_for(getattr(school, person)).post(f"/school/unreachable/{school.daan.id}/trial")
    assert answer.status_code == 404
    assert len(rows(MailTrouble)) == 1


def test_who_gets_no_letters_does_not_stand_there(school, change, shown):
    change(User, school.gert.id, email=None)
    change(User, school.dora.id, email=None)
    assert "De mail bereikt elk gezin" in shown()


def test_who_works_here_does_not_find_the_other_guardian_of_the_own_child(school, do, shown):
    def work_here():
        db.session.add(StaffMember(user_id=school.carl.id, role="office"))
        db.session.add(trouble(school.inge))

    do(work_here)
    assert "De mail bereikt elk gezin" in shown(school.carl)
    assert "Inge" in shown()


def test_it_asks_the_same_number_of_questions_for_many(school, client_for, do, count_queries):
    client = client_for(school.otto)
    counts = []
    for addresses in ({}, {"email": None}):
        do(lambda values=addresses: take_addresses(values))
        client.get("/school/unreachable")
        with count_queries() as queries:
            assert client.get("/school/unreachable").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def take_addresses(values: dict) -> None:
    guardians = [place.user_id for place in db.session.query(Guardianship)]
    if values:
        db.session.query(User).filter(User.id.in_(guardians)).update(values)
