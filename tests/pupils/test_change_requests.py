"""'Not right?': a guardian asks, the office decides, the roster stays leading."""

import pytest

from portal.domain.change_requests import FIELDS
from portal.models.audit import AuditEntry
from portal.models.outbox import OutgoingMessage
from portal.models.pupils import ChangeRequest
from portal.models.roster import Guardianship, Pupil
from portal.models.school import School
from portal.worker import work_once


def ask(client, pupil, **fields):
    return client.post(f"/pupils/{pupil.id}/requests", data={"field": "surname", "wanted": "Vis"} | fields)


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


def verbs(rows):
    return [entry.verb for entry in rows(AuditEntry)]


class TestAsking:
    @pytest.mark.parametrize(
        ("fields", "kept"),
        [
            ({"field": "surname", "wanted": " Vis  ser-Bakker "}, "Vis ser-Bakker"),
            ({"field": "prefix", "wanted": "van der"}, "van der"),
            ({"field": "birth_date", "birth_date": "2020-03-15", "wanted": ""}, "2020-03-15"),
            ({"field": "other", "wanted": "Bram heet thuis Abe."}, "Bram heet thuis Abe."),
        ],
    )
    def test_it_is_kept_with_what_it_should_be(self, anna, school, rows, fields, kept):
        answer = ask(anna, school.bram, **fields)
        assert (answer.status_code, answer.location) == (303, f"/pupils/{school.bram.id}/requests")
        (request,) = rows(ChangeRequest)
        assert (request.field, request.wanted, request.asked_by) == (fields["field"], kept, school.anna.id)
        assert verbs(rows)[-1] == "ask_change"

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"field": ""}, "Kies wat niet klopt."),
            ({"field": "key"}, "Kies wat niet klopt."),
            ({"wanted": " "}, "Typ wat het moet zijn."),
            ({"wanted": "x" * 101}, "Gebruik hoogstens 100 tekens."),
            ({"field": "prefix", "wanted": "x" * 41}, "Gebruik hoogstens 40 tekens."),
            ({"wanted": "Visser"}, "Zo heeft school het al."),
            ({"field": "birth_date", "birth_date": "2020-03-14"}, "Zo heeft school het al."),
            ({"field": "birth_date", "birth_date": ""}, "Kies een geboortedatum in het verleden."),
            ({"field": "birth_date", "birth_date": "2030-01-01"}, "Kies een geboortedatum in het verleden."),
            ({"field": "birth_date", "birth_date": "gisteren"}, "Typ de datum als dag, maand en jaar."),
        ],
    )
    def test_it_says_at_the_field_what_is_wrong(self, anna, school, rows, fields, sentence):
        answer = ask(anna, school.bram, **fields)
        assert answer.status_code == 422
        assert sentence in answer.text and "<title>Fout: " in answer.text
        assert rows(ChangeRequest) == []

    def test_the_same_is_asked_once_and_five_wait_at_most(self, anna, client_for, school, rows):
        for number in range(7):
            ask(anna, school.bram, wanted=f"Vis {number % 6}")
        assert len(rows(ChangeRequest)) == 5
        answer = ask(anna, school.bram, wanted="Vis 9")
        assert answer.status_code == 422 and 'value="Vis 9"' in answer.text
        assert ask(anna, school.noor).status_code == 303
        assert ask(client_for(school.daan), school.bram).status_code == 303

    def test_the_other_guardian_sees_nothing_of_it(self, anna, client_for, school):
        daan = client_for(school.daan)
        pages = [f"/pupils/{school.bram.id}", f"/pupils/{school.bram.id}/requests"]
        before = [daan.get(page).text for page in pages]
        ask(anna, school.bram, field="other", wanted="Kanarie")
        assert [without_token(daan.get(page).text) for page in pages] == [without_token(t) for t in before]
        assert "Kanarie" in anna.get(pages[1]).text


def without_token(page):
    return [line for line in page.splitlines() if "csrf_token" not in line]


