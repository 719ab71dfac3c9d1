"""What is sent twice, by a double tap or after a lost connection, is done once; the next day it is new."""

import io
import threading

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from portal.models.accounts import User
from portal.models.albums import Album
from portal.models.arrangements import ArrangementEntry, Barring, InformationRequest, Release
from portal.models.audit import AuditEntry
from portal.models.outbox import OutgoingMessage
from portal.models.pupils import CareNote, EmergencyContact
from portal.models.roster import Guardianship

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nThe whole report of Noor.\n%%EOF\n"
OMA = {"name": "Oma Riet", "relation": "oma", "phone": "06 5550 4321"}
NUTS = {"kind": "allergy", "what": "sesam", "what_to_do": "Bel ons."}


def contact(client, school, name="Oma Riet"):
    return client.post(f"/pupils/{school.noor.id}/contacts", data=OMA | {"name": name})


def care(client, school, name="sesam"):
    return client.post(f"/pupils/{school.noor.id}/care", data=NUTS | {"what": name})


def album(client, school, name="Schaatsen"):
    return client.post(f"/groups/{school.group_6}/albums/new", data={"title": name})


def release(client, school, name="Rapport", content=PDF):
    form = {
        "to": school.gert.id,
        "title": name,
        "text": "",
        "file": FileStorage(io.BytesIO(content), "R.pdf"),
    }
    boundary, body = encode_multipart(MultiDict(form))
    return client.post(
        f"/school/pupils/{school.noor.id}/releases/new",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def question(client, school, name="Hoe gaat het met rekenen?"):
    path = f"/pupils/{school.noor.id}/information/requests/new"
    return client.post(path, data={"question": name})


SENT = [
    pytest.param(contact, "anna", EmergencyContact, id="contact"),
    pytest.param(care, "anna", CareNote, id="care"),
    pytest.param(album, "yara", Album, id="album"),
    pytest.param(release, "otto", Release, id="release"),
    pytest.param(question, "gert", InformationRequest, id="question"),
]


def codes_of_all(clients, send):
    """Let each client send at the same moment, and return how that was answered."""
    codes = []
    threads = [
        threading.Thread(target=lambda client=client: codes.append(send(client).status_code))
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes


@pytest.mark.parametrize(("send", "person", "model"), SENT)
def test_the_same_twice_is_there_once_and_next_day_again(client_for, school, rows, at, send, person, model):
    before, client = len(rows(model)), client_for(getattr(school, person))
    first, again = send(client, school), send(client, school)
    assert (first.status_code, again.status_code) == (303, 303)
    assert again.location == first.location
    assert len(rows(model)) == before + 1
    told = len(rows(OutgoingMessage)), len(rows(AuditEntry))
    send(client, school)
    assert (len(rows(OutgoingMessage)), len(rows(AuditEntry))) == told
    assert send(client, school, "Iets anders").status_code == 303
    assert len(rows(model)) == before + 2
    at("2026-11-25 09:00")
    assert send(client_for(getattr(school, person)), school).status_code == 303
    assert len(rows(model)) == before + 3


@pytest.mark.parametrize(("send", "person", "model"), SENT)
def test_of_two_at_the_same_moment_one_is_there(client_for, school, rows, send, person, model):
    before = len(rows(model))
    clients = [client_for(getattr(school, person)) for _ in range(2)]
    assert codes_of_all(clients, lambda client: send(client, school)) == [303, 303]
    assert len(rows(model)) == before + 1


def test_another_document_with_the_same_title_is_another(client_for, school, rows):
    otto = client_for(school.otto)
    release(otto, school)
    assert release(otto, school, content=PDF + b"%").status_code == 303
    assert len(rows(Release)) == 2


def test_what_another_guardian_wrote_stays_that_ones(client_for, school, rows):
    """That the other one wrote the same just before must not be told (R22)."""
    for person in (school.anna, school.daan):
        client_for(person).post(f"/pupils/{school.bram.id}/care", data=NUTS)
    assert [note.written_by for note in rows(CareNote)] == [school.anna.id, school.daan.id]


def guardian(client, school, **values):
    form = {
        "given_name": "Nora",
        "surname": "Bos",
        "language": "nl",
        "has_authority": "y",
        "phone": "06 1234 5678",
    }
    return client.post(f"/school/pupils/{school.lotte.id}/guardians/new", data=form | values)


def barring(client, school):
    form = {"who": "other", "given_name": "Sjors", "surname": "Vos", "reason": "Contactverbod."}
    return client.post(f"/school/pupils/{school.noor.id}/barrings/new", data=form)


PEOPLE = [
    pytest.param(guardian, Guardianship, id="guardian"),
    pytest.param(barring, Barring, id="barring"),
]


@pytest.mark.parametrize(("send", "model"), PEOPLE)
def test_somebody_without_address_is_one_person(client_for, school, rows, send, model):
    otto = client_for(school.otto)
    before = len(rows(User)), len(rows(model))
    first = send(otto, school)
    told = len(rows(AuditEntry)), len(rows(ArrangementEntry))
    again = send(otto, school)
    assert (first.status_code, again.status_code) == (303, 303)
    assert again.location == first.location
    assert (len(rows(User)), len(rows(model))) == (before[0] + 1, before[1] + 1)
    assert (len(rows(AuditEntry)), len(rows(ArrangementEntry))) == told


@pytest.mark.parametrize(("send", "model"), PEOPLE)
def test_somebody_without_address_is_one_person_at_the_same_moment(client_for, school, rows, send, model):
    before = len(rows(User)), len(rows(model))
    clients = [client_for(school.otto) for _ in range(2)]
    assert codes_of_all(clients, lambda client: send(client, school)) == [303, 303]
    assert (len(rows(User)), len(rows(model))) == (before[0] + 1, before[1] + 1)


def test_a_guardian_with_an_address_is_added_once_too(client_for, school, rows):
    otto, before = client_for(school.otto), len(rows(User))
    answers = [guardian(otto, school, email="nora@bos.example") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(rows(User)) == before + 1


ARRANGED = [
    pytest.param("pupils/{noor}/arrangement/apart", {"apart": "yes"}, id="apart"),
    pytest.param("guardianships/{place}/authority", {"authority": "no"}, id="authority"),
    pytest.param("guardianships/{place}/hiding", {"step": "hide"}, id="hide"),
    pytest.param("guardianships/{place}/hiding", {"step": "lock"}, id="lock"),
    pytest.param("pupils/{noor}/barrings/new", {"who": "{anna}"}, id="bar"),
]


@pytest.mark.parametrize(("path", "form"), ARRANGED)
def test_a_change_of_the_arrangement_is_one_change(client_for, school, rows, path, form):
    """And nobody reads that it was a colleague."""
    place = next(
        one for one in rows(Guardianship) if one.user_id == school.anna.id and one.pupil_id == school.noor.id
    )
    names = {"noor": school.noor.id, "anna": school.anna.id, "place": place.id}
    data = {key: value.format(**names) for key, value in form.items()} | {"reason": "Afspraak."}
    path = "/school/" + path.format(**names)
    otto, hedy = client_for(school.otto), client_for(school.hedy)
    first = otto.post(path, data=data)
    told = len(rows(AuditEntry)), len(rows(ArrangementEntry))
    again = otto.post(path, data=data)
    assert (first.status_code, again.status_code, again.location) == (303, 303, first.location)
    assert (len(rows(AuditEntry)), len(rows(ArrangementEntry))) == told
    assert hedy.post(path, data=data).status_code == 422
    assert otto.post(path, data=data | {"reason": "Iets anders."}).status_code == 422


def test_contact_is_allowed_again_once(client_for, school, rows):
    otto = client_for(school.otto)
    barring(otto, school)
    path = f"/school/barrings/{rows(Barring)[0].id}/lifting"
    assert [otto.post(path, data={"reason": "Vervallen."}).status_code for _ in range(2)] == [303, 303]
    assert [one.what for one in rows(ArrangementEntry)] == ["barred", "lifted"]
    assert client_for(school.hedy).post(path, data={"reason": "Vervallen."}).status_code == 422


def test_ending_what_school_hid_or_locked_is_done_once(client_for, school, rows, at):
    place = next(
        one for one in rows(Guardianship) if one.user_id == school.anna.id and one.pupil_id == school.noor.id
    )
    otto, path = client_for(school.otto), f"/school/guardianships/{place.id}/hiding"
    for step in ("lock", "lock", "unlock", "unlock", "show", "show"):
        assert otto.post(path, data={"step": step, "reason": "Afspraak."}).status_code == 303, step
    assert [one.what for one in rows(ArrangementEntry)] == ["locked", "unlocked", "shown"]
    at("2026-11-24 12:05")
    client_for(school.anna).post("/profile/hiding", data={"hidden": "yes"})
    assert [one.hidden_at is not None for one in rows(Guardianship) if one.id == place.id] == [True]
    assert otto.post(path, data={"step": "show", "reason": "Afspraak."}).status_code == 422
