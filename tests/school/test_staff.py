import pytest

from portal.models.accounts import Invitation, LoginSession, StaffMember, User
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Teaching
from tests.clients import versions_in

NEW = {
    "given_name": "Marieke", "prefix": "de", "surname": "Wit", "called": "juf Marieke",
    "email": "marieke@lindeboog.example", "role": "teacher", "language": "nl",
}  # fmt: skip


def member(rows, user_id):
    return next((one for one in rows(StaffMember) if one.user_id == user_id), None)


def form_of(person, **changes):
    return {
        "given_name": person.given_name, "surname": person.surname, "email": person.email, "language": "nl",
    } | changes  # fmt: skip


def test_only_leaders_decide_who_works_here(client_for, school):
    office = client_for(school.otto)
    for address in ("", "/new", f"/{school.tess.id}", f"/{school.tess.id}/leaving"):
        assert office.get(f"/school/staff{address}").status_code == 404
    assert client_for(school.hedy).get("/school/staff").status_code == 200
    assert "/school/staff" not in office.get("/school/settings").text


def test_it_lists_who_works_here(client_for, school):
    page = client_for(school.bea).get("/school/staff").text
    assert page.index("Blom, Bea") < page.index("Jansen, Tess") < page.index("Vos, Otto")
    assert "juf Tess" in page and "Groep 3/4" in page


class TestAdding:
    def test_somebody_new_is_invited_at_once(self, client_for, school, rows):
        answer = client_for(school.bea).post("/school/staff/new", data=NEW)
        assert answer.status_code == 303
        marieke = rows(User)[-1]
        assert (member(rows, marieke.id).role, member(rows, marieke.id).called) == ("teacher", "juf Marieke")
        assert [(one.kind, one.user_id) for one in rows(OutgoingMessage)] == [("invitation", marieke.id)]
        assert rows(Invitation)[0].user_id == marieke.id

    def test_a_guardian_stays_one_person_with_one_login(self, client_for, school, rows):
        people = len(rows(User))
        bea = client_for(school.bea)
        form = NEW | {"email": "Carl@lindeboog.example"}
        shown = bea.post("/school/staff/new", data=form)
        assert shown.status_code == 422
        assert "carl@lindeboog.example is van Carl Peters." in shown.text
        bea.post("/school/staff/new", data=form | {"known": school.carl.id})
        assert len(rows(User)) == people
        assert member(rows, school.carl.id).role == "teacher"
        assert rows(OutgoingMessage) == []
        assert client_for(school.carl).get("/staff/today").status_code == 200

    def test_who_is_called_like_somebody_else_is_told_apart_and_the_office_is_told(
        self, client_for, school, rows, talks
    ):
        bea, warning = client_for(school.bea), "Iemand anders heet hier ook juf Tess."
        answer = bea.post("/school/staff/new", data=NEW | {"called": "juf Tess"})
        assert warning in bea.get(answer.location).text
        table = client_for(school.otto).get(f"/school/meetings/{talks.round}/tables/{talks.host_6}").text
        assert "juf Tess (Marieke de Wit)" in table and "juf Tess (Tess Jansen)" in table
        marieke = rows(User)[-1].id
        path = f"/school/staff/{marieke}"
        for called, is_said in (("juf Tess", True), ("juf Tess W", False)):
            answer = bea.send_back(path, NEW | {"called": called})
            assert (warning in bea.get(answer.location).text) == is_said

    def test_nobody_works_here_twice(self, client_for, school, rows):
        answer = client_for(school.bea).post(
            "/school/staff/new", data=NEW | {"email": "tess@lindeboog.example", "known": school.tess.id}
        )
        assert answer.status_code == 422
        assert "Tess Jansen werkt al op deze school." in answer.text

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"email": ""}, "Vul een e-mailadres in: daarmee loggen medewerkers in."),
            ({"given_name": "", "surname": "", "prefix": ""}, "Vul een voornaam of een achternaam in."),
            ({"role": "boss"}, 'id="errors"'),
            ({"role": ""}, 'id="errors"'),
            ({"called": "x" * 61}, "Gebruik hoogstens 60 tekens."),
        ],
    )
    def test_it_says_what_is_wrong(self, client_for, school, rows, wrong, sentence):
        people = len(rows(User))
        answer = client_for(school.bea).post("/school/staff/new", data=NEW | wrong)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'value="juf Marieke"' in answer.text or "called" in wrong
        assert len(rows(User)) == people


