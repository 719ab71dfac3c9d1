"""How parents reach a teacher: /profile/reach by oneself, /school/staff/<id> by who leads the school."""

import pytest

from portal.models.accounts import StaffMember
from portal.models.audit import AuditEntry


def place(rows, person):
    return next(one for one in rows(StaffMember) if one.user_id == person.id)


def test_a_teacher_says_it_and_the_parents_of_the_group_see_it(client_for, school, rows):
    tim = client_for(school.tim)
    answer = tim.post(
        "/profile/reach", data={"work_email": "Tim.Kok@School.example ", "reach": "Na 15.00 uur."}
    )
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert "tim.kok@school.example · Na 15.00 uur." in tim.get("/profile").text
    page = client_for(school.anna).get(f"/groups/{school.group_34}").text
    assert "mailto:tim.kok@school.example" in page and "Na 15.00 uur." in page
    assert "tim.kok" not in client_for(school.anna).get(f"/groups/{school.group_6}").text
    assert rows(AuditEntry)[-1].verb == "change_reach"


def test_what_is_emptied_is_not_shown_any_more(client_for, school, rows):
    tim = client_for(school.tim)
    tim.post("/profile/reach", data={"work_email": "tim.kok@school.example", "reach": "Bel gerust."})
    tim.post("/profile/reach", data={"work_email": "", "reach": ""})
    assert (place(rows, school.tim).work_email, place(rows, school.tim).reach) == (None, None)
    page = client_for(school.anna).get(f"/groups/{school.group_34}").text
    assert "mailto:" not in page and "Bel gerust." not in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"work_email": "geen adres"}, "Dit is geen e-mailadres."),
        ({"reach": "x" * 161}, "Gebruik hoogstens 160 tekens."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client_for, school, rows, fields, sentence):
    answer = client_for(school.tim).post("/profile/reach", data={"work_email": "", "reach": "", **fields})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert next(iter(fields.values())) in answer.text
    assert place(rows, school.tim).reach is None


def test_for_a_parent_there_is_no_such_page(client_for, school):
    anna = client_for(school.anna)
    assert anna.get("/profile/reach").status_code == 404
    assert anna.post("/profile/reach", data={}).status_code == 404
    assert "/profile/reach" not in anna.get("/profile").text


def test_who_left_the_school_has_no_such_page_any_more(client_for, school):
    """Tess stays Lotte's mother, with the same login."""
    tess = client_for(school.tess)
    client_for(school.bea).post(f"/school/staff/{school.tess.id}/leaving")
    assert tess.get("/profile").status_code == 200
    assert tess.get("/profile/reach").status_code == 404
    assert tess.post("/profile/reach", data={"reach": "Bel mij."}).status_code == 404
    assert "<bdi>Juf Tess</bdi>" not in client_for(school.anna).get(f"/groups/{school.group_34}").text


def test_who_leads_the_school_changes_it_in_the_form_of_the_staff(client_for, school, rows):
    hedy = client_for(school.hedy)
    data = {
        "given_name": "Tim", "surname": "Kok", "email": school.tim.email, "language": "nl", "role": "teacher",
        "called": "meester Tim", "work_email": "tim@school.example", "reach": "Liever bellen.",
    }  # fmt: skip
    assert hedy.send_back(f"/school/staff/{school.tim.id}", data).status_code == 303
    form = hedy.get(f"/school/staff/{school.tim.id}").text
    assert 'value="tim@school.example"' in form and 'value="Liever bellen."' in form
    wrong = hedy.post(f"/school/staff/{school.tim.id}", data=data | {"work_email": "tim@"})
    assert wrong.status_code == 422
    assert 'id="work_email-error"' in wrong.text
    assert place(rows, school.tim).work_email == "tim@school.example"
