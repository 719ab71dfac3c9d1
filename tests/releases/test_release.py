"""What school gives one guardian, one by one: released, read, downloaded, taken back, each of it logged."""

import io
from html import unescape
from urllib.parse import quote

import pytest

from portal.domain.demo.arrangements import pdf_of
from portal.domain.releases import MAX_FILE, safe_name
from portal.models.arrangements import ArrangementEntry, Release
from portal.models.audit import AuditEntry
from tests.releases.conftest import PDF


def test_it_is_released_read_and_downloaded(gert, office, release, school, rows):
    answer = release()
    assert (answer.status_code, answer.location) == (303, f"/school/pupils/{school.noor.id}/arrangement")
    [released] = rows(Release)
    page = gert.get("/").text
    assert f"/releases/{released.id}" in page and "Rapport" in page
    assert "Download Rapport.pdf" in gert.get(f"/releases/{released.id}").text
    file = gert.post(f"/releases/{released.id}/file")
    assert (file.status_code, file.data) == (200, PDF)
    assert file.headers["Content-Disposition"].startswith("attachment; filename=Rapport.pdf;")
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.headers["Cache-Control"] == "no-store"
    assert "sandbox" in file.headers["Content-Security-Policy"]
    logged = [(one.what, one.about, one.changed_by) for one in rows(ArrangementEntry)]
    assert logged == [
        ("released", school.gert.id, school.otto.id),
        ("downloaded", school.gert.id, school.gert.id),
    ]
    assert [one.verb for one in rows(AuditEntry)] == ["arrangement_released", "arrangement_downloaded"]
    history = office.get(f"/school/pupils/{school.noor.id}/arrangement").text
    assert "Gedownload, vrijgegeven aan Gert Smit" in history


def test_a_text_without_a_file(gert, release, rows):
    assert release(content=None, text="Noor leest\nop niveau.").status_code == 303
    number = rows(Release)[0].id
    page = gert.get(f"/releases/{number}").text
    assert "op niveau." in page and "Download" not in page
    assert gert.post(f"/releases/{number}/file").status_code == 404


def test_looking_changes_nothing(gert, release, rows):
    release()
    before = len(rows(ArrangementEntry))
    gert.get(f"/releases/{rows(Release)[0].id}")
    assert len(rows(ArrangementEntry)) == before


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("rapport.pdf", b"<html><script>alert(1)</script>", "Dit is geen PDF."),
        ("rapport.pdf", b"", "Dit is geen PDF."),
        ("rapport.pdf", b"\x00%PDF-1.4", "Dit is geen PDF."),
        ("rapport.pdf", PDF + b"x" * MAX_FILE, "Dit bestand is groter dan 10 MB."),
    ],
)
def test_only_a_pdf_of_a_fair_size_by_what_it_is(release, rows, name, content, sentence):
    answer = release(name, content)
    assert answer.status_code == 422
    assert sentence in answer.text and 'value="Rapport"' in answer.text
    assert rows(Release) == []


def test_a_pdf_by_any_name_is_a_pdf(release, rows):
    assert release("rapport.docx.exe", PDF + b"x" * (MAX_FILE - len(PDF))).status_code == 303
    assert rows(Release)[0].file_name == "rapport.docx.exe.pdf"


def test_more_than_that_is_not_even_read(release, rows):
    assert release(content=PDF + b"x" * (MAX_FILE + 2_000_000)).status_code == 413
    assert rows(Release) == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Rapport groep 6.pdf", "Rapport groep 6.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\temp\\Zoë.PDF", "Zoë.pdf"),
        ('a"; filename="b.html', "a filename b.html.pdf"),
        ("\u202egnp.exe\r\nX: y", "gnp.exe X y.pdf"),
        ("....", "document.pdf"),
        ("x" * 300, "x" * 80 + ".pdf"),
    ],
)
def test_a_name_is_safe(typed, kept):
    assert safe_name(typed) == kept


def test_a_name_with_accents_survives_the_header(gert, release, rows):
    release("Zoë – verslag.pdf")
    header = gert.post(f"/releases/{rows(Release)[0].id}/file").headers["Content-Disposition"]
    assert f"filename*=UTF-8''{quote('Zoë verslag.pdf')}" in header


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"title": ""}, "Vul een titel in"),
        ({"content": None}, "Schrijf een tekst of voeg een PDF toe."),
        ({"to": ""}, 'id="errors"'),
        ({"text": "x" * 10_001}, "hoogstens 10000"),
    ],
)
def test_it_says_what_is_wrong(release, rows, data, sentence):
    answer = release(**data)
    assert answer.status_code == 422 and sentence in unescape(answer.text)
    assert rows(Release) == []


def test_only_a_guardian_without_authority_gets_something(office, release, school, rows):
    assert release(to=school.anna.id).status_code == 422
    assert release(to=school.carl.id).status_code == 422
    page = office.get(f"/school/pupils/{school.bram.id}/releases/new").text
    assert "Niemand om aan vrij te geven" in page
    assert rows(Release) == []


def test_it_is_taken_back_with_a_reason(gert, office, release, rows):
    release()
    number = rows(Release)[0].id
    path = f"/school/releases/{number}/withdrawal"
    assert office.post(path, data={"reason": ""}).status_code == 422
    assert office.post(path, data={"reason": "Verkeerd kind."}).status_code == 303
    assert office.post(path, data={"reason": "Nog eens."}).status_code == 422
    assert gert.get(f"/releases/{number}").status_code == 404
    assert gert.post(f"/releases/{number}/file").status_code == 404
    assert "Rapport" not in gert.get("/").text
    assert rows(ArrangementEntry)[-1].reason == "Rapport: Verkeerd kind."


def test_the_office_can_read_again_what_it_released(office, release, rows, school):
    release()
    answer = office.post(f"/school/releases/{rows(Release)[0].id}/file")
    assert answer.data == PDF
    assert (rows(ArrangementEntry)[-1].what, rows(ArrangementEntry)[-1].changed_by) == (
        "downloaded",
        school.otto.id,
    )


def test_a_pdf_goes_with_an_answer(gert, office, school, rows):
    gert.post(f"/pupils/{school.noor.id}/information/requests/new", data={"question": "Rapport?"})
    data = {"decision": "answer", "answer": "", "file": (io.BytesIO(PDF), "r.pdf"), "title": "Rapport 1"}
    answer = office.post("/school/information/1", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    [released] = rows(Release)
    assert (released.request_id, released.title) == (1, "Rapport 1")
    assert "Rapport 1" in gert.get("/").text


def test_nobody_else_gets_it(client_for, release, school, rows, anonymous):
    release()
    number = rows(Release)[0].id
    for person in (school.anna, school.daan, school.carl, school.tess, school.otto):
        assert client_for(person).get(f"/releases/{number}").status_code == 404
        assert client_for(person).post(f"/releases/{number}/file").status_code == 404
    assert anonymous.get(f"/releases/{number}").status_code == 303


def test_revoked_or_barred_is_no_access_from_that_moment(gert, office, release, school, rows):
    release()
    number = rows(Release)[0].id
    office.post(
        f"/school/pupils/{school.noor.id}/barrings/new", data={"who": school.gert.id, "reason": "Verbod."}
    )
    assert gert.get(f"/releases/{number}").status_code == 303  # signed out: nothing is left for him
    assert "Gert Smit" in office.get(f"/school/pupils/{school.noor.id}").text


def test_the_demos_pdf_is_one():
    assert pdf_of("Rapport (İsmail)").startswith(b"%PDF-")
