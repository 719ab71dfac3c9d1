"""An institution as guardian is somebody who acts for it, and is shown with it (R23)."""

from portal.models.accounts import User


def test_it_is_filled_in_shown_and_taken_away(office, school, rows):
    path = f"/school/pupils/{school.lotte.id}/guardians/new"
    form = {"given_name": "Els", "surname": "Jansen", "email": "els@schrikker.example", "language": "nl"}
    assert office.post(path, data={**form, "organisation": "William Schrikker"}).status_code == 303
    els = next(one for one in rows(User) if one.given_name == "Els")
    assert els.organisation == "William Schrikker"
    named = "Els Jansen (William Schrikker)"
    for page in (
        f"/school/pupils/{school.lotte.id}",
        f"/school/pupils/{school.lotte.id}/arrangement",
        f"/school/guardians/{els.id}",
        "/school/accounts",
        f"/school/pupils/{school.lotte.id}/leaving",
    ):
        assert named in office.get(page).text, page
    assert "namens een instelling" in office.get(f"/school/pupils/{school.lotte.id}/arrangement").text
    assert "Els Jansen, Lotte" not in office.get("/school/accounts").text
    office.send_back(f"/school/guardians/{els.id}/details", {**form, "organisation": ""})
    assert named not in office.get(f"/school/guardians/{els.id}").text


def test_an_institution_without_a_person_is_enough(office, school, rows):
    path = f"/school/pupils/{school.lotte.id}/guardians/new"
    answer = office.post(path, data={"organisation": "Jeugdbescherming", "language": "nl"})
    assert answer.status_code == 303
    assert "Jeugdbescherming" in office.get(f"/school/pupils/{school.lotte.id}").text


def test_somebody_has_to_be_named(office, school, rows):
    path = f"/school/pupils/{school.lotte.id}/guardians/new"
    assert office.post(path, data={"language": "nl"}).status_code == 422


def test_the_board_names_it_beside_the_number(office, client_for, school, change):
    change(User, school.carl.id, organisation="Jeugdbescherming")
    page = client_for(school.yara).get(f"/staff/today?group={school.group_6}").text
    assert "Carl Peters (Jeugdbescherming)" in page


def test_other_parents_do_not_read_it(client_for, school, change):
    change(User, school.carl.id, organisation="Jeugdbescherming")
    anna = client_for(school.anna)
    for path in ("/", f"/groups/{school.group_6}"):
        assert "Jeugdbescherming" not in anna.get(path).text
