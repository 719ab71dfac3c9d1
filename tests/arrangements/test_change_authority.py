"""Who decides for the child, from this moment and with a reason (R21)."""

from portal.models.arrangements import ArrangementEntry
from portal.models.school import School


def post(client, one, **data):
    return client.post(f"/school/guardianships/{one.id}/authority", data=data)


def test_without_authority_one_has_information_on_request_at_once(client_for, office, school, place, rows):
    carl = client_for(school.carl)
    assert "Sem" in carl.get("/absence/report").text
    revision = rows(School)[0].roster_revision
    answer = post(office, place(school.carl, school.sem), authority="no", reason="Uitspraak van 3 mei.")
    assert answer.status_code == 303
    assert carl.get(f"/pupils/{school.sem.id}/absences").status_code == 404
    assert "Vraag school om informatie" in carl.get("/").text
    assert rows(School)[0].roster_revision == revision + 1
    post(office, place(school.carl, school.sem), authority="yes", reason="Hersteld.")
    assert carl.get(f"/pupils/{school.sem.id}/absences").status_code == 200
    assert carl.get(f"/pupils/{school.sem.id}/information").status_code == 404
    assert [(one.what, one.about, one.reason) for one in rows(ArrangementEntry)] == [
        ("no_authority", school.carl.id, "Uitspraak van 3 mei."),
        ("authority", school.carl.id, "Hersteld."),
    ]


def test_it_needs_a_reason(office, school, place, rows):
    answer = post(office, place(school.carl, school.sem), authority="no", reason="")
    assert answer.status_code == 422
    assert place(school.carl, school.sem).has_authority
    assert rows(ArrangementEntry) == []


def test_who_comes_second_or_after_the_end_is_refused(office, school, place, rows):
    one = place(school.carl, school.sem)
    post(office, one, authority="no", reason="Een.")
    answer = post(office, one, authority="no", reason="Twee.")
    assert answer.status_code == 422 and "Een collega heeft dit zojuist gewijzigd" in answer.text
    office.post(f"/school/guardianships/{one.id}/revocation", data={"reason": "Op verzoek."})
    assert post(office, one, authority="yes", reason="Drie.").status_code == 404


def test_a_guardian_added_without_authority_stands_in_the_history(office, school, rows):
    office.post(
        f"/school/pupils/{school.lotte.id}/guardians/new", data={"given_name": "Nora", "language": "nl"}
    )
    assert [one.what for one in rows(ArrangementEntry)] == ["added", "no_authority"]
