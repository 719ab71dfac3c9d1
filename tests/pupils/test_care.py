"""Care information: guardians keep it, the short list opens it by an act, and guardians see who did."""

import pytest

from portal import clock
from portal.models.audit import AuditEntry
from portal.models.pupils import CareNote, CareReader, CareReading
from portal.models.roster import Guardianship, Pupil
from tests.clients import versions_in

NUTS = {"kind": "allergy", "what": "sesam", "what_to_do": " Bel ons.\r\n\r\n Pen in het rode etui. "}


def path(pupil):
    return f"/pupils/{pupil.id}/care"


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


class TestGuardians:
    def test_they_write_it_down_and_both_read_it(self, anna, client_for, school, rows):
        answer = anna.post(path(school.bram), data=NUTS)
        assert (answer.status_code, answer.location) == (303, path(school.bram))
        (note,) = rows(CareNote)
        assert (note.kind, note.what, note.source) == ("allergy", "sesam", "guardian")
        assert note.what_to_do == "Bel ons.\n\nPen in het rode etui."
        assert rows(AuditEntry)[-1].verb == "write_care"
        mine, others = anna.get(path(school.bram)).text, client_for(school.daan).get(path(school.bram)).text
        assert "sesam" in mine and "Pen in het rode etui." in others
        assert "opgeschreven door een ouder" in mine and "opgeschreven door een ouder" in others
        assert "Anna" not in others

    def test_they_are_told_before_who_reads_it(self, anna, school, name_reader):
        name_reader(school.bram, school.otto)
        page = anna.get(path(school.bram)).text
        assert page.index("Juf Tess, meester Tim, Otto Vos") < page.index("<form class")

    def test_they_are_told_the_same_whether_or_not_there_is_another_parent(self, client_for, school):
        """Bram has two guardians, Lotte one."""
        for person, child in ((school.anna, school.bram), (school.tess, school.lotte)):
            page = client_for(person).get(path(child)).text
            assert f"Een andere ouder met gezag over {child.given_name} leest dit ook." in page
            assert "Zet hier geen namen of nummers" in page

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"kind": "diagnosis"}, "Kies waar het over gaat."),
            ({"what": ""}, "Typ in een paar woorden wat het is."),
            ({"what": "x" * 121}, "Gebruik hoogstens 120 tekens."),
            ({"what_to_do": "x" * 1001}, "Gebruik hoogstens 1000 tekens."),
        ],
    )
    def test_it_says_at_the_field_what_is_wrong(self, anna, school, rows, fields, sentence):
        answer = anna.post(path(school.bram), data=NUTS | fields)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert rows(CareNote) == []

    def test_they_change_and_take_away_also_what_school_wrote(self, client_for, school, write_care, rows):
        number = write_care(school.bram, school.tess, source="school")
        daan = client_for(school.daan)
        assert "opgeschreven door school" in daan.get(path(school.bram)).text
        assert "sesam" in daan.get(f"/care/{number}").text
        seen = versions_in(daan.get(f"/care/{number}"))
        assert daan.post(f"/care/{number}", data=NUTS | seen | {"what": "pinda"}).status_code == 303
        assert [(one.what, one.source) for one in rows(CareNote)] == [("pinda", "guardian")]
        assert daan.post(f"/care/{number}", data=NUTS | {"what": ""}).status_code == 422
        assert daan.post(f"/care/{number}/removal").status_code == 303
        assert rows(CareNote) == []
        assert [entry.verb for entry in rows(AuditEntry)][-2:] == ["rewrite_care", "remove_care"]

    def test_twelve_at_most(self, anna, school, rows, write_care):
        for _ in range(12):
            write_care(school.bram, school.anna)
        assert anna.post(path(school.bram), data=NUTS).status_code == 422
        assert len(rows(CareNote)) == 12

    def test_opening_is_no_act_of_theirs(self, anna, school, write_care, rows):
        write_care(school.bram, school.anna)
        assert anna.post(path(school.bram) + "/readings").status_code == 404
        assert rows(CareReading) == []


