"""SAFETY 16: files made to do harm do none: executed 0, leaked places 0, memory below 200 MB more."""

import subprocess
import sys
import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from portal.domain.file_kinds import KINDS, NAME_LENGTH, PDF, PICTURE, UnknownKind, kind_of, safe_name
from portal.models.letters import Attachment, Letter
from tests.albums.pictures import MARK, jpeg, with_everything
from tests.albums.test_hostile_photos import HARMLESS, OWN, SCRIPT
from tests.letters import files
from tests.letters.files import docx, packed
from tests.letters.pdfs import BOMB, WITHOUT_PICTURE
from tests.letters.test_letter_files import upload
from tests.material import material

MOST_MORE = 200_000
"""Kilobytes."""

POLYGLOTS = {
    "a page behind the head of a PDF": files.PDF + SCRIPT,
    "a PDF that is a zip with a page": files.PDF + packed({"index.html": SCRIPT}),
    "a Word file with a page behind it": docx() + SCRIPT,
    "a photo with a page behind it": jpeg() + SCRIPT,
    "a photo with a page in its comment": jpeg(comment=SCRIPT),
    "a photo with a place": with_everything(),
}


NAMES = (
    "../../etc/passwd",
    "C:\\Users\\a\\brief.pdf",
    "exe.\u202efdp.scr",
    "a\r\nSet-Cookie: x=1.pdf",
    "\0.pdf",
    "....pdf",
    "a" * 300 + ".pdf",
    '"; filename=x.html',
    "con\u200b.pdf",
    "brief.pdf.exe",
    "é漢字😀.pdf",
)
PARTS = (
    *("..", "/", "\\", "\0", "\n", "\r", "\u202e", "\u2066", "\u200b", "\ufeff", "%2e%2e%2f", "con", "C:"),
    *("~", "$(id)", "`id`", "<script>", '"', "'", ";", "|", "*", "?", ".pdf", ".exe", ".html", " ", "."),
    *("\ud800", "é", "漢", "😀", "a"),
)