class TestChanging:
    def test_a_new_role_counts_at_once(self, client_for, school, rows):
        tim = client_for(school.tim)
        assert tim.get("/school/pupils").status_code == 404
        client_for(school.bea).send_back(f"/school/staff/{school.tim.id}", form_of(school.tim, role="office"))
        assert tim.get("/school/pupils").status_code == 200

    def test_somebody_leads(self, client_for, school, rows):
        bea = client_for(school.bea)
        bea.send_back(f"/school/staff/{school.hedy.id}", form_of(school.hedy, role="teacher"))
        answer = bea.send_back(f"/school/staff/{school.bea.id}", form_of(school.bea, role="office"))
        assert answer.status_code == 422
        assert "Er moet iemand directie of beheerder zijn." in answer.text
        assert member(rows, school.bea.id).role == "admin"
        left = bea.post(f"/school/staff/{school.bea.id}/leaving")
        assert "Er moet iemand directie of beheerder zijn." in bea.get(left.location).text
        assert member(rows, school.bea.id).left_at is None

    def test_an_address_of_somebody_else_is_refused(self, client_for, school, rows):
        answer = client_for(school.bea).send_back(
            f"/school/staff/{school.tim.id}",
            form_of(school.tim, email="anna@lindeboog.example", role="teacher"),
        )
        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text

    @pytest.mark.parametrize(
        ("changed", "shown"), [({"role": "office"}, "Administratie"), ({"given_name": "Timo"}, "Timo")]
    )
    def test_the_second_of_two_writers_reads_what_stands_there_now_and_keeps_what_was_typed(
        self, client_for, school, rows, changed, shown
    ):
        bea, path = client_for(school.bea), f"/school/staff/{school.tim.id}"
        mine = form_of(school.tim, role="teacher", called="meester T")
        seen = versions_in(bea.get(path))
        client_for(school.hedy).send_back(path, form_of(school.tim, role="teacher") | changed)
        refused = bea.post(path, data=mine | seen)
        assert refused.status_code == 409
        assert "Iemand anders heeft dit net gewijzigd." in refused.text
        assert 'value="meester T"' in refused.text and f"<bdi>{shown}</bdi>" in refused.text
        assert member(rows, school.tim.id).called == ""
        assert bea.post(path, data=mine | versions_in(refused)).status_code == 303
        tim = member(rows, school.tim.id)
        assert (tim.called, tim.role) == ("meester T", "teacher")

    def test_a_parent_is_no_staff(self, client_for, school):
        bea = client_for(school.bea)
        assert bea.get(f"/school/staff/{school.anna.id}").status_code == 404
        answer = bea.post(f"/school/staff/{school.anna.id}", data=form_of(school.anna, role="admin"))
        assert answer.status_code == 404


class TestLeaving:
    def test_who_leaves_has_no_access_and_no_group(self, client_for, school, rows):
        tim, bea = client_for(school.tim), client_for(school.bea)
        for _twice in range(2):
            assert bea.post(f"/school/staff/{school.tim.id}/leaving").status_code == 303
        assert tim.get("/staff/today").status_code == 303
        assert all(one.ended_at for one in rows(LoginSession) if one.user_id == school.tim.id)
        assert all(one.ended_on for one in rows(Teaching) if one.user_id == school.tim.id)
        assert "Kok, Tim" in bea.get("/school/staff?left=1").text

    def test_who_is_also_a_guardian_keeps_that(self, client_for, school):
        tess = client_for(school.tess)
        client_for(school.bea).post(f"/school/staff/{school.tess.id}/leaving")
        assert tess.get("/staff/today").status_code == 404
        assert "Lotte" in tess.get("/absence/report").text

    def test_who_comes_back_has_the_same_role(self, client_for, school, rows):
        bea = client_for(school.bea)
        bea.post(f"/school/staff/{school.yara.id}/leaving")
        bea.post(f"/school/staff/{school.yara.id}/return")
        assert (member(rows, school.yara.id).role, member(rows, school.yara.id).left_at) == ("teacher", None)