class TestWithdrawing:
    def test_an_open_one_is_taken_back(self, anna, school, rows):
        ask(anna, school.bram)
        assert anna.post(f"/requests/{rows(ChangeRequest)[0].id}/withdrawal").status_code == 303
        assert rows(ChangeRequest) == []
        assert verbs(rows)[-1] == "withdraw_request"

    def test_a_decided_one_is_not(self, anna, otto, school, rows):
        ask(anna, school.bram)
        number = rows(ChangeRequest)[0].id
        otto.post(f"/school/requests/{number}/acceptance")
        assert anna.post(f"/requests/{number}/withdrawal").status_code == 409
        assert len(rows(ChangeRequest)) == 1

    def test_nor_by_who_lost_the_child(self, anna, school, rows, change):
        ask(anna, school.bram)
        own = next(
            one
            for one in rows(Guardianship)
            if (one.pupil_id, one.user_id) == (school.bram.id, school.anna.id)
        )
        change(Guardianship, own.id, has_authority=False)
        assert anna.post(f"/requests/{rows(ChangeRequest)[0].id}/withdrawal").status_code == 404


class TestDeciding:
    @pytest.mark.parametrize(
        ("fields", "value"),
        [
            ({"field": "given_name", "wanted": "Abram"}, ("Abram", "", "Visser", "2020-03-14")),
            ({"field": "prefix", "wanted": "de"}, ("Bram", "de", "Visser", "2020-03-14")),
            ({"field": "surname", "wanted": "Vis"}, ("Bram", "", "Vis", "2020-03-14")),
            ({"field": "birth_date", "birth_date": "2020-01-02"}, ("Bram", "", "Visser", "2020-01-02")),
            ({"field": "other", "wanted": "Iets."}, ("Bram", "", "Visser", "2020-03-14")),
        ],
    )
    def test_taking_over_writes_the_roster(self, anna, otto, school, rows, fields, value):
        ask(anna, school.bram, **fields)
        before = rows(School)[0].roster_revision
        page = otto.get("/school/requests").text
        assert "Bram Visser" in page and "Anna Bakker" in page
        answer = otto.post(f"/school/requests/{rows(ChangeRequest)[0].id}/acceptance")
        assert answer.status_code == 303
        bram = rows(Pupil)[0]
        assert (bram.given_name, bram.prefix, bram.surname, str(bram.birth_date)) == value
        assert rows(School)[0].roster_revision == before + (fields["field"] != "other")
        assert verbs(rows)[-1] == "accept_request"
        assert "overgenomen" in anna.get(f"/pupils/{school.bram.id}/requests").text

    def test_leaving_it_needs_a_reason_that_only_the_asker_reads(self, anna, otto, client_for, school, rows):
        ask(anna, school.bram)
        path = f"/school/requests/{rows(ChangeRequest)[0].id}/refusal"
        assert "Visser" in otto.get(path).text
        assert otto.post(path, data={"reason": " "}).status_code == 422
        assert rows(ChangeRequest)[0].decided_at is None
        assert otto.post(path, data={"reason": "Op het paspoort staat Visser."}).status_code == 303
        assert rows(Pupil)[0].surname == "Visser"
        page = f"/pupils/{school.bram.id}/requests"
        assert "Op het paspoort staat Visser." in anna.get(page).text
        assert "paspoort" not in client_for(school.daan).get(page).text

    def test_it_is_decided_once(self, anna, otto, client_for, school, rows):
        ask(anna, school.bram)
        number = rows(ChangeRequest)[0].id
        otto.post(f"/school/requests/{number}/acceptance")
        hedy = client_for(school.hedy)
        assert hedy.post(f"/school/requests/{number}/acceptance").status_code == 409
        answer = hedy.post(f"/school/requests/{number}/refusal", data={"reason": "Nee."})
        assert answer.status_code == 422 and "Een collega heeft hier al over beslist." in answer.text
        assert [(one.accepted, one.decided_by) for one in rows(ChangeRequest)] == [(True, school.otto.id)]
        assert len(rows(OutgoingMessage)) == 1

    def test_a_child_keeps_a_name(self, anna, otto, school, rows, change):
        ask(anna, school.bram, field="given_name", wanted="Abe")
        number = rows(ChangeRequest)[0].id
        change(ChangeRequest, number, wanted="")
        change(Pupil, school.bram.id, surname="")
        assert otto.post(f"/school/requests/{number}/acceptance").status_code == 409
        assert rows(ChangeRequest)[0].decided_at is None

    def test_nobody_decides_about_the_own_child(self, client_for, otto, school, put, rows):
        put(
            Guardianship(
                pupil_id=school.lotte.id, user_id=school.otto.id, seat=2, created_at=rows(Pupil)[0].created_at
            )
        )
        ask(client_for(school.tess), school.lotte, field="other", wanted="Kanarie")
        number = rows(ChangeRequest)[0].id
        assert otto.post(f"/school/requests/{number}/acceptance").status_code == 404
        assert otto.get(f"/school/requests/{number}/refusal").status_code == 404
        assert "Kanarie" not in otto.get("/school/requests").text
        assert "Kanarie" in client_for(school.hedy).get("/school/requests").text

    def test_the_tabs_count_what_waits(self, anna, otto, school):
        assert "wacht" not in otto.get("/school/pupils").text.split("<h1")[1].split("<table")[0]
        ask(anna, school.bram)
        assert "één wacht" in otto.get("/school/pupils").text
        assert "één wacht" in otto.get("/school/groups").text

    def test_the_list_takes_as_many_queries_for_many(self, anna, otto, school, count_queries, put, rows):
        ask(anna, school.bram)
        otto.get("/school/requests")
        with count_queries() as few:
            otto.get("/school/requests")
        now = rows(ChangeRequest)[0].asked_at
        put(
            *[
                ChangeRequest(
                    pupil_id=school.bram.id,
                    asked_by=school.anna.id,
                    asked_at=now,
                    field=field,
                    wanted=f"X{n}",
                )
                for n in range(20)
                for field in FIELDS
                if field != "birth_date"
            ]
        )
        with count_queries() as many:
            assert "X19" in otto.get("/school/requests").text
        assert len(few) == len(many) <= 7


