"""Emergency contacts: each guardian keeps the own ones, school all of them."""

import pytest

from portal.models.audit import AuditEntry
from portal.models.pupils import EmergencyContact
from tests.clients import versions_in

OMA = {"name": "Oma  Riet", "relation": "oma", "phone": "06 5550 4321"}


def add(client, pupil, **fields):
    return client.post(f"/pupils/{pupil.id}/contacts", data=OMA | fields)


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


def order(rows, giver):
    mine = [one for one in rows(EmergencyContact) if one.given_by == (giver.id if giver else None)]
    return [one.name for one in sorted(mine, key=lambda one: one.position)]


def test_a_guardian_adds_somebody_and_it_is_recorded(anna, school, rows):
    answer = add(anna, school.bram)
    assert (answer.status_code, answer.location) == (303, f"/pupils/{school.bram.id}/contacts")
    (contact,) = rows(EmergencyContact)
    assert (contact.name, contact.phone, contact.phone_e164) == ("Oma Riet", "06 5550 4321", "+31655504321")
    assert (contact.given_by, contact.position) == (school.anna.id, 1)
    assert rows(AuditEntry)[-1].verb == "add_contact"
    assert "Oma Riet" in anna.get(f"/pupils/{school.bram.id}/contacts").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "Typ de naam van wie school kan bellen."),
        ({"phone": ""}, "Typ een telefoonnummer."),
        ({"phone": "bel maar"}, "Dit is geen telefoonnummer."),
        ({"name": "x" * 101}, "Gebruik hoogstens 100 tekens."),
    ],
)
def test_it_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(anna, school, rows, fields, sentence):
    answer = add(anna, school.bram, **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="oma"' in answer.text
    assert rows(EmergencyContact) == []


def test_there_are_six_at_most_of_each(anna, client_for, school, rows):
    for number in range(8):
        add(anna, school.bram, name=f"Nummer {number}")
    assert len(rows(EmergencyContact)) == 6
    assert add(anna, school.bram).status_code == 422
    assert add(client_for(school.daan), school.bram).status_code == 303
    assert add(client_for(school.tess), school.bram, given_by=0).status_code == 303


def test_they_are_called_in_the_order_that_the_guardian_chooses(anna, school, rows):
    for name in ("Een", "Twee", "Drie"):
        add(anna, school.bram, name=name)
    numbers = {one.name: one.id for one in rows(EmergencyContact)}
    anna.post(f"/contacts/{numbers['Drie']}/position", data={"to": "up"})
    assert order(rows, school.anna) == ["Een", "Drie", "Twee"]
    anna.post(f"/contacts/{numbers['Een']}/position", data={"to": "up"})
    assert order(rows, school.anna) == ["Een", "Drie", "Twee"]
    anna.post(f"/contacts/{numbers['Een']}/position", data={"to": "down"})
    assert order(rows, school.anna) == ["Drie", "Een", "Twee"]
    anna.post(f"/contacts/{numbers['Drie']}/removal")
    assert [(one.name, one.position) for one in rows(EmergencyContact)] == [("Een", 1), ("Twee", 2)]
    assert rows(AuditEntry)[-1].verb == "remove_contact"


def test_the_other_guardian_reaches_none_of_them(client_for, school, give_contact, rows):
    number = give_contact(school.bram, school.anna, "Oma Riet")
    daan = client_for(school.daan)
    for page in ("", "/contacts"):
        assert "Oma Riet" not in daan.get(f"/pupils/{school.bram.id}{page}").text
    assert daan.get(f"/contacts/{number}").status_code == 404
    for act in ("", "/position", "/removal"):
        assert daan.post(f"/contacts/{number}{act}", data=OMA).status_code == 404
    assert len(rows(EmergencyContact)) == 1


def test_a_contact_is_changed(anna, school, give_contact, rows):
    number = give_contact(school.bram, school.anna, "Oma Riet")
    assert 'value="Oma Riet"' in anna.get(f"/contacts/{number}").text
    answer = anna.send_back(f"/contacts/{number}", OMA | {"name": "Oma Greet"})
    assert answer.status_code == 303
    assert [one.name for one in rows(EmergencyContact)] == ["Oma Greet"]
    assert anna.post(f"/contacts/{number}", data=OMA | {"phone": "x"}).status_code == 422


def test_the_second_of_two_writers_reads_what_stands_there_now_and_keeps_what_was_typed(
    anna, client_for, school, give_contact, rows
):
    number = give_contact(school.bram, school.anna, "Oma Riet")
    seen = versions_in(anna.get(f"/contacts/{number}"))
    client_for(school.tim).send_back(f"/contacts/{number}", OMA | {"phone": "06 5550 0000"})
    typed = OMA | {"name": "Oma Greet"}
    refused = anna.post(f"/contacts/{number}", data=typed | seen)
    assert refused.status_code == 409
    assert "Iemand anders heeft dit net gewijzigd." in refused.text
    assert 'value="Oma Greet"' in refused.text and "<bdi>06 5550 0000</bdi>" in refused.text
    assert "Tim" not in refused.text
    assert [(one.name, one.phone) for one in rows(EmergencyContact)] == [("Oma Riet", "06 5550 0000")]
    assert anna.post(f"/contacts/{number}", data=typed | versions_in(refused)).status_code == 303
    assert [(one.name, one.phone) for one in rows(EmergencyContact)] == [("Oma Greet", "06 5550 4321")]


class TestSchool:
    def test_it_notes_a_contact_for_the_guardian_who_called(self, client_for, anna, school, rows):
        tess = client_for(school.tess)
        page = tess.get(f"/pupils/{school.bram.id}/contacts").text
        assert "Anna Bakker" in page and "Daan Visser" in page
        add(tess, school.bram, given_by=school.anna.id)
        assert order(rows, school.anna) == ["Oma Riet"]
        assert "Oma Riet" in anna.get(f"/pupils/{school.bram.id}/contacts").text
        assert "Oma Riet" not in client_for(school.daan).get(f"/pupils/{school.bram.id}/contacts").text

    def test_its_own_contact_is_shown_to_no_guardian(self, client_for, anna, school, rows):
        add(client_for(school.otto), school.bram, name="BSO De Boom", given_by=0)
        assert order(rows, None) == ["BSO De Boom"]
        for person in (school.anna, school.daan):
            assert "BSO" not in client_for(person).get(f"/pupils/{school.bram.id}/contacts").text
        assert "BSO" in client_for(school.tim).get(f"/pupils/{school.bram.id}/contacts").text

    @pytest.mark.parametrize("giver", ["gert", "carl"])
    def test_only_guardians_who_decide_can_be_the_giver(self, client_for, school, rows, giver):
        answer = add(client_for(school.yara), school.noor, given_by=getattr(school, giver).id)
        assert answer.status_code == 422
        assert rows(EmergencyContact) == []

    def test_it_changes_and_removes_what_guardians_gave(self, client_for, school, give_contact, rows):
        number = give_contact(school.bram, school.anna, "Oma Riet")
        tim = client_for(school.tim)
        assert tim.send_back(f"/contacts/{number}", OMA | {"name": "Oma Greet"}).status_code == 303
        assert order(rows, school.anna) == ["Oma Greet"]
        assert client_for(school.otto).post(f"/contacts/{number}/removal").status_code == 303
        assert rows(EmergencyContact) == []

    def test_a_guardian_cannot_give_in_the_name_of_another(self, client_for, school, rows):
        add(client_for(school.daan), school.bram, given_by=school.anna.id)
        assert [one.given_by for one in rows(EmergencyContact)] == [school.daan.id]
