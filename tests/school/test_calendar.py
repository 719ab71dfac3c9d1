from datetime import date

import pytest

from portal.models.school import FreeDay, SchoolYear

FORM = {"name": "Studiedag", "kind": "study", "first_day": "2027-02-01", "last_day": ""}


def days(rows):
    return [(day.name, day.first_day.isoformat(), day.last_day.isoformat()) for day in rows(FreeDay)]


def christmas(rows):
    return rows(FreeDay)[0]


class TestHolidays:
    def test_it_takes_in_the_regions_holidays_with_one_click(self, client_for, school, rows):
        office = client_for(school.otto)
        page = office.get("/school/calendar").text
        assert "Zet de vakanties van regio Midden erin" in page
        year = rows(SchoolYear)[0].id
        for _twice in range(2):
            assert office.post("/school/calendar/holidays", data={"year": year}).status_code == 303
        assert ("Herfstvakantie", "2026-10-17", "2026-10-25") in days(rows)
        assert ("Hemelvaartsdag", "2027-05-06", "2027-05-06") in days(rows)
        assert [name for name, *_days in days(rows)].count("Kerstvakantie") == 1
        assert "Zet de vakanties" not in office.get("/school/calendar").text

    def test_a_strange_year_changes_nothing(self, client_for, school, rows):
        for year in ("", "x", "99999"):
            answer = client_for(school.otto).post("/school/calendar/holidays", data={"year": year})
            assert answer.status_code == 303
        assert len(rows(FreeDay)) == 1

    def test_it_bears_a_strange_address(self, client_for, school):
        for year in ("x", "9" * 30, "-1"):
            assert client_for(school.otto).get(f"/school/calendar?year={year}").status_code == 200


class TestFreeDays:
    def test_one_day_is_enough(self, client_for, school, rows):
        answer = client_for(school.otto).post("/school/calendar/free-days/new", data=FORM)
        assert answer.status_code == 303
        assert days(rows)[1] == ("Studiedag", "2027-02-01", "2027-02-01")
        assert rows(FreeDay)[1].kind == "study"

    def test_parents_report_nobody_sick_on_it(self, client_for, school):
        form = FORM | {"first_day": "2026-11-24"}
        client_for(school.otto).post("/school/calendar/free-days/new", data=form)
        assert "Vandaag is er geen school." in client_for(school.carl).get("/absence/report").text

    def test_a_page_that_was_there_before_knows_every_change_at_once(self, client_for, school, rows):
        office, carl = client_for(school.otto), client_for(school.carl)
        address, form = "/school/calendar/free-days", FORM | {"first_day": "2026-11-24"}

        def is_free() -> bool:
            return "Studiedag" in carl.get("/").text

        assert not is_free()
        office.post(f"{address}/new", data=form)
        assert is_free()
        number = rows(FreeDay)[1].id
        office.post(f"{address}/{number}", data=FORM)
        assert not is_free()
        office.post(f"{address}/{number}", data=form)
        assert is_free()
        office.post(f"{address}/{number}/removal")
        assert not is_free()

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"last_day": "2027-01-31"}, "De laatste dag ligt vóór de eerste."),
            ({"first_day": "2026-12-30"}, "Kerstvakantie is al van"),
            ({"first_day": "2026-12-01", "last_day": "2026-12-19"}, "Kerstvakantie is al van"),
            ({"last_day": "2028-02-01"}, "Dit is langer dan welke vakantie ook."),
            ({"first_day": "morgen"}, "Typ de datum als dag, maand en jaar."),
            ({"first_day": ""}, 'id="first_day-error"'),
            ({"name": ""}, "Vul in hoe deze dagen heten."),
            ({"kind": "party"}, 'id="errors"'),
        ],
    )
    def test_it_says_what_is_wrong(self, client_for, school, rows, wrong, sentence):
        answer = client_for(school.otto).post("/school/calendar/free-days/new", data=FORM | wrong)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert len(rows(FreeDay)) == 1

    def test_twice_is_once(self, client_for, school, rows):
        office = client_for(school.otto)
        office.post("/school/calendar/free-days/new", data=FORM)
        assert office.post("/school/calendar/free-days/new", data=FORM).status_code == 422
        assert len(rows(FreeDay)) == 2

    def test_dates_can_be_changed_within_themselves(self, client_for, school, rows):
        one = christmas(rows)
        answer = client_for(school.otto).post(
            f"/school/calendar/free-days/{one.id}",
            data={"name": "Kerst", "kind": "holiday", "first_day": "2026-12-18", "last_day": "2027-01-01"},
        )
        assert answer.status_code == 303
        assert days(rows) == [("Kerst", "2026-12-18", "2027-01-01")]

    def test_it_asks_before_it_takes_one_away(self, client_for, school, rows):
        office = client_for(school.otto)
        one = christmas(rows)
        assert "uit de kalender halen?" in office.get(f"/school/calendar/free-days/{one.id}/removal").text
        assert len(rows(FreeDay)) == 1
        assert office.post(f"/school/calendar/free-days/{one.id}/removal").status_code == 303
        assert rows(FreeDay) == []
        assert office.post(f"/school/calendar/free-days/{one.id}/removal").status_code == 404


class TestSchoolYears:
    def test_it_adds_the_next_one(self, client_for, school, rows):
        office = client_for(school.otto)
        assert 'value="2027-08-01"' in office.get("/school/calendar/years/new").text
        form = {"first_day": "2027-08-01", "last_day": "2028-07-31"}
        assert office.post("/school/calendar/years/new", data=form).status_code == 303
        assert rows(SchoolYear)[1].name == "2027-2028"
        assert office.post("/school/calendar/years/new", data=form).status_code == 422
        assert len(rows(SchoolYear)) == 2

    @pytest.mark.parametrize(
        ("first", "last", "sentence"),
        [
            ("2027-08-01", "2027-07-01", "De laatste dag ligt vóór de eerste."),
            ("2027-08-01", "2027-12-31", "Een schooljaar eindigt in het jaar na"),
            ("2027-07-01", "2028-07-31", "Schooljaar 2026-2027 loopt tot en met"),
            ("x", "2028-07-31", "Typ de datum als dag, maand en jaar."),
        ],
    )
    def test_it_says_what_is_wrong(self, client_for, school, rows, first, last, sentence):
        answer = client_for(school.otto).post(
            "/school/calendar/years/new", data={"first_day": first, "last_day": last}
        )
        assert answer.status_code == 422
        assert sentence in answer.text
        assert len(rows(SchoolYear)) == 1

    def test_its_days_can_be_changed(self, client_for, school, rows):
        year = rows(SchoolYear)[0]
        client_for(school.otto).post(
            f"/school/calendar/years/{year.id}", data={"first_day": "2026-08-01", "last_day": "2027-07-31"}
        )
        assert (rows(SchoolYear)[0].first_day, rows(SchoolYear)[0].last_day) == (
            date(2026, 8, 1),
            date(2027, 7, 31),
        )
