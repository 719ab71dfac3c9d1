"""GET and POST /staff/letters/<id>/answers/<guardian>: school fills in the slip for a guardian who calls."""

import pytest

from portal.domain.letter_audience import SCHOOL, Part
from portal.models.audit import AuditEntry
from portal.models.slips import SlipAnswer
from tests.letters.slips import EVERY_KIND, Asked, answered, send_with_slip, taken


@pytest.fixture
def letter(app, school, at):
    at("2026-11-23 15:30")
    number = send_with_slip(app, school)
    at("2026-11-24 09:10")
    return number


@pytest.fixture
def asked(app, letter):
    return Asked(app, letter)


def post(client, letter: int, guardian, fields):
    return client.post(f"/staff/letters/{letter}/answers/{guardian.id}", data=fields)


def test_it_is_kept_and_says_so_also_to_the_parent(client_for, school, letter, asked, rows):
    tess = client_for(school.tess)
    assert "Vul in voor Anna Bakker" in tess.get(f"/staff/letters/{letter}/answers/{school.anna.id}").text
    answer = post(tess, letter, school.anna, asked.form(school.bram, "Ja", "Ja, ik rijd"))
    assert (answer.status_code, answer.location) == (303, f"/staff/letters/{letter}/answers")
    assert answered(rows) == {(school.anna.id, school.bram.id): ["Ja", "Ja, ik rijd"]}
    assert rows(SlipAnswer)[0].by_staff == school.tess.id and taken(rows) == {"Ja, ik rijd": 1}
    assert (
        "School vulde dit voor u in, vandaag om 9.10 uur"
        in client_for(school.anna).get(f"/letters/{letter}").text
    )
    assert "ingevuld door school" in tess.get(f"/staff/letters/{letter}/answers").text
    assert [entry.verb for entry in rows(AuditEntry)][-1] == "answer_for_guardian"


def test_the_parent_changes_it_and_then_it_is_the_parents(client_for, school, letter, asked, rows):
    post(client_for(school.tess), letter, school.anna, asked.form(school.bram, "Ja", "Ja, ik rijd"))
    fields = asked.form(school.bram, "Ja", "Nee")
    assert client_for(school.anna).post(f"/letters/{letter}/reply", data=fields).status_code == 303
    assert rows(SlipAnswer)[0].by_staff is None and taken(rows) == {"Ja, ik rijd": 0}


def test_also_after_the_last_day(client_for, school, letter, asked, rows, at):
    at("2026-11-30 09:00")
    assert (
        post(client_for(school.tess), letter, school.anna, asked.form(school.bram, "Ja", "Nee")).status_code
        == 303
    )
    page = client_for(school.anna).get(f"/letters/{letter}").text
    assert "School vulde dit voor u in" in page and "<dd><bdi>Ja</bdi></dd>" in page


def test_the_other_guardian_learns_nothing(client_for, school, letter, asked):
    daan = client_for(school.daan)
    before = daan.get(f"/letters/{letter}").text
    post(client_for(school.tess), letter, school.anna, asked.form(school.bram, "Ja", "Nee"))
    after = daan.get(f"/letters/{letter}").text
    assert [line for line in before.splitlines() if "csrf" not in line] == [
        line for line in after.splitlines() if "csrf" not in line
    ]


def test_mistakes_are_said_at_their_field(client_for, school, letter, asked, rows):
    answer = post(client_for(school.tess), letter, school.anna, asked.form(school.bram, "", "Ja, ik rijd"))
    assert answer.status_code == 422 and "Kies een antwoord bij" in answer.text
    assert rows(SlipAnswer) == []


def test_it_can_be_withdrawn(client_for, school, letter, asked, rows):
    tess = client_for(school.tess)
    post(tess, letter, school.anna, asked.form(school.bram, "Ja", "Ja, ik rijd"))
    tess.get(f"/staff/letters/{letter}/answers")
    assert post(tess, letter, school.anna, {"withdraw": f"p{school.bram.id}"}).status_code == 303
    assert rows(SlipAnswer) == [] and taken(rows) == {"Ja, ik rijd": 0}
    page = tess.get(f"/staff/letters/{letter}/answers").text
    assert "Het antwoord is ingetrokken." in page and "Het antwoord is bewaard" not in page


class TestTwoChildren:
    """What the parent signed about one child stays the parent's when school changes that about the other."""

    @pytest.fixture
    def letter(self, app, school, at):
        at("2026-11-23 15:30")
        number = send_with_slip(
            app, school, EVERY_KIND, parts=[Part(SCHOOL)], author=school.otto, role="office"
        )
        at("2026-11-24 09:10")
        return number

    def fields(self, asked, school, bram="Ja", noor="Ja", signed="Anna Bakker"):
        return {
            **asked.form(school.bram, bram, "Verf", "4", "Geen noten", "2026-12-01", "Ja"),
            **asked.form(school.noor, noor, "Hout", "", "", "", "Ja"),
            "signed": signed,
        }

    def test_only_what_changed_is_filled_in_by_school(self, client_for, school, letter, asked, rows, at):
        anna = client_for(school.anna)
        assert anna.post(f"/letters/{letter}/reply", data=self.fields(asked, school)).status_code == 303
        at("2026-11-24 09:30")
        changed = self.fields(asked, school, bram="Nee", signed="Otto Vos")
        assert post(client_for(school.otto), letter, school.anna, changed).status_code == 303
        found = {answer.pupil_id: answer for answer in rows(SlipAnswer)}
        bram, noor = found[school.bram.id], found[school.noor.id]
        assert (bram.by_staff, bram.signed) == (school.otto.id, "Otto Vos") and bram.changed_at
        assert (noor.by_staff, noor.signed, noor.changed_at) == (None, "Anna Bakker", None)

    def test_what_the_parent_signs_after_school_is_the_parents(self, client_for, school, letter, asked, rows):
        by_phone = self.fields(asked, school, signed="Otto Vos")
        assert post(client_for(school.otto), letter, school.anna, by_phone).status_code == 303
        anna = client_for(school.anna)
        assert anna.post(f"/letters/{letter}/reply", data=self.fields(asked, school)).status_code == 303
        assert {(one.by_staff, one.signed) for one in rows(SlipAnswer)} == {(None, "Anna Bakker")}


@pytest.mark.parametrize("who", ["carl", "gert", "dora", "tim"])
def test_only_for_who_received_it(client_for, school, letter, asked, rows, who):
    fields = asked.form(school.bram, "Ja", "Nee")
    assert post(client_for(school.tess), letter, getattr(school, who), fields).status_code == 404
    assert rows(SlipAnswer) == []
