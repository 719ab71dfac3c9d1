"""What a teacher writes into the week: added, changed and taken away, once or weekly."""

from datetime import date, timedelta

import pytest

from portal.domain.weeks import Weeks
from portal.models.audit import AuditEntry
from portal.models.groups import WeekItem
from portal.models.school import FreeDay
from tests.groups.people import MONDAY, add, new_item

NEXT = MONDAY + timedelta(weeks=1)


def held(rows, weekday, kind, text=""):
    """Return in which of the next ten weeks something happens: 0 is this week."""
    weeks = Weeks.of(
        (row.first_week, row.last_week)
        for row in rows(WeekItem)
        if (row.weekday, row.kind, row.text) == (weekday, kind, text)
    )
    return [number for number in range(10) if MONDAY + timedelta(weeks=number) in weeks]


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


@pytest.fixture
def change(tess, school):
    """Posts the form of 3/4's gym on Fridays, or of another row, as it stands in a week."""

    def post(week=MONDAY, item=None, **fields):
        data = {"weekday": "5", "kind": "gym", "text": "", "repeat": "once"} | fields
        return tess.post(f"/groups/{school.group_34}/week/items/{item or school.gym}?week={week}", data=data)

    return post


@pytest.fixture
def remove(tess, school):
    def post(week=MONDAY, item=None, repeat="once"):
        path = f"/groups/{school.group_34}/week/items/{item or school.gym}/removal?week={week}"
        return tess.post(path, data={"repeat": repeat})

    return post


class TestAdding:
    def test_once_is_that_week_only_and_weekly_every_week_from_then_on(self, tess, school, rows):
        new_item(tess, school.group_34, "2026-12-01", kind="library", repeat="once")
        new_item(tess, school.group_34, "2026-12-02", kind="bring", text=" een  boek ", repeat="weekly")
        assert held(rows, 2, "library") == [1]
        assert held(rows, 3, "bring", "een boek") == list(range(1, 10))
        assert [entry.verb for entry in rows(AuditEntry)][-2:] == ["add_week_item"] * 2

    def test_it_goes_back_to_that_week_and_says_so(self, tess, school):
        answer = new_item(tess, school.group_34, repeat="weekly")
        assert (answer.status_code, answer.location) == (303, f"/groups/{school.group_34}")
        page = tess.get(answer.location).text
        assert "Ouders zien dit elke week vanaf dinsdag 24 november: gym." in page
        later = new_item(tess, school.group_34, "2026-12-01", text="buiten")
        assert later.location == f"/groups/{school.group_34}?week=2026-11-30"

    def test_parents_see_it_at_once(self, tess, client_for, school):
        new_item(tess, school.group_34, kind="bring", text="laarzen")
        assert "laarzen" in client_for(school.daan).get(f"/groups/{school.group_34}").text

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"kind": "bring"}, "Zeg wat de kinderen meenemen."),
            ({"kind": "other", "text": "  "}, "Zeg wat er op deze dag is."),
            ({"kind": "swim", "text": "badpak"}, "Kies wat het is."),
            ({"text": "x" * 121}, "Gebruik hoogstens 120 tekens."),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, tess, school, rows, fields, sentence):
        answer = new_item(tess, school.group_34, **fields)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert fields.get("text", "").strip() in answer.text
        assert len(rows(WeekItem)) == 1

    def test_the_same_twice_is_there_once(self, tess, school, rows):
        new_item(tess, school.group_34, repeat="weekly")
        again = new_item(tess, school.group_34, repeat="weekly")
        assert again.status_code == 422
        assert "staat al op" in again.text and "U kunt het daar wijzigen." in again.text
        assert "Er is niets toegevoegd" in again.text and "Nog één ding nodig" not in again.text
        assert new_item(tess, school.group_34, repeat="once").status_code == 422
        assert len(rows(WeekItem)) == 2

    def test_what_was_once_can_become_weekly(self, tess, school, rows):
        new_item(tess, school.group_34, "2026-12-01", repeat="once")
        new_item(tess, school.group_34, "2026-11-24", repeat="weekly")
        assert held(rows, 2, "gym") == list(range(10))
        assert len(rows(WeekItem)) == 2, "the week of before is part of it now"

    def test_not_on_a_free_day(self, app, tess, school, rows):
        day = date(2026, 11, 25)
        add(app, FreeDay(kind="study", name="Studiedag", first_day=day, last_day=day))
        answer = new_item(tess, school.group_34, "2026-11-25")
        assert answer.status_code == 422
        assert "Er is dan geen school: Studiedag." in answer.text

    @pytest.mark.parametrize("day", ["2026-11-20", "2026-11-28", "2029-01-01", "x", ""])
    def test_a_day_that_is_none_to_write_for_does_not_exist(self, tess, school, rows, day):
        assert new_item(tess, school.group_34, day).status_code == 404
        assert tess.get(f"/groups/{school.group_34}/week/items/new?day={day}").status_code == 404
        assert len(rows(WeekItem)) == 1

    def test_an_earlier_day_of_this_week_can_still_be_filled(self, tess, school):
        assert new_item(tess, school.group_34, "2026-11-23").status_code == 303

    @pytest.mark.parametrize(("person", "status"), [("anna", 403), ("carl", 404), ("yara", 404)])
    def test_only_the_own_teachers_and_the_office_write(self, client_for, school, rows, person, status):
        client = client_for(getattr(school, person))
        assert new_item(client, school.group_34).status_code == status
        assert len(rows(WeekItem)) == 1


