"""The pages on which letters are written are valid HTML, empty, filled in and refused."""

from io import BytesIO

import pytest

from portal.models.school import School
from tests.albums.pictures import jpeg
from tests.letters.files import PDF, attach, docx
from tests.letters.sending import own, send, set_out
from tests.letters.slips import EVERY_KIND, send_with_slip
from tests.letters.test_letter_files import upload


@pytest.mark.parametrize("engine", ["sqlite"])
def test_every_page_is_valid_html(app, client_for, school, nu_check, change):
    otto, tess = client_for(school.otto), client_for(school.tess)
    sent, ready = send(app, *own(school)), set_out(app, *own(school))
    asking = send_with_slip(app, school, EVERY_KIND)
    change(School, 1, second_eyes=True)
    asked = set_out(app, school.hedy)
    own_list = otto.post("/school/letters/lists", data={"name": "Koor"}).location
    otto.post(f"{own_list}/members", data={"add": f"pupil:{school.bram.id}"})
    parts = ["school", f"group:{school.group_6}", f"guardian:{school.bram.id}-{school.anna.id}"]
    fields = {"part": parts, "without": f"pupil:{school.noor.id}", "title": "Museum", "text": "**Dag**"}
    draft = otto.post("/staff/letters/new", data=fields).location
    for letter in (sent, ready):
        attach(app, letter, school.tess)
        attach(app, letter, school.tess, docx(), "Rooster.docx")
        attach(app, letter, school.tess, jpeg(), "De bus.jpg", inline=True)
    begun = int(draft.rsplit("/", 1)[1])
    for content, name in ((PDF, "a.pdf"), (docx(), "b.docx")):
        assert upload(otto, begun, content, name).status_code == 201
    assert upload(otto, begun, jpeg(), "De bus.jpg", inline="1").status_code == 201
    assert upload(tess, sent, PDF + b"2").status_code == 201
    wanted = [
        (client_for(school.anna), f"/letters/{sent}"),
        (tess, f"/staff/letters/{sent}/paper"),
        (tess, f"/staff/letters/{asking}/paper"),
        (client_for(school.anna), f"/letters/{asking}"),
        (otto, "/staff/letters/new"),
        (otto, f"{draft}?q=sem"),
        (otto, f"{draft}?list=1"),
        (otto, "/staff/letters/recipients?part=school"),
        (otto, "/staff/letters"),
        (otto, f"/staff/letters/{asked}"),
        (otto, "/school/letters/lists"),
        (otto, f"{own_list}?q=bram"),
        (otto, "/school/settings"),
        *[(tess, f"/staff/letters/{path}") for path in (ready, f"{sent}/correction", f"{sent}/withdrawal")],
    ]
    pages = [(path, client.get(path).text) for client, path in wanted]
    refused = {"title": "x" * 200, "text": "x", "part": "school", "do": "send"}
    pages += [
        ("refused", tess.post("/staff/letters/new", data=refused).text),
        ("overtaken", otto.post(draft, data={**fields, "revision": "0"}).text),
        ("files", otto.post(draft, data={**fields, "revision": "1", "files": (BytesIO(b"MZ"), "x")}).text),
        ("look", otto.post("/staff/letters/look", data=fields).text),
        ("correction", tess.post(f"/staff/letters/{sent}/correction/look", data=fields).text),
    ]
    assert [str(one) for one in nu_check(pages) if one.kind != "info"] == []