@cache
def zip_bomb() -> bytes:
    """Return a Word file of 400 kB that is 400 MB when it is unpacked."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as member:
            for _ in range(410):
                member.write(b"\0" * 1_000_000)
    return file.getvalue()


def with_many_members() -> bytes:
    return packed({"[Content_Types].xml": "", "word/document.xml": "", **{str(n): "" for n in range(6000)}})


def locked() -> bytes:
    """Return a Word file whose members say that they have a password."""
    content = bytearray(docx())
    place = content.index(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


REFUSED = {
    "a zip bomb in a Word file": zip_bomb,
    "a Word file of thousands of members": with_many_members,
    "a Word file with a password": locked,
    "two kinds of Office file in one": lambda: docx(**{"xl/workbook.xml": ""}),
    "an OpenDocument whose kind is not the first thing in it": lambda: packed(
        {"a": "", "mimetype": "application/vnd.oasis.opendocument.text"}
    ),
    "an OpenDocument of a kind that runs": lambda: packed({"mimetype": "text/html"}, zipfile.ZIP_STORED),
    "an OpenDocument with macros": lambda: packed(
        {"mimetype": "application/vnd.oasis.opendocument.text", "Basic/script.xml": ""}, zipfile.ZIP_STORED
    ),
    "an Office file with a part that runs": lambda: docx(**{"word/activeX/activeX1.bin": ""}),
    "a table of contents that lies": lambda: docx()[:-40] + b"\xff" * 40,
    "a page": lambda: SCRIPT,
    "a program": lambda: b"MZ" + b"\0" * 100,
    "a drawing": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    **{name: make for name, (make, _why) in OWN.items()},
}


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def draft(otto, rows) -> int:
    data = {"title": "Museum", "text": "Wij gaan.", "mail_shows": "hint", "when": "now", "part": "school"}
    assert otto.post("/staff/letters/new", data=data).status_code == 303

    return rows(Letter)[0].id


@pytest.mark.parametrize("engine", ["sqlite"])
class TestUploads:
    def test_what_can_do_harm_is_refused_and_not_kept(self, otto, draft, rows):
        for name, make in REFUSED.items():
            answer = upload(otto, draft, make(), "brief.pdf")
            assert answer.status_code == 422, name
            assert answer.json["problem"], name
        assert rows(Attachment) == []

    def test_what_is_kept_is_never_run(self, otto, draft, rows):
        taken = {**POLYGLOTS, **{f"{name} again": make() for name, make in HARMLESS.items()}}
        for name, content in taken.items():
            answer = upload(otto, draft, content, f"<img src=x onerror=alert(1)>{name}.html")
            assert answer.status_code in (200, 201), (name, answer.json)
            assert "<img src=x" not in answer.json["list"]
        for row in rows(Attachment):
            self.check(otto.get(f"/attachments/{row.key}"), row.kind)

    def test_the_files_of_others_do_no_harm_either(self, otto, draft, rows):
        folder = material("hostile")
        found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        assert len(found) > 25
        for path in found:
            answer = upload(otto, draft, path.read_bytes(), path.name)
            assert answer.status_code in (201, 422), path
            expected = path.suffix in (".pdf", ".jpg") or path.name in ("hopper.png",)
            assert answer.status_code == (201 if expected else 422), path
        for row in rows(Attachment):
            self.check(otto.get(f"/attachments/{row.key}"), row.kind)
        assert {row.kind for row in rows(Attachment)} == {"application/pdf", "image/jpeg"}

    def check(self, answer, kind: str) -> None:
        assert answer.status_code == 200
        assert answer.mimetype == kind in KINDS
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox;")
        assert "allow-" not in answer.headers["Content-Security-Policy"]
        if kind not in (PDF.media_type, PICTURE.media_type):
            assert answer.headers["Content-Disposition"].startswith("attachment;")
        if kind == PICTURE.media_type:
            assert b"script" not in answer.data
            assert MARK.encode() not in answer.data
            with Image.open(BytesIO(answer.data)) as image:
                assert not image.getexif()
                assert {"exif", "xmp", "comment", "icc_profile"} & set(image.info) == set()

    def test_no_name_is_a_path_or_reads_as_another_one(self, otto, draft, rows):
        for number, name in enumerate(NAMES):
            # A line end in its head breaks the form before it is a name.
            expected = 422 if "\n" in name else 201
            assert upload(otto, draft, files.PDF + bytes([number]), name).status_code == expected, name
        for row in rows(Attachment):
            assert row.name.endswith(".pdf")
            assert len(row.name) <= 120
            assert not set(row.name) & set('/\\"<>|:*?\r\n\0\u202e\u200b')
            header = otto.get(f"/attachments/{row.key}").headers["Content-Disposition"]
            assert header.startswith("inline; filename=")
            assert "\n" not in header and "\r" not in header
            assert "Set-Cookie" not in otto.get(f"/attachments/{row.key}").headers


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Programma museumdag.PDF", "Programma museumdag.pdf"),
        ("foto.jpeg.pdf", "foto.pdf"),
        ("", "bijlage.pdf"),
        (".pdf", "bijlage.pdf"),
        ("brief.exe", "brief.exe.pdf"),
        ("nieuws 3.2.pdf", "nieuws 3.2.pdf"),
    ],
)
def test_a_name_stays_as_people_know_it(name, kept):
    assert safe_name(name, PDF) == kept


def test_every_beginning_of_a_file_is_a_kind_or_none():
    for content in (files.PDF, docx(), files.odt(), jpeg(), b"PK\x03\x04", b"%PDF", b"\xff", b"RIFF1234WEBP"):
        for length in range(len(content)):
            try:
                assert kind_of(content[:length]).media_type in KINDS
            except UnknownKind as unknown:
                assert unknown.reason


TAKE_ALL = """
import resource, sys
from io import BytesIO
from pathlib import Path
from random import Random
from portal import create_app
from portal.domain import incoming_files
from portal.errors import Refused
app = create_app({"DATABASE_URL": "sqlite://"})
with app.app_context():
    incoming_files.take_in("a.pdf", BytesIO(b"%PDF-1.4"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in sorted(Path(sys.argv[1]).rglob("*")):
        if path.is_file():
            try:
                incoming_files.take_in(path.name, path.open("rb"), first_page=True)
            except Refused:
                pass
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(after - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_taking_them_in_stays_small(tmp_path):
    """Counted in a process of its own and in the one that makes the pictures, with the largest file too."""
    for number, make in enumerate(REFUSED.values()):
        (tmp_path / f"{number}.bin").write_bytes(make())
    for number, content in enumerate((BOMB, *WITHOUT_PICTURE.values())):
        (tmp_path / f"{number}.pdf").write_bytes(content)
    (tmp_path / "largest.pdf").write_bytes(files.PDF.ljust(15_000_000))
    (tmp_path / "larger.pdf").write_bytes(files.PDF.ljust(16_000_000))
    folders = [tmp_path]
    if (Path(__file__).resolve().parents[3] / "shared" / "material").is_dir():
        folders.append(material("hostile"))
    for folder in folders:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", TAKE_ALL, str(folder)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        more, of_pictures = map(int, done.stdout.split())
        print(f"{more / 1000:.0f} MB more, pictures {of_pictures / 1000:.0f} MB")
        assert more < MOST_MORE
        assert of_pictures < MOST_MORE


def test_ten_thousand_names_become_harmless_ones():
    chance = Random(16)  # noqa: S311
    for _ in range(10_000):
        name = "".join(chance.choices(PARTS, k=chance.randrange(1, 40)))
        for kind in KINDS.values():
            kept = safe_name(name, kind)
            assert kept.endswith(f".{kind.extension}")
            assert len(kept) <= NAME_LENGTH
            assert not kept.startswith(".")
            assert not set(kept) & set('/\\"<>|:*?\0\n\r\u202e\u2066\u200b\ufeff')
            assert kept.encode()
