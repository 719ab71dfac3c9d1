"""No contact: the access ends at once, and comes back by no form and no list."""

from html import unescape

import pytest

from portal import clock
from portal.access import Viewer, shared_fields_visible_to
from portal.extensions import db, start_writing
from portal.models.accounts import LoginSession, StaffMember, User
from portal.models.arrangements import ArrangementEntry, Barring
from portal.models.directory import SharedField
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship

REASON = "Contactverbod van de rechter."


def bar(client, pupil, who, reason=REASON, **data):
    return client.post(f"/school/pupils/{pupil.id}/barrings/new", data={"who": who, "reason": reason, **data})


def test_the_access_ends_at_once_with_session_and_mail(client_for, office, school, rows, app):
    carl = client_for(school.carl)
    assert carl.get("/").status_code == 200
    with app.app_context():
        start_writing()
        db.session.add(
            OutgoingMessage(
                kind="child_added", user_id=school.carl.id, message_id="<1@test>",
                created_at=clock.now(), due_at=clock.now(),
            )
        )  # fmt: skip
        db.session.commit()
    answer = bar(office, school.sem, school.carl.id)
    assert (answer.status_code, answer.location) == (303, f"/school/pupils/{school.sem.id}/arrangement")
    assert carl.get("/").status_code == 303
    assert all(one.ended_at for one in rows(LoginSession) if one.user_id == school.carl.id)
    assert rows(OutgoingMessage) == []
    assert [one.what for one in rows(ArrangementEntry)] == ["barred", "ended"]
    assert [(one.reason, one.barred_by, one.lifted_at) for one in rows(Barring)] == [
        (REASON, school.otto.id, None)
    ]


def test_other_children_stay(client_for, office, school):
    anna = client_for(school.anna)
    bar(office, school.noor, school.anna.id)
    page = anna.get("/absence/report").text
    assert "Bram" in page and "Noor" not in page


def test_the_office_reads_it_on_the_pupils_page(office, school):
    bar(office, school.sem, school.carl.id)
    for path in ("", "/arrangement"):
        page = unescape(office.get(f"/school/pupils/{school.sem.id}{path}").text)
        assert "Geen contact: Carl Peters" in page
        assert f"Sinds 24 november 2026: {REASON}" in page


def test_no_form_brings_them_back(office, school, rows):
    bar(office, school.sem, school.carl.id)
    path = f"/school/pupils/{school.sem.id}/guardians/new"
    known = {"email": "carl@lindeboog.example", "known": school.carl.id, "language": "nl"}
    same_name = {"given_name": "Carl", "surname": "Peters", "email": "nieuw@peters.example", "language": "nl"}
    for data in (known, same_name):
        answer = office.post(path, data={**data, "has_authority": "y"})
        assert answer.status_code == 422
        assert f"Carl Peters mag geen contact hebben met Sem Peters, sinds 24 november 2026: {REASON}" in (
            unescape(answer.text)
        )
    assert [
        one.user_id for one in rows(Guardianship) if one.pupil_id == school.sem.id and not one.revoked_at
    ] == [school.inge.id]


def test_another_child_of_the_same_family_is_another_matter(office, school, place):
    bar(office, school.sem, school.carl.id)
    office.post(
        f"/school/pupils/{school.lotte.id}/guardians/new",
        data={"email": "carl@lindeboog.example", "known": school.carl.id, "language": "nl"},
    )
    assert place(school.carl, school.lotte)


def test_somebody_whom_school_did_not_know(office, school, rows):
    answer = bar(office, school.sem, "other", given_name="Rob", surname="Kuis", email="rob@kuis.example")
    assert answer.status_code == 303
    rob = next(one for one in rows(User) if one.given_name == "Rob")
    assert (rob.email, [one.user_id for one in rows(Barring)]) == ("rob@kuis.example", [rob.id])


def test_somebody_whom_school_knows_by_address(office, school, rows):
    bar(office, school.sem, "other", surname="Mulder", email="DORA@lindeboog.example")
    assert [one.user_id for one in rows(Barring)] == [school.dora.id]


def test_somebody_who_was_a_guardian_before(office, school, rows):
    path, choice = f"/school/pupils/{school.bram.id}/barrings/new", f'name="who" value="{school.dora.id}"'
    assert choice in office.get(path).text
    assert bar(office, school.bram, school.dora.id).status_code == 303
    assert choice not in office.get(path).text


@pytest.mark.parametrize(
    ("who", "data", "sentence"),
    [
        ("", {}, "Kies wie het is."),
        ("99999", {}, 'id="errors"'),
        ("other", {}, "Vul een voornaam of een achternaam in."),
        ("other", {"surname": "Kuis", "email": "rob"}, "Dit is geen e-mailadres."),
        (
            "other",
            {"surname": "Vos", "email": "otto@lindeboog.example"},
            "Dit kunt u niet over uzelf beslissen.",
        ),
    ],
)
def test_it_says_what_is_wrong(office, school, rows, who, data, sentence):
    answer = bar(office, school.sem, who, **data)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert REASON in answer.text
    assert rows(Barring) == []


def test_it_needs_a_reason_and_holds_once(office, school, rows):
    assert bar(office, school.sem, school.carl.id, reason=" ").status_code == 422
    bar(office, school.sem, school.carl.id)
    assert bar(office, school.sem, school.carl.id, reason="Nog een keer.").status_code == 422
    somebody = {"surname": "P", "email": "carl@lindeboog.example", "reason": "Nog een keer."}
    assert bar(office, school.sem, "other", **somebody).status_code == 422
    assert len(rows(Barring)) == 1


