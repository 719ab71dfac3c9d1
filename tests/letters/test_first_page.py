"""The small picture of a PDF's first page: for who has the PDF, and never at the cost of anything else."""

import re
import subprocess
import sys
import time
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from portal.domain import first_pages, incoming_files
from portal.domain.first_pages import first_page_of
from portal.models.letters import Attachment, AttachmentFile
from tests.conversations.writing import begin
from tests.letters.files import PDF
from tests.letters.pdfs import WITHOUT_PICTURE, pdf
from tests.letters.sending import own, send
from tests.letters.test_letter_files import upload
from tests.letters.test_look_at_correction import typed


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


@pytest.fixture
def letter(app, tess, school):
    """A letter that parents have, with a PDF."""
    number = send(app, *own(school))
    assert upload(tess, number, pdf(), "Programma.pdf").status_code == 201
    assert tess.post(f"/staff/letters/{number}/correction", data=typed()).status_code == 303
    return number


def address_in(page: str) -> str:
    return re.search(r'src="(/attachments/[^"]+\?small)"', page)[1]


def test_a_parent_sees_it_in_the_letter_at_its_own_size_when_it_comes_into_view(client_for, school, letter):
    anna = client_for(school.anna)
    page = anna.get(f"/letters/{letter}").text
    [tag] = re.findall(r"<img [^>]*\?small[^>]*>", page)
    assert 'alt="Eerste bladzijde van Programma"' in tag and 'loading="lazy"' in tag
    assert 'width="181" height="256"' in tag
    answer = anna.get(address_in(page))
    with Image.open(BytesIO(answer.data)) as image:
        assert (image.format, image.size) == ("WEBP", (181, 256))
        assert image.convert("L").getextrema()[0] < 100
    assert answer.content_type == "image/webp" and len(answer.data) < 10_000
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; ")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_letter_with_it_is_valid_html(client_for, tess, school, letter, nu_check):
    pages = [
        ("letter", client_for(school.anna).get(f"/letters/{letter}").text),
        ("correction", tess.get(f"/staff/letters/{letter}/correction").text),
    ]
    assert all("?small" in page for _name, page in pages)
    assert [str(one) for one in nu_check(pages) if one.kind != "info"] == []


def test_who_has_not_the_pdf_has_not_its_picture(client_for, school, letter):
    address = address_in(client_for(school.anna).get(f"/letters/{letter}").text)
    assert client_for(school.dora).get(address).status_code == 404
    assert client_for(school.yara).get(address).status_code == 404
    assert client_for(None).get(address).status_code == 303


def test_until_a_correction_is_saved_only_its_writer_sees_it(app, client_for, tess, school):
    number = send(app, *own(school))
    address = address_in(upload(tess, number, pdf(), "Programma.pdf").json["list"])
    assert tess.get(address).status_code == 200
    assert client_for(school.anna).get(address).status_code == 404


def test_it_goes_with_the_pdf(client_for, tess, school, letter, rows):
    number = rows(Attachment)[0].id
    data = typed(remove_file=str(number), revision="2")
    assert tess.post(f"/staff/letters/{letter}/correction", data=data).status_code == 303
    assert rows(AttachmentFile) == []


def test_a_pdf_without_one_goes_as_before(app, client_for, tess, school, rows):
    number = send(app, *own(school))
    assert upload(tess, number, PDF).status_code == 201
    assert tess.post(f"/staff/letters/{number}/correction", data=typed()).status_code == 303
    page = client_for(school.anna).get(f"/letters/{number}").text
    assert "?small" not in page and "1 bijlage" in page
    assert [row.part for row in rows(AttachmentFile)] == ["file"]
    key = rows(Attachment)[0].key
    assert client_for(school.anna).get(f"/attachments/{key}?small").status_code == 404


def test_of_what_a_parent_sends_none_is_made(client_for, school, rows):
    begin(client_for(school.anna), school.bram, school.group_34, files=(BytesIO(pdf()), "Brief.pdf"))
    assert [row.part for row in rows(AttachmentFile)] == ["file"]


@pytest.mark.parametrize("content", WITHOUT_PICTURE.values(), ids=WITHOUT_PICTURE)
def test_what_is_made_to_do_harm_has_none_and_costs_seconds(content):
    began = time.monotonic()
    assert first_page_of(content) is None
    assert time.monotonic() - began < first_pages.LONGEST + 5


def test_it_is_taken_in_all_the_same(app):
    content = WITHOUT_PICTURE["a drawing that never ends"]
    with app.app_context():
        taken = incoming_files.take_in("a.pdf", BytesIO(content), first_page=True)
    assert (taken.content, taken.preview, taken.width) == (content, b"", None)


def test_a_file_that_broke_on_its_way_breaks_nothing():
    chance, whole = Random(40), pdf()
    for number in range(12):
        broken = bytearray(whole[: chance.randrange(20, len(whole) + 1) if number % 3 == 0 else None])
        for _ in range(chance.randrange(12)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        made = first_page_of(bytes(broken))
        assert made is None or 0 < max(made.width, made.height) <= first_pages.LONGEST_SIDE


SHUT_IN = """
import runpy, socket, sys
program = runpy.run_path(sys.argv[1])
program["_shut_in"]()
for attempt in (lambda: open(sys.argv[1]), lambda: socket.socket(), lambda: bytearray(400_000_000)):
    try:
        attempt()
        print("had it")
    except (OSError, MemoryError):
        print("refused")
"""


def test_the_process_can_open_nothing_and_has_little_memory():
    command = [sys.executable, "-I", "-c", SHUT_IN, str(first_pages.PROGRAM)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split("\n") == ["refused", "refused", "refused", ""]


@pytest.mark.parametrize(
    "answer", [b"", b"x", b"\0\xb5\1\0<html>", b"\0\xb5\x7f\xffRIFF....WEBP", b"x" * 70_000]
)
def test_nothing_else_that_comes_out_of_it_is_kept(answer):
    assert first_pages._read(answer) is None  # noqa: SLF001
