"""GET and POST /staff/letters/<id>/answers/<guardian>: school fills in the slip for a guardian who calls."""

import pytest

from portal.models.audit import AuditEntry
from portal.models.slips import SlipAnswer
from tests.letters.slips import Asked, answered, send_with_slip, taken


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
    assert post(tess, letter, school.anna, {"withdraw": f"p{school.bram.id}"}).status_code == 303
    assert rows(SlipAnswer) == [] and taken(rows) == {"Ja, ik rijd": 0}


@pytest.mark.parametrize("who", ["carl", "gert", "dora", "tim"])
def test_only_for_who_received_it(client_for, school, letter, asked, rows, who):
    fields = asked.form(school.bram, "Ja", "Nee")
    assert post(client_for(school.tess), letter, getattr(school, who), fields).status_code == 404
    assert rows(SlipAnswer) == []