def test_lifting_gives_no_access_back_but_lets_one_be_added(client_for, office, school, rows, place):
    bar(office, school.sem, school.carl.id)
    barring = rows(Barring)[0]
    path = f"/school/barrings/{barring.id}/lifting"
    assert "Access" not in office.get(path).text
    assert office.post(path, data={"reason": ""}).status_code == 422
    assert office.post(path, data={"reason": "Uitspraak verlopen."}).status_code == 303
    assert office.post(path, data={"reason": "Nog eens."}).status_code == 422
    assert client_for(school.carl).get(f"/pupils/{school.sem.id}/absences").status_code == 404
    assert "Geen contact" not in office.get(f"/school/pupils/{school.sem.id}").text
    office.post(
        f"/school/pupils/{school.sem.id}/guardians/new",
        data={"email": "carl@lindeboog.example", "known": school.carl.id, "language": "nl"},
    )
    assert place(school.carl, school.sem)
    assert bar(office, school.sem, school.carl.id).status_code == 303
    assert [one.what for one in rows(ArrangementEntry)][:3] == ["barred", "ended", "lifted"]


def test_who_works_here_does_not_have_the_pupil_as_staff_either(client_for, office, school, app):
    """Yara teaches groep 6, and Bea is administrator; neither may have contact with Sem."""
    with app.app_context():
        start_writing()
        for person in (school.yara, school.bea):
            db.session.add(
                Barring(pupil_id=school.sem.id, user_id=person.id, reason="r", barred_at=clock.now())
            )
        db.session.commit()
    for person in (school.yara, school.bea):
        client = client_for(person)
        assert "Sem" not in client.get(f"/staff/today?group={school.group_6}").text
        assert client.get(f"/pupils/{school.sem.id}/absences").status_code == 404
        assert client.get(f"/staff/pupils/{school.sem.id}/absences/new").status_code == 404
        assert "Noor" in client.get(f"/staff/today?group={school.group_6}").text
    bea = client_for(school.bea)
    assert bea.get(f"/school/pupils/{school.sem.id}").status_code == 404
    assert bea.get(f"/school/pupils/{school.sem.id}/arrangement").status_code == 404
    assert bea.get(f"/school/guardians/{school.carl.id}").status_code == 404
    assert "Carl" not in bea.get("/school/accounts?show=activated").text
    assert "Sem" in office.get(f"/staff/today?group={school.group_6}").text


def test_who_may_have_no_contact_sees_nothing_of_the_guardians_in_the_group(school, app):
    """Carl keeps seeing what parents of the group show, but nothing of the guardians of a barred child."""
    with app.app_context():
        start_writing()
        db.session.add_all(
            [
                SharedField(user_id=one.id, group_id=school.group_6, field="phone", shown_at=clock.now())
                for one in (school.anna, school.tess)
            ]
        )
        db.session.flush()
        scope = shared_fields_visible_to(Viewer(id=school.carl.id))
        query = db.select(SharedField.user_id).where(scope).order_by(SharedField.user_id)
        assert list(db.session.scalars(query)) == [school.anna.id, school.tess.id]
        db.session.add(
            Barring(pupil_id=school.noor.id, user_id=school.carl.id, reason="r", barred_at=clock.now())
        )
        db.session.flush()
        assert list(db.session.scalars(query)) == [school.tess.id]


def test_a_member_of_staff_can_be_barred_and_stays_staff(client_for, office, school, rows):
    bar(office, school.lotte, school.tess.id)
    assert client_for(school.tess).get("/staff/today").status_code == 200
    assert [one.left_at for one in rows(StaffMember) if one.user_id == school.tess.id] == [None]


def test_the_other_children_are_offered_ticked_and_barred_with_the_same_reason(office, school, rows):
    """Anna is guardian of Bram and Noor."""
    page = unescape(office.get(f"/school/pupils/{school.bram.id}/barrings/new").text)
    key = f"{school.anna.id}-{school.noor.id}"
    assert f'value="{key}" checked' in page and "ook voor Noor Smit, groep 6" in page
    assert bar(office, school.bram, school.anna.id, also=[key]).status_code == 303
    assert {(one.pupil_id, one.reason) for one in rows(Barring)} == {
        (school.bram.id, REASON), (school.noor.id, REASON)
    }  # fmt: skip
    assert [one.pupil_id for one in rows(ArrangementEntry) if one.what == "barred"] == [
        school.bram.id, school.noor.id
    ]  # fmt: skip


def test_a_child_of_somebody_else_who_is_listed_is_left_alone(office, school, rows):
    bar(office, school.bram, school.daan.id, also=[f"{school.anna.id}-{school.noor.id}"])
    assert [(one.pupil_id, one.user_id) for one in rows(Barring)] == [(school.bram.id, school.daan.id)]


def test_a_brother_or_sister_without_it_is_named_on_both_pages(office, school):
    """Daan may not meet Bram; Anna is guardian of Bram and of Noor."""
    bar(office, school.bram, school.daan.id)
    for pupil in (school.bram, school.noor):
        page = unescape(office.get(f"/school/pupils/{pupil.id}/arrangement").text)
        assert "mag geen contact hebben met Bram; bij Noor is daarover niets vastgelegd." in page
        assert f"/school/pupils/{school.noor.id}/barrings/new?who={school.daan.id}" in page
    bar(office, school.noor, "other", surname="D", email="daan@lindeboog.example")
    assert "niets vastgelegd" not in office.get(f"/school/pupils/{school.bram.id}/arrangement").text


def test_the_form_refuses_a_strange_child(office, school, rows):
    assert bar(office, school.bram, school.anna.id, also=["x-1"]).status_code == 422
    assert rows(Barring) == []
