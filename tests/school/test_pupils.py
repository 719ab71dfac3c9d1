import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.audit import AuditEntry
from portal.models.roster import Membership, Pupil
from portal.models.school import School
from tests.clients import versions_in

NEW = {
    "given_name": "Fenna",
    "prefix": "van den",
    "surname": "Berg",
    "birth_date": "2019-06-21",
    "year_group": "6",
}


def pupil_called(rows, name):
    return next(pupil for pupil in rows(Pupil) if pupil.given_name == name)


def groups_of(rows, pupil_id):
    return [
        (one.group_id, one.home)
        for one in rows(Membership)
        if one.pupil_id == pupil_id and one.ended_on is None
    ]


class TestList:
    def test_it_shows_the_school_in_order_of_surname(self, client_for, school):
        page = client_for(school.otto).get("/school/pupils").text
        assert page.index("Jansen, Lotte") < page.index("Peters, Sem") < page.index("Visser, Bram")
        assert "4 leerlingen" in page

    def test_it_begins_there(self, client_for, school):
        answer = client_for(school.otto).get("/school/")
        assert (answer.status_code, answer.location) == (303, "/school/pupils")

    @pytest.mark.parametrize("words", ["viss", "VISSER", "bram viss", "bram", "Brám", "3/4", "bram 3/4"])
    def test_it_finds_by_a_part_of_the_name_whatever_capitals_and_accents(self, client_for, school, words):
        page = client_for(school.otto).get("/school/pupils", query_string={"q": words}).text
        assert "Visser, Bram" in page
        assert "Jansen, Lotte" not in page

    @pytest.mark.parametrize("words", ["%", "_", "\\", "' OR 1=1 --", "x" * 5000, "\x00"])
    def test_it_finds_nobody_by_strange_words(self, client_for, school, words):
        answer = client_for(school.otto).get("/school/pupils", query_string={"q": words})
        assert answer.status_code == 200
        assert "Visser, Bram" not in answer.text or not words.strip("\x00")

    def test_it_shows_one_group(self, client_for, school):
        page = client_for(school.otto).get(f"/school/pupils?group={school.group_34}").text
        assert "Visser, Bram" in page
        assert "Peters, Sem" not in page

    @pytest.mark.parametrize(
        "address", ["?group=99999", "?group=9" + "9" * 30, "?group=x", "?page=99999", "?page=-1", "?page=x"]
    )
    def test_it_bears_a_strange_address(self, client_for, school, address):
        assert client_for(school.otto).get(f"/school/pupils{address}").status_code == 200

    @pytest.mark.parametrize("address", ["", "?q=veel", "?left=1"])
    def test_it_takes_as_many_queries_for_500_pupils(
        self, client_for, school, many_pupils, count_queries, address
    ):
        client = client_for(school.otto)
        with count_queries() as few:
            client.get(f"/school/pupils{address}")
        many_pupils(500)
        with count_queries() as many:
            page = client.get(f"/school/pupils{address}").text
        assert len(few) == len(many) <= 9
        if address == "?q=veel":
            assert "500 leerlingen" in page and "van 5<" in page


