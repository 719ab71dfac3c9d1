from dataclasses import fields
from datetime import time

import pytest

from portal import clock
from portal.access.sessions import SCHOOL_FACTS
from portal.domain.school import SchoolFacts
from portal.domain.settings import DEFAULT_KINDS, set_up_school
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.absence import Absence
from portal.models.school import AbsenceKind, School, SchoolYear

FORM = {
    "name": "De Lindeboog", "short_name": "", "phone": "030 555 01 23", "email": "Info@Lindeboog.example",
    "starts_at": "08:45", "report_before": "8.15", "phone_from": "07:30",
    "late_sentence": "Bel ons ook even.",
    "note_days": "7", "region": "zuid", "hue": "155",
    "quiet_from": "19.30", "quiet_until": "07:15", "second_eyes": "y", "urgent_by": "staff",
    "conversations_with_office": "y",
}  # fmt: skip
KIND = {"label_nl": "Koor", "label_en": "Choir", "icon": "sun", "las_code": "K", "authorised": "y"}


def kinds(rows):
    return {kind.code: kind for kind in rows(AbsenceKind)}


class TestSettings:
    def test_it_changes_what_the_school_says_of_itself(self, client_for, school, rows):
        office = client_for(school.otto)
        assert office.post("/school/settings", data=FORM).status_code == 303
        (kept,) = rows(School)
        assert (kept.starts_at, kept.report_before, kept.phone_from) == (
            time(8, 45),
            time(8, 15),
            time(7, 30),
        )
        assert (kept.email, kept.note_days, kept.region, kept.hue) == (
            "info@lindeboog.example",
            7,
            "zuid",
            155,
        )
        assert (kept.quiet_from, kept.quiet_until) == (time(19, 30), time(7, 15))
        assert (kept.second_eyes, kept.urgent_by) == (True, "staff")
        assert kept.conversations_with_office
        assert "--hue:155" in office.get("/school.css").text
        page = office.get("/school/settings").text
        assert 'value="08:15"' in page and "De instellingen van de school zijn bewaard." in page

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"name": ""}, "Vul de naam van de school in."),
            ({"note_days": "15"}, "Kies een getal van 1 tot en met 14."),
            ({"note_days": "0"}, "Kies een getal van 1 tot en met 14."),
            ({"note_days": "x"}, "Kies een getal van 1 tot en met 14."),
            ({"starts_at": "25:00"}, "Typ de tijd als 8.30."),
            ({"starts_at": ""}, "Vul een tijd in."),
            ({"phone": "bel maar"}, "Dit is geen telefoonnummer."),
            ({"email": "x"}, "Dit is geen e-mailadres."),
            ({"region": "oost"}, 'id="errors"'),
            ({"hue": "361"}, 'id="errors"'),
            ({"hue": "red"}, 'id="errors"'),
            ({"late_sentence": "x" * 301}, "Gebruik hoogstens 300 tekens."),
        ],
    )
    def test_it_says_what_is_wrong_and_keeps_what_was_typed(self, client_for, school, rows, wrong, sentence):
        answer = client_for(school.otto).post("/school/settings", data=FORM | {"short_name": "Linde"} | wrong)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'value="Linde"' in answer.text
        assert rows(School)[0].short_name == "De Lindeboog"

    def test_the_colour_is_new_at_once_whatever_a_browser_kept(self, client_for, school):
        office = client_for(school.otto)
        office.post("/school/settings", data=FORM)
        assert 'href="/school.css?v=155"' in office.get("/school/settings").text

    def test_the_page_takes_on_a_colour_without_script(self, client_for, school):
        sheet = client_for(school.otto).get("/school/settings/hues.css")
        assert sheet.mimetype == "text/css"
        assert ":root:has([name=hue][value='155']:checked){--hue:155}" in sheet.text


