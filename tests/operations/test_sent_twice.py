"""What is sent twice, by a double tap or after a lost connection, is done once; the next day it is new."""

import io
import threading

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from portal.models.albums import Album
from portal.models.arrangements import Release
from portal.models.audit import AuditEntry
from portal.models.outbox import OutgoingMessage
from portal.models.pupils import CareNote, EmergencyContact

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


SENT = [
    pytest.param(contact, "anna", EmergencyContact, id="contact"),
    pytest.param(care, "anna", CareNote, id="care"),
    pytest.param(album, "yara", Album, id="album"),
    pytest.param(release, "otto", Release, id="release"),
]


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
    codes = []
    threads = [
        threading.Thread(target=lambda client=client: codes.append(send(client, school).status_code))
        for client in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [303, 303]
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