class TestSchool:
    def test_it_opens_by_an_act_that_the_guardians_see(self, anna, client_for, school, write_care, rows, at):
        write_care(school.bram, school.anna)
        tess = client_for(school.tess)
        assert "sesam" not in tess.get(path(school.bram)).text
        assert rows(CareReading) == []
        answer = tess.post(path(school.bram) + "/readings")
        assert (answer.status_code, answer.location) == (303, path(school.bram))
        page = tess.get(path(school.bram)).text
        assert "sesam" in page and "opgeschreven door Anna Bakker" in page
        assert [(one.user_id, one.read_at) for one in rows(CareReading)] == [(school.tess.id, clock.now())]
        assert rows(AuditEntry)[-1].verb == "read_care"
        for person in (school.anna, school.daan):
            assert "Juf Tess" in client_for(person).get(path(school.bram)).text.split("Wie keek")[1]
        assert "7.55 uur" in anna.get(path(school.bram)).text

    @pytest.mark.parametrize(("moment", "is_open"), [("2026-11-24 08:09", True), ("2026-11-24 08:10", False)])
    def test_it_closes_after_a_quarter_of_an_hour(self, client_for, school, write_care, at, moment, is_open):
        number = write_care(school.bram, school.anna)
        tess = client_for(school.tess)
        tess.post(path(school.bram) + "/readings")
        at(moment)
        assert ("sesam" in tess.get(path(school.bram)).text) == is_open
        assert tess.get(f"/care/{number}").status_code == (200 if is_open else 303)
        refused = tess.post(path(school.bram), data={"kind": "other", "what": ""})
        assert (refused.status_code, "sesam" in refused.text) == (422, is_open)

    def test_a_colleague_s_opening_opens_nothing(self, client_for, school, write_care):
        write_care(school.bram, school.anna)
        client_for(school.tess).post(path(school.bram) + "/readings")
        assert "Bel ons." not in client_for(school.tim).get(path(school.bram)).text

    def test_who_reads_may_write(self, client_for, school, rows):
        assert client_for(school.tess).post(path(school.bram), data=NUTS).status_code == 303
        assert rows(CareNote)[0].source == "school"
        assert "opgeschreven door school" in client_for(school.anna).get(path(school.bram)).text

    def test_a_form_that_is_sent_late_keeps_what_was_typed(self, client_for, school, write_care, at, rows):
        number = write_care(school.bram, school.anna)
        tess = client_for(school.tess)
        tess.post(path(school.bram) + "/readings")
        seen = versions_in(tess.get(f"/care/{number}"))
        at("2026-11-24 09:00")
        assert tess.post(f"/care/{number}", data=NUTS | seen | {"what": "pinda"}).status_code == 303
        assert rows(CareNote)[0].what == "pinda"


class TestTwoWriters:
    """Who saves last does not wipe out unseen what somebody else wrote meanwhile."""

    def test_the_second_reads_what_stands_there_now_and_keeps_what_was_typed(
        self, anna, client_for, school, write_care, at, rows
    ):
        number = write_care(school.bram, school.anna)
        daan = client_for(school.daan)
        seen = versions_in(anna.get(f"/care/{number}"))
        at("2026-11-24 08:00")
        assert daan.post(f"/care/{number}", data=NUTS | seen | {"what": "cashew"}).status_code == 303
        at("2026-11-24 08:01")
        typed = NUTS | seen | {"what": "pinda", "what_to_do": "Bel Anna."}
        refused = anna.post(f"/care/{number}", data=typed)
        assert refused.status_code == 409
        assert "Iemand anders heeft dit net gewijzigd." in refused.text
        assert all(words in refused.text for words in ("cashew", 'value="pinda"', "Bel Anna."))
        assert "Daan" not in refused.text
        assert [one.what for one in rows(CareNote)] == ["cashew"]
        assert anna.post(f"/care/{number}", data=typed | versions_in(refused)).status_code == 303
        assert [one.what for one in rows(CareNote)] == ["pinda"]

    def test_school_reads_it_only_while_it_has_it_open(self, anna, client_for, school, write_care, at, rows):
        number = write_care(school.bram, school.anna)
        tess = client_for(school.tess)
        tess.post(path(school.bram) + "/readings")
        seen = versions_in(tess.get(f"/care/{number}"))
        at("2026-11-24 08:00")
        anna.post(f"/care/{number}", data=NUTS | seen | {"what": "cashew"})
        at("2026-11-24 09:00")
        refused = tess.post(f"/care/{number}", data=NUTS | seen | {"what": "pinda"})
        assert (refused.status_code, "cashew" in refused.text) == (409, False)
        assert versions_in(refused) == seen
        assert 'value="pinda"' in refused.text

    def test_without_a_version_nothing_is_written_over(self, anna, school, write_care, rows):
        number = write_care(school.bram, school.anna)
        assert anna.post(f"/care/{number}", data=NUTS | {"what": "pinda"}).status_code == 409
        assert [one.what for one in rows(CareNote)] == ["sesam"]