class TestReasons:
    def test_it_lists_them_in_the_schools_order(self, client_for, school):
        page = client_for(school.otto).get("/school/settings/kinds").text
        assert page.index("Ziek") < page.index("Ongeoorloofd")

    def test_it_adds_one_at_the_end(self, client_for, school, rows):
        office = client_for(school.otto)
        office.post("/school/settings/kinds/new", data=KIND | {"code": "choir"})
        added = kinds(rows)["choir"]
        assert (added.label_nl, added.label_en, added.las_code, added.whole_day) == (
            "Koor",
            "Choir",
            "K",
            False,
        )
        assert added.position == max(kind.position for kind in rows(AbsenceKind))

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"code": "sick"}, "Er is al een reden met deze code."),
            ({"code": "Ko or"}, "Gebruik alleen kleine letters, cijfers en streepjes."),
            ({"label_en": ""}, "Vul in hoe het in het Engels heet."),
            ({"icon": "../x"}, 'id="errors"'),
        ],
    )
    def test_it_says_what_is_wrong(self, client_for, school, rows, wrong, sentence):
        answer = client_for(school.otto).post(
            "/school/settings/kinds/new", data=KIND | {"code": "choir"} | wrong
        )
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "choir" not in kinds(rows)

    def test_parents_choose_what_the_school_lets_them(self, client_for, school, rows):
        office = client_for(school.otto)
        late = kinds(rows)["late"]
        office.post(f"/school/settings/kinds/{late.id}", data=KIND | {"label_nl": "Komt later"})
        page = client_for(school.carl).get("/absence/report").text
        assert "Komt later" not in page and 'value="late"' not in page
        assert kinds(rows)["late"].code == "late"

    def test_parents_keep_something_to_choose(self, client_for, school, rows):
        office = client_for(school.otto)
        for code in ("doctor", "late", "other"):
            office.post(f"/school/settings/kinds/{kinds(rows)[code].id}", data=KIND)
        sick = kinds(rows)["sick"]
        answer = office.post(f"/school/settings/kinds/{sick.id}", data=KIND)
        assert answer.status_code == 422
        assert "Ouders moeten ten minste één reden kunnen kiezen." in answer.text
        office.post(f"/school/settings/kinds/{sick.id}/removal")
        assert kinds(rows)["sick"].parent_selectable

    def test_it_moves_one_up_and_down_and_stays_at_the_ends(self, client_for, school, rows):
        office = client_for(school.otto)
        sick = kinds(rows)["sick"].id

        def order():
            return [kind.code for kind in sorted(rows(AbsenceKind), key=lambda kind: kind.position)]

        office.post(f"/school/settings/kinds/{sick}/position", data={"to": "up"})
        assert order()[0] == "sick"
        office.post(f"/school/settings/kinds/{sick}/position", data={"to": "down"})
        assert order()[:2] == ["doctor", "sick"]

    def test_one_in_use_stays(self, client_for, school, rows, app):
        with app.app_context():
            start_writing()
            db.session.add(
                Absence(
                    pupil_id=school.bram.id, kind_id=school.kinds["unauthorised"], first_day=clock.today(),
                    source="school", reported_by=school.otto.id, reported_at=clock.now(),
                )
            )  # fmt: skip
            db.session.commit()
        office = client_for(school.otto)
        answer = office.post(f"/school/settings/kinds/{school.kinds['unauthorised']}/removal")
        assert "Meldingen gebruiken deze reden." in office.get(answer.location).text
        assert "unauthorised" in kinds(rows)

    def test_one_that_nobody_used_goes(self, client_for, school, rows):
        office = client_for(school.otto)
        assert office.get(f"/school/settings/kinds/{school.kinds['late']}/removal").status_code == 200
        assert office.post(f"/school/settings/kinds/{school.kinds['late']}/removal").status_code == 303
        assert office.post(f"/school/settings/kinds/{school.kinds['late']}/removal").status_code == 404
        assert "late" not in kinds(rows)


class TestSettingUp:
    def test_a_new_school_has_the_usual_reasons_and_this_school_year(self, app, rows):
        with app.app_context():
            start_writing()
            set_up_school("De Lindeboog", clock.now())
            db.session.commit()
        assert [kind.code for kind in rows(AbsenceKind) if kind.parent_selectable] == [
            "sick", "doctor", "late", "other",
        ]  # fmt: skip
        assert len(rows(AbsenceKind)) == len(DEFAULT_KINDS) == 12
        assert [year.name for year in rows(SchoolYear)] == ["2026-2027"]

    def test_there_is_one_school(self, app, school, rows):
        with app.app_context():
            start_writing()
            with pytest.raises(Refused):
                set_up_school("Nog een", clock.now())
        assert len(rows(School)) == 1


def test_what_pages_say_of_the_school_is_read_whole_together_with_who_looks():
    assert {column.key for column in SCHOOL_FACTS} == {field.name for field in fields(SchoolFacts)} - {
        "exists"
    }