class TestMail:
    @pytest.fixture
    def decided(self, anna, otto, school, rows):
        ask(anna, school.bram, field="surname", wanted="Kanarie")
        number = rows(ChangeRequest)[0].id
        otto.post(f"/school/requests/{number}/refusal", data={"reason": "Papegaai."})
        return number

    def test_the_guardian_is_told_that_there_is_an_answer_and_no_more(self, app, decided, smtp):
        work_once(app)
        (mail,) = smtp.to("anna@lindeboog.example")
        assert any(link.endswith("/requests") for link in mail.links)
        for word in ("Bram", "Visser", "Kanarie", "Papegaai"):
            assert word not in mail.subject + mail.text + mail.html

    def test_not_who_has_the_child_no_more(self, app, decided, school, rows, change, smtp):
        own = next(
            one
            for one in rows(Guardianship)
            if (one.pupil_id, one.user_id) == (school.bram.id, school.anna.id)
        )
        change(Guardianship, own.id, revoked_at=own.created_at)
        work_once(app)
        assert rows(OutgoingMessage) == []


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("revocation", {}),
        ("authority", {"authority": "no"}),
    ],
)
def test_a_request_closes_when_nobody_is_left_to_read_the_answer(anna, otto, school, rows, path, form):
    ask(anna, school.bram)
    ask(anna, school.noor)
    place = next(
        one for one in rows(Guardianship) if one.user_id == school.anna.id and one.pupil_id == school.bram.id
    )
    otto.post(f"/school/guardianships/{place.id}/{path}", data=form | {"reason": "Uitspraak."})
    closed, waiting = rows(ChangeRequest)
    assert (closed.accepted, closed.decided_by) == (False, school.otto.id) and closed.decided_at
    assert closed.reason.startswith("Gesloten omdat ")
    assert waiting.decided_at is None
    assert rows(OutgoingMessage) == []
    assert otto.post(f"/school/requests/{closed.id}/acceptance").status_code == 409
    assert [one.surname for one in rows(Pupil) if one.id == school.bram.id] == ["Visser"]