class TestChanging:
    def test_once_leaves_the_other_weeks_as_they_are(self, change, rows):
        assert change(week=NEXT, text="buiten").status_code == 303
        assert held(rows, 5, "gym") == [0, *range(2, 10)]
        assert held(rows, 5, "gym", "buiten") == [1]

    def test_from_now_on_leaves_what_was_before(self, change, rows):
        change(week=NEXT, weekday="3", repeat="weekly")
        assert held(rows, 5, "gym") == [0]
        assert held(rows, 3, "gym") == list(range(1, 10))

    def test_a_week_that_was_taken_out_stays_out_of_what_is_changed_from_now_on(self, change, remove, rows):
        remove(week=MONDAY + timedelta(weeks=4))
        change(week=NEXT, weekday="3", repeat="weekly")
        assert held(rows, 3, "gym") == [1, 2, 3, *range(5, 10)]
        assert held(rows, 5, "gym") == [0]

    def test_what_was_in_one_week_becomes_weekly(self, tess, change, school, rows):
        new_item(tess, school.group_34, kind="library")
        library = rows(WeekItem)[-1].id
        change(item=library, weekday="2", kind="library", repeat="weekly")
        assert held(rows, 2, "library") == list(range(10))

    def test_the_same_words_as_another_thing_make_one_of_both(self, tess, change, school, rows):
        new_item(tess, school.group_34, "2026-11-26", repeat="once")
        change(weekday="4", repeat="weekly")
        assert held(rows, 4, "gym") == list(range(10))
        this_week = [row for row in rows(WeekItem) if row.weekday == 4 and row.last_week in (None, MONDAY)]
        assert len(this_week) == 1

    def test_nothing_changed_changes_nothing(self, change, rows):
        for repeat in ("once", "weekly"):
            change(week=NEXT, repeat=repeat)
            assert held(rows, 5, "gym") == list(range(10))
            assert len(rows(WeekItem)) == 1

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"weekday": "6"}, "Kies een dag."),
            ({"weekday": ""}, "Kies een dag."),
            ({"kind": "other"}, "Zeg wat er op deze dag is."),
        ],
    )
    def test_what_is_wrong_is_said(self, change, rows, fields, sentence):
        answer = change(**fields)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert len(rows(WeekItem)) == 1

    def test_not_to_a_free_day(self, app, change, rows):
        day = date(2026, 11, 25)
        add(app, FreeDay(kind="free", name="Vrij", first_day=day, last_day=day))
        answer = change(weekday="3", text="buiten")
        assert answer.status_code == 422
        assert 'value="buiten"' in answer.text
        assert held(rows, 5, "gym") == list(range(10))

    def test_the_form_offers_the_weeks_that_there_are(self, tess, school, rows):
        gym = tess.get(f"/groups/{school.group_34}/week/items/{school.gym}").text
        assert "Wijzig vanaf deze week" in gym and "Haal weg vanaf deze week" in gym
        new_item(tess, school.group_34, kind="library")
        once = tess.get(f"/groups/{school.group_34}/week/items/{rows(WeekItem)[-1].id}").text
        assert "Bewaar voor elke week" in once and "vanaf deze week" not in once

    @pytest.mark.parametrize("week", ["2026-11-16", "2026-08-17"])
    def test_a_week_that_is_over_or_without_it_has_no_form(self, tess, school, week):
        assert tess.get(f"/groups/{school.group_34}/week/items/{school.gym}?week={week}").status_code == 404

    def test_under_the_number_of_another_group_it_does_not_exist(self, client_for, school):
        otto = client_for(school.otto)
        assert otto.get(f"/groups/{school.group_6}/week/items/{school.gym}").status_code == 404


class TestRemoving:
    def test_one_week_lacks_it_and_no_other(self, remove, rows, tess, school):
        answer = remove(week=NEXT)
        assert held(rows, 5, "gym") == [0, *range(2, 10)]
        page = tess.get(answer.location).text
        assert "Weggehaald in de week van ma 30 nov: gym." in page
        assert "remove_week_item" in [entry.verb for entry in rows(AuditEntry)]

    def test_from_a_week_on_also_what_comes_after_a_gap(self, remove, rows):
        remove(week=MONDAY + timedelta(weeks=5))
        remove(week=NEXT, repeat="weekly")
        assert held(rows, 5, "gym") == [0]

    def test_what_was_only_in_this_week_is_gone(self, tess, remove, school, rows):
        new_item(tess, school.group_34, kind="library")
        remove(item=rows(WeekItem)[-1].id)
        assert [row.kind for row in rows(WeekItem)] == ["gym"]

    def test_twice_is_once(self, remove, rows):
        remove(week=NEXT)
        assert remove(week=NEXT).status_code == 404
        assert held(rows, 5, "gym") == [0, *range(2, 10)]

    @pytest.mark.parametrize(("person", "status"), [("anna", 403), ("carl", 404), ("yara", 404)])
    def test_only_the_own_teachers_and_the_office(self, client_for, school, rows, person, status):
        client = client_for(getattr(school, person))
        path = f"/groups/{school.group_34}/week/items/{school.gym}"
        assert client.get(path).status_code == status
        assert client.post(path, data={"kind": "gym", "weekday": "5"}).status_code == status
        assert client.post(f"{path}/removal").status_code == status
        assert held(rows, 5, "gym") == list(range(10))