class TestTheList:
    def test_the_office_names_and_drops_a_reader(self, client_for, school, rows, write_care):
        write_care(school.bram, school.anna)
        hedy, yara = client_for(school.hedy), client_for(school.yara)
        page = f"/school/pupils/{school.bram.id}/care-readers"
        assert yara.get(path(school.bram)).status_code == 404
        assert "Yara Demir" in hedy.get(page).text and "sesam" not in hedy.get(page).text
        assert hedy.post(page, data={"user": school.yara.id}).status_code == 303
        assert hedy.post(page, data={"user": school.yara.id}).status_code == 422
        assert [one.user_id for one in rows(CareReader)] == [school.yara.id]
        assert yara.get(path(school.bram)).status_code == 200
        assert yara.get(f"/pupils/{school.bram.id}").status_code == 404
        assert "Bram Visser" in yara.get("/care").text and "sesam" not in yara.get("/care").text
        assert hedy.post(f"/school/care-readers/{rows(CareReader)[0].id}/removal").status_code == 303
        assert rows(CareReader) == []
        assert yara.get(path(school.bram)).status_code == 404
        assert "Bram" not in yara.get("/care").text
        assert [e.verb for e in rows(AuditEntry)][-2:] == ["name_care_reader", "drop_care_reader"]

    @pytest.mark.parametrize("who", ["anna", "carl", "tess"])
    def test_only_colleagues_who_are_not_on_it_can_be_named(self, client_for, school, rows, who):
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.bram.id}/care-readers", data={"user": getattr(school, who).id}
        )
        assert answer.status_code == 422
        assert rows(CareReader) == []

    def test_the_page_is_the_same_with_and_without_care_information(self, client_for, school, write_care):
        otto = client_for(school.otto)
        pages = [f"/school/pupils/{school.bram.id}/care-readers", f"/school/pupils/{school.bram.id}"]

        def shown():
            return [
                [line for line in otto.get(page).text.splitlines() if "csrf" not in line] for page in pages
            ]

        before = shown()
        write_care(school.bram, school.anna)
        assert shown() == before

    def test_a_reader_outside_the_group_opens_it_too(self, client_for, school, write_care, name_reader):
        write_care(school.bram, school.anna)
        name_reader(school.bram, school.yara)
        yara = client_for(school.yara)
        assert yara.get(path(school.bram)).status_code == 200
        yara.post(path(school.bram) + "/readings")
        assert "Bel ons." in yara.get(path(school.bram)).text

    def test_who_leaves_the_school_is_off_every_list_also_when_coming_back(
        self, client_for, school, name_reader, rows
    ):
        name_reader(school.bram, school.otto)
        bea = client_for(school.bea)
        bea.post(f"/school/staff/{school.otto.id}/leaving", data={"left_on": "2026-11-24"})
        assert rows(CareReader) == []
        bea.post(f"/school/staff/{school.otto.id}/return")
        assert client_for(school.otto).get(path(school.bram)).status_code == 404

    def test_a_teacher_who_is_a_guardian_without_authority_reads_nothing(
        self, client_for, school, put, rows, write_care
    ):
        write_care(school.lotte, school.tess)
        put(
            Guardianship(
                pupil_id=school.lotte.id,
                user_id=school.yara.id,
                seat=2,
                has_authority=False,
                created_at=rows(Pupil)[0].created_at,
            )
        )
        assert client_for(school.yara).get(path(school.lotte)).status_code == 404
        assert client_for(school.yara).post(path(school.lotte) + "/readings").status_code == 404
        assert "juf Yara" not in client_for(school.tess).get(path(school.lotte)).text.lower()


def test_the_page_takes_as_many_queries_for_much(client_for, school, write_care, put, count_queries):
    for person in (school.anna, school.tess):
        client = client_for(person)
        client.post(path(school.bram) + "/readings")
        client.get(path(school.bram))
        with count_queries() as few:
            client.get(path(school.bram))
        for _ in range(5):
            write_care(school.bram, school.anna)
        put(
            *[
                CareReading(pupil_id=school.bram.id, user_id=school.tim.id, read_at=clock.now())
                for _ in range(9)
            ]
        )
        with count_queries() as many:
            client.get(path(school.bram))
        assert len(few) == len(many) <= 8