class TestAdding:
    def test_it_adds_a_child_to_its_group(self, client_for, school, rows):
        answer = client_for(school.otto).post("/school/pupils/new", data=NEW | {"home": school.group_6})
        fenna = pupil_called(rows, "Fenna")
        assert (answer.status_code, answer.location) == (303, f"/school/pupils/{fenna.id}")
        assert (fenna.prefix, fenna.surname, fenna.sort_key) == ("van den", "Berg", "berg  van den  fenna")
        assert groups_of(rows, fenna.id) == [(school.group_6, True)]
        assert "Berg, Fenna van den" in client_for(school.otto).get("/school/pupils?q=van den berg").text

    def test_it_counts_as_a_change_of_the_roster_and_is_recorded(self, client_for, school, rows):
        before = rows(School)[0].roster_revision
        client_for(school.otto).post("/school/pupils/new", data=NEW | {"home": school.group_6})
        assert rows(School)[0].roster_revision == before + 1
        entry = rows(AuditEntry)[-1]
        assert (entry.verb, entry.actor_id, entry.subject) == ("add_pupil", school.otto.id, "pupil")

    def test_it_adds_the_same_child_once(self, client_for, school, rows):
        client = client_for(school.otto)
        client.post("/school/pupils/new", data=NEW | {"home": school.group_6})
        answer = client.post("/school/pupils/new", data=NEW | {"home": school.group_6})
        assert answer.status_code == 422
        assert "staat al in de lijst" in answer.text
        assert 'value="Fenna"' in answer.text
        assert [pupil.given_name for pupil in rows(Pupil)].count("Fenna") == 1

    def test_it_keeps_twins_and_namesakes_apart(self, client_for, school, rows):
        client = client_for(school.otto)
        client.post("/school/pupils/new", data=NEW | {"home": 0})
        client.post("/school/pupils/new", data=NEW | {"home": 0, "given_name": "Fleur"})
        client.post("/school/pupils/new", data=NEW | {"home": 0, "birth_date": "2017-01-02"})
        assert len(rows(Pupil)) == 4 + 3

    @pytest.mark.parametrize(
        ("given", "surname"),
        [("Noor", ""), ("", "Sukarno"), ("Лев", "Толстой"), ("İpek", "Yılmaz"), ("X" * 60, "Æ'-s")],
    )
    def test_it_takes_every_name_that_people_have(self, client_for, school, rows, given, surname):
        client_for(school.otto).post(
            "/school/pupils/new", data={"given_name": given, "surname": surname, "home": 0}
        )
        newest = rows(Pupil)[-1]
        assert (newest.given_name, newest.surname) == (given, surname)

    def test_it_keeps_a_name_in_normal_form_on_one_line(self, client_for, school, rows):
        client_for(school.otto).post(
            "/school/pupils/new",
            data={"given_name": " Zoe\u0308\n\u202e ", "surname": "de   Boer", "home": 0},
        )
        assert (rows(Pupil)[-1].given_name, rows(Pupil)[-1].surname) == ("Zoë", "de Boer")

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"given_name": "", "surname": ""}, "Vul een voornaam of een achternaam in."),
            ({"given_name": "x" * 101}, "Gebruik hoogstens 100 tekens."),
            ({"birth_date": "31-02-2019"}, "Typ de datum als dag, maand en jaar."),
            ({"birth_date": "2031-01-01"}, "Kies een geboortedatum in het verleden."),
            ({"birth_date": "1019-01-01"}, "Typ de datum als dag, maand en jaar."),
            ({"year_group": "9"}, 'id="errors"'),
            ({"home": "99999"}, 'id="errors"'),
            ({"home": "x"}, 'id="errors"'),
        ],
    )
    def test_it_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(
        self, client_for, school, rows, wrong, sentence
    ):
        answer = client_for(school.otto).post("/school/pupils/new", data=NEW | {"home": 0} | wrong)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "<title>Fout: " in answer.text
        assert 'value="van den"' in answer.text
        assert len(rows(Pupil)) == 4


class TestChanging:
    def test_it_changes_name_and_birth_date(self, client_for, school, rows):
        client_for(school.otto).send_back(f"/school/pupils/{school.bram.id}/details", NEW)
        bram = rows(Pupil)[0]
        assert (bram.given_name, bram.prefix, str(bram.birth_date)) == ("Fenna", "van den", "2019-06-21")

    def test_the_second_of_two_writers_reads_what_stands_there_now_and_keeps_what_was_typed(
        self, client_for, school, rows
    ):
        otto, hedy = client_for(school.otto), client_for(school.hedy)
        path = f"/school/pupils/{school.bram.id}/details"
        seen = versions_in(otto.get(path))
        hedy.send_back(path, NEW | {"given_name": "Fien", "year_group": ""})
        refused = otto.post(path, data=NEW | seen)
        assert refused.status_code == 409
        assert "Iemand anders heeft dit net gewijzigd." in refused.text
        assert 'value="Fenna"' in refused.text
        assert "<bdi>Fien</bdi>" in refused.text and "<bdi>niet bekend</bdi>" in refused.text
        assert rows(Pupil)[0].given_name == "Fien"
        assert otto.post(path, data=NEW | versions_in(refused)).status_code == 303
        assert rows(Pupil)[0].given_name == "Fenna"

    def test_a_form_that_does_not_say_what_it_is_about_changes_nothing(self, client_for, school, rows):
        answer = client_for(school.otto).post(f"/school/pupils/{school.bram.id}/details", data=NEW)
        assert answer.status_code == 409
        assert rows(Pupil)[0].given_name == "Bram"

    def test_it_keeps_the_page_when_the_name_is_gone(self, client_for, school, rows):
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.bram.id}/details", data={"given_name": "", "surname": ""}
        )
        assert answer.status_code == 422
        assert rows(Pupil)[0].given_name == "Bram"

    def test_it_moves_a_child_from_today_on(self, client_for, school, rows):
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.bram.id}/groups", data={"home": school.group_6}
        )
        assert answer.status_code == 303
        assert groups_of(rows, school.bram.id) == [(school.group_6, True)]
        ended = next(one for one in rows(Membership) if one.pupil_id == school.bram.id and one.ended_on)
        assert (ended.group_id, ended.ended_on) == (school.group_34, clock.today())

    def test_a_move_back_on_the_same_day_leaves_no_trace(self, client_for, school, rows):
        client = client_for(school.otto)
        for group in (school.group_6, school.group_34, school.group_34):
            client.post(f"/school/pupils/{school.bram.id}/groups", data={"home": group})
        mine = [one for one in rows(Membership) if one.pupil_id == school.bram.id]
        assert [(one.group_id, one.ended_on is None) for one in mine] == [
            (school.group_34, False),
            (school.group_34, True),
        ]

    def test_it_puts_a_child_in_another_group_beside_its_own(self, client_for, school, rows):
        client = client_for(school.otto)
        for _twice in range(2):
            client.post(
                f"/school/pupils/{school.bram.id}/groups",
                data={"home": school.group_34, "extra": [school.group_6]},
            )
        assert sorted(groups_of(rows, school.bram.id)) == [(school.group_34, True), (school.group_6, False)]

    def test_the_home_group_is_no_extra_group_as_well(self, client_for, school, rows):
        client_for(school.otto).post(
            f"/school/pupils/{school.bram.id}/groups",
            data={"home": school.group_34, "extra": [school.group_34]},
        )
        assert groups_of(rows, school.bram.id) == [(school.group_34, True)]

    def test_it_knows_no_other_groups(self, client_for, school, rows):
        client = client_for(school.otto)
        for wrong in ({"home": 99999}, {"home": school.group_34, "extra": [99999]}):
            assert client.post(f"/school/pupils/{school.bram.id}/groups", data=wrong).status_code == 422
        assert groups_of(rows, school.bram.id) == [(school.group_34, True)]


