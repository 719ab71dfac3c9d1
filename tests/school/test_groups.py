import re

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.arrangements import Barring
from portal.models.audit import AuditEntry
from portal.models.roster import Group, Teaching
from portal.models.school import School


def group(rows, number):
    return next(one for one in rows(Group) if one.id == number)


def teachers(rows, number):
    return {
        one.user_id: one.weekdays for one in rows(Teaching) if one.group_id == number and not one.ended_on
    }


def test_it_lists_groups_with_teachers_and_pupils(client_for, school):
    page = client_for(school.otto).get("/school/groups").text
    assert page.index("Groep 3/4") < page.index("Groep 6")
    assert "juf Tess" in page and "meester Tim" in page


def test_it_counts_the_pupils_whom_the_reader_finds_in_the_group(client_for, school, app):
    def counted(reader):
        page = client_for(reader).get("/school/groups").text
        return re.findall(r'data-label="Leerlingen">(\d+)<', page)

    assert counted(school.otto) == counted(school.hedy) == ["1", "3"]
    with app.app_context():
        start_writing()
        db.session.add(
            Barring(pupil_id=school.sem.id, user_id=school.otto.id, reason="x", barred_at=clock.now())
        )
        db.session.commit()
    assert (counted(school.otto), counted(school.hedy)) == (["1", "2"], ["1", "3"])


def test_it_takes_as_many_queries_for_500_pupils(client_for, school, many_pupils, count_queries):
    client = client_for(school.otto)
    addresses = ("/school/groups", f"/school/groups/{school.group_6}")
    with count_queries() as few:
        for address in addresses:
            client.get(address)
    many_pupils(500)
    with count_queries() as many:
        for address in addresses:
            client.get(address)
    assert len(few) == len(many) <= 13


class TestAdding:
    @pytest.mark.parametrize(
        ("name", "years", "column"),
        [("Uilen", [4, 5], "4,5"), ("1/2/3", [3, 1, 2], "1,2,3"), ("Instroom", [0], "0"), ("Ж", [], "")],
    )
    def test_it_takes_a_free_name_and_a_set_of_year_groups(
        self, client_for, school, rows, name, years, column
    ):
        answer = client_for(school.otto).post("/school/groups/new", data={"name": name, "year_groups": years})
        newest = rows(Group)[-1]
        assert answer.location == f"/school/groups/{newest.id}"
        assert (newest.name, newest.year_groups, newest.composite) == (name, column, False)
        assert rows(AuditEntry)[-1].verb == "add_group"

    def test_a_name_is_there_once_a_year(self, client_for, school, rows):
        answer = client_for(school.otto).post("/school/groups/new", data={"name": "6", "year_groups": [6]})
        assert answer.status_code == 422
        assert "al een groep die 6 heet" in answer.text
        assert len(rows(Group)) == 2

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [({"name": " "}, "Vul de naam van de groep in."), ({"year_groups": [9]}, 'id="errors"'),
         ({"name": "x" * 65}, "Gebruik hoogstens 64 tekens.")],
    )  # fmt: skip
    def test_it_says_what_is_wrong(self, client_for, school, rows, wrong, sentence):
        answer = client_for(school.otto).post("/school/groups/new", data={"name": "7"} | wrong)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert len(rows(Group)) == 2


class TestChanging:
    def test_it_changes_name_and_order(self, client_for, school, rows):
        before = rows(School)[0].roster_revision
        answer = client_for(school.otto).post(
            f"/school/groups/{school.group_6}/details", data={"name": "Valken", "year_groups": [1]}
        )
        assert answer.status_code == 303
        page = client_for(school.otto).get("/school/groups").text
        assert page.index("Valken") < page.index("3/4")
        assert rows(School)[0].roster_revision == before + 1

    def test_a_home_group_stays_one_while_it_is_some_childs(self, client_for, school, rows):
        answer = client_for(school.otto).post(
            f"/school/groups/{school.group_6}/details", data={"name": "6", "composite": "y"}
        )
        assert answer.status_code == 422
        assert "Kinderen hebben dit als stamgroep" in answer.text
        assert not group(rows, school.group_6).composite

    def test_another_groups_name_is_refused(self, client_for, school, rows):
        answer = client_for(school.otto).post(
            f"/school/groups/{school.group_6}/details", data={"name": "3/4"}
        )
        assert answer.status_code == 422
        assert group(rows, school.group_6).name == "6"


class TestTeachers:
    def test_two_share_a_group_on_their_own_days(self, client_for, school, rows):
        form = {
            "teacher": [school.tess.id, school.tim.id],
            "day": [
                f"{school.tess.id}-1",
                f"{school.tess.id}-2",
                f"{school.tim.id}-4",
                f"{school.tim.id}-16",
            ],
            "added": 0,
        }
        client = client_for(school.otto)
        client.post(f"/school/groups/{school.group_34}/teachers", data=form)
        assert teachers(rows, school.group_34) == {school.tess.id: 3, school.tim.id: 20}
        page = client.get(f"/school/groups/{school.group_34}").text
        assert "maandag, dinsdag" in page and "woensdag, vrijdag" in page

    def test_one_is_added_and_one_goes(self, client_for, school, rows):
        form = {"teacher": [school.tess.id], "added": school.yara.id, "added_day": [1, 8]}
        client = client_for(school.otto)
        for _twice in range(2):
            client.post(f"/school/groups/{school.group_34}/teachers", data=form)
        assert teachers(rows, school.group_34) == {school.tess.id: 0, school.yara.id: 9}
        assert client_for(school.tim).get("/staff/today").status_code in (200, 303)
        gone = next(one for one in rows(Teaching) if one.user_id == school.tim.id)
        assert gone.ended_on == clock.today()

    def test_only_who_works_here_teaches(self, client_for, school, rows):
        for wrong in ({"teacher": [school.anna.id]}, {"added": school.anna.id}, {"day": ["x-y"]}):
            answer = client_for(school.otto).post(
                f"/school/groups/{school.group_34}/teachers", data={"added": 0} | wrong
            )
            assert answer.status_code == 422
        assert set(teachers(rows, school.group_34)) == {school.tess.id, school.tim.id}


class TestClosing:
    def test_a_group_with_children_stays_open(self, client_for, school, rows):
        client = client_for(school.otto)
        answer = client.post(f"/school/groups/{school.group_6}/closing")
        assert answer.status_code == 303
        assert "Er zitten nog 3 kinderen in 6." in client.get(answer.location).text
        assert group(rows, school.group_6).closed_at is None

    def test_an_empty_group_closes_and_opens_again(self, client_for, school, rows):
        client = client_for(school.otto)
        client.post(f"/school/pupils/{school.bram.id}/groups", data={"home": school.group_6})
        for _twice in range(2):
            assert client.post(f"/school/groups/{school.group_34}/closing").status_code == 303
        assert "Groep 3/4 is gesloten." in client.get("/school/groups").text
        assert group(rows, school.group_34).closed_at
        assert teachers(rows, school.group_34) == {}
        assert "Groep 3/4" not in client.get("/school/groups").text
        assert "Groep 3/4" in client.get("/school/groups?closed=1").text
        refused = client.post(f"/school/pupils/{school.bram.id}/groups", data={"home": school.group_34})
        assert refused.status_code == 422
        client.post(f"/school/groups/{school.group_34}/opening")
        assert group(rows, school.group_34).closed_at is None