class TestLeaving:
    def test_it_asks_first_and_names_the_guardians(self, client_for, school):
        page = client_for(school.otto).get(f"/school/pupils/{school.bram.id}/leaving").text
        assert "Anna Bakker" in page and "Daan Visser" in page

    def test_a_child_that_left_is_gone_for_its_guardians_and_stays_for_the_office(
        self, client_for, school, rows
    ):
        office = client_for(school.otto)
        for _twice in range(2):
            answer = office.post(f"/school/pupils/{school.bram.id}/leaving", data={"left_on": "2026-11-20"})
            assert answer.status_code == 303
        assert str(pupil_called(rows, "Bram").left_on) == "2026-11-20"
        assert groups_of(rows, school.bram.id) == []
        assert "Visser, Bram" not in office.get("/school/pupils").text
        assert "Visser, Bram" in office.get("/school/pupils?left=1").text
        assert client_for(school.daan).get(f"/absence?pupil={school.bram.id}").text.count("Bram") == 0

    def test_it_needs_a_day(self, client_for, school, rows):
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.bram.id}/leaving", data={"left_on": "x"}
        )
        assert answer.status_code == 422
        assert pupil_called(rows, "Bram").archived_at is None

    def test_it_comes_back_with_its_guardians(self, client_for, school, rows):
        office = client_for(school.otto)
        office.post(f"/school/pupils/{school.bram.id}/leaving", data={"left_on": "2026-11-20"})
        for _twice in range(2):
            answer = office.post(f"/school/pupils/{school.bram.id}/return")
            assert answer.location == f"/school/pupils/{school.bram.id}/groups"
        assert pupil_called(rows, "Bram").archived_at is None
        assert "Anna Bakker" in office.get(f"/school/pupils/{school.bram.id}").text

    def test_nobody_joins_a_group_or_gets_a_guardian_meanwhile(self, client_for, school, rows):
        office = client_for(school.otto)
        office.post(f"/school/pupils/{school.lotte.id}/leaving", data={"left_on": "2026-11-20"})
        moved = office.post(f"/school/pupils/{school.lotte.id}/groups", data={"home": school.group_6})
        added = office.post(
            f"/school/pupils/{school.lotte.id}/guardians/new", data={"surname": "Nieuw", "language": "nl"}
        )
        assert (moved.status_code, added.status_code) == (422, 422)
        assert groups_of(rows, school.lotte.id) == []

    def test_the_same_child_is_not_made_anew(self, client_for, school, app):
        with app.app_context():
            start_writing()
            db.session.get_one(Pupil, school.bram.id).birth_date = None
            db.session.commit()
        office = client_for(school.otto)
        office.post(f"/school/pupils/{school.bram.id}/leaving", data={"left_on": "2026-11-20"})
        answer = office.post(
            "/school/pupils/new", data={"given_name": "Bram", "surname": "Visser", "home": 0}
        )
        assert answer.status_code == 422
        assert "eerder op deze school" in answer.text
